/* The layer cache: LAYOUT/cache/KEY.json holds the digests of a layer packed before. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "oci/gzip.h"
#include "oci/layer.h"

/* Kernels stamp files with a clock that ticks every 1 to 10 ms: within this time a second change
 * could leave the same stamp. */
enum { SETTLED_MS = 100 };

static void key_text(struct gl_hasher *hasher, const char *text)
{
    gl_hasher_add(hasher, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void key_entry(struct gl_hasher *hasher, const struct gl_layer_tree_entry *entry)
{
    bool is_file = S_ISREG(entry->st.st_mode);
    const struct stat *st = &entry->st;
    const uint64_t numbers[] = {
        st->st_mode & S_IFMT,
        entry->mode,
        is_file ? st->st_dev : 0,
        is_file ? st->st_ino : 0,
        is_file ? (uint64_t)st->st_size : 0,
        is_file ? (uint64_t)st->st_mtim.tv_sec : 0,
        is_file ? (uint64_t)st->st_mtim.tv_nsec : 0,
        is_file ? (uint64_t)st->st_ctim.tv_sec : 0,
        is_file ? (uint64_t)st->st_ctim.tv_nsec : 0,
    };
    key_text(hasher, entry->target);
    key_text(hasher, entry->link);
    gl_hasher_add(hasher, numbers, sizeof numbers);
}

void gl_layer_key(const struct gl_layer_tree *tree, int64_t created_unix_s,
                  char ret_key[GL_SHA256_HEX_SIZE])
{
    gl_autohasher struct gl_hasher hasher;
    gl_hasher_init(&hasher);
    key_text(&hasher, GL_GZIP_SETTINGS);
    gl_hasher_add(&hasher, &created_unix_s, sizeof created_unix_s);
    for (size_t i = 0; i < tree->count; i++)
        key_entry(&hasher, &tree->entries[i]);
    char digest[GL_DIGEST_SIZE];
    gl_hasher_digest(&hasher, digest);
    memcpy(ret_key, strchr(digest, ':') + 1, GL_SHA256_HEX_SIZE);
}

static char *entry_path(const struct gl_layout *layout, const char *key)
{
    return gl_asprintf("%s/cache/%s.json", layout->dir, key);
}

static bool load(const struct gl_layout *layout, const char *path, struct gl_layer *ret_layer)
{
    gl_autojson json_t *json = NULL;
    if (gl_json_load(path, &json, NULL) < 0)
        return false;
    const char *digest = gl_json_str(json, "digest", NULL);
    const char *diff_id = gl_json_str(json, "diff_id", NULL);
    int64_t size_bytes = gl_json_int(json, "size", -1);
    if (!gl_digest_valid(digest) || !gl_digest_valid(diff_id) || size_bytes < 0)
        return false;
    struct gl_layer layer = {.blob = {.existed = true}};
    memcpy(layer.blob.descriptor.digest, digest, GL_DIGEST_SIZE);
    memcpy(layer.diff_id, diff_id, GL_DIGEST_SIZE);
    layer.blob.descriptor.size_bytes = (uint64_t)size_bytes;
    if (!gl_layout_has(layout, &layer.blob.descriptor))
        return false;
    *ret_layer = layer;
    return true;
}

bool gl_layer_recall(const struct gl_layout *layout, const char *key, struct gl_layer *ret_layer)
{
    gl_autofree char *path = entry_path(layout, key);
    return load(layout, path, ret_layer);
}

static bool is_settled(const struct gl_layer_tree *tree)
{
    int64_t limit_ms = tree->collected_unix_ms - SETTLED_MS;
    for (size_t i = 0; i < tree->count; i++) {
        const struct timespec *time = &tree->entries[i].st.st_ctim;
        if (tree->entries[i].source && time->tv_sec * 1000 + time->tv_nsec / 1000000 > limit_ms)
            return false;
    }
    return true;
}

void gl_layer_remember(const struct gl_layout *layout, const char *key,
                       const struct gl_layer_tree *tree, const struct gl_layer *layer)
{
    if (!is_settled(tree))
        return;
    gl_autofree char *dir = gl_path_join(layout->dir, "cache");
    gl_autofree char *path = entry_path(layout, key);
    gl_autojson json_t *json = json_object();
    gl_json_set_str(json, "digest", layer->blob.descriptor.digest);
    gl_json_set_str(json, "diff_id", layer->diff_id);
    gl_json_set_int(json, "size", (int64_t)layer->blob.descriptor.size_bytes);
    gl_autofree char *text = gl_json_canonical(json);
    gl_autoerr struct gl_error ignored = {0};
    if (gl_mkdir_p(dir, 0755, &ignored) < 0 || gl_write_text(path, text, 0644, &ignored) < 0)
        unlink(path);
}

static int forget_if_lost(const char *relative, const char *full, void *context,
                          struct gl_error *err)
{
    (void)relative;
    (void)err;
    struct gl_layer layer;
    if (!load(context, full, &layer))
        unlink(full);
    return 0;
}

void gl_layer_forget_lost(const struct gl_layout *layout)
{
    gl_autofree char *dir = gl_path_join(layout->dir, "cache");
    struct gl_layout copy = *layout;
    if (gl_is_dir(dir) && gl_walk_files(dir, forget_if_lost, &copy, NULL) < 0)
        return;
}
