/* Open addressing with linear probing; FNV-1a. */
#include "lint/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return hash;
}

static struct gl_lint_entry *slot_of(const struct gl_lint_map *map, const char *key, uint64_t hash)
{
    size_t at = hash & (map->size - 1);
    while (map->entries[at].key &&
           (map->entries[at].hash != hash || strcmp(map->entries[at].key, key) != 0))
        at = (at + 1) & (map->size - 1);
    return &map->entries[at];
}

void *gl_lint_map_get(const struct gl_lint_map *map, const char *key)
{
    return map->size ? slot_of(map, key, hash_of(key))->value : NULL;
}

static void grow(struct gl_lint_map *map)
{
    struct gl_lint_map bigger = {.size = map->size ? map->size * 2 : 64};
    bigger.entries = gl_alloc(bigger.size * sizeof *bigger.entries);
    for (size_t i = 0; i < map->size; i++) {
        if (map->entries[i].value) {
            *slot_of(&bigger, map->entries[i].key, map->entries[i].hash) = map->entries[i];
            bigger.used++;
        }
    }
    free(map->entries);
    *map = bigger;
}

void gl_lint_map_set(struct gl_lint_map *map, const char *key, void *value)
{
    if (map->used * 2 >= map->size)
        grow(map);
    uint64_t hash = hash_of(key);
    struct gl_lint_entry *slot = slot_of(map, key, hash);
    if (slot->key) {
        slot->value = value;
    } else if (value) {
        *slot = (struct gl_lint_entry){key, value, hash};
        map->used++;
    }
}

void gl_lint_map_done(struct gl_lint_map *map)
{
    free(map->entries);
    *map = (struct gl_lint_map){0};
}
