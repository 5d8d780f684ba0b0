/* Names to things, as PostgreSQL's catalogue has them. */
#ifndef GL_LINT_MAP_H
#define GL_LINT_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise. Keys and values belong to others. */
struct gl_lint_map {
    struct gl_lint_entry {
        const char *key; /* NULL = free */
        void *value;     /* NULL = was removed */
        uint64_t hash;
    } * entries;

    size_t used; /* removed ones too */
    size_t size; /* a power of two, or 0 */
};

/* NULL if there is none. */
void *gl_lint_map_get(const struct gl_lint_map *map, const char *key);

/* Replaces what was there; NULL removes. `key` must live as long as the map. */
void gl_lint_map_set(struct gl_lint_map *map, const char *key, void *value);

void gl_lint_map_done(struct gl_lint_map *map);

#endif
