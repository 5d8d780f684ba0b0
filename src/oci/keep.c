/* Looking after a layout: reading an image's config, verifying it, removing what nobody needs. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "oci/image.h"
#include "oci/layer.h"
#include "oci/layout.h"

int gl_image_read_run(const char *layout_dir, const char *digest, struct gl_image_run *ret_run,
                      struct gl_error *err)
{
    gl_autolayout struct gl_layout layout = {0};
    gl_automanifest struct gl_manifest manifest = {0};
    gl_autobuf struct gl_buf config = {0};
    int result = gl_layout_open(layout_dir, GL_LAYOUT_READ, &layout, err);
    if (result == 0)
        result = gl_layout_manifest(&layout, digest, &manifest, NULL, err);
    if (result == 0)
        result = gl_layout_read(&layout, manifest.config.digest, &config, err);
    if (result < 0)
        return result;
    return gl_image_run_parse(gl_buf_text(&config), config.len, manifest.config.digest, ret_run,
                              err);
}

int gl_image_verify(const char *layout_dir, const char *digest, struct gl_error *err)
{
    gl_autolayout struct gl_layout layout = {0};
    gl_automanifest struct gl_manifest manifest = {0};
    int result = gl_layout_open(layout_dir, GL_LAYOUT_READ, &layout, err);
    if (result == 0)
        result = gl_layout_manifest(&layout, digest, &manifest, NULL, err);
    if (result == 0)
        result = gl_layout_check_blob(&layout, &manifest.config, err);
    for (size_t i = 0; result == 0 && i < manifest.layer_count; i++)
        result = gl_layout_check_blob(&layout, &manifest.layers[i], err);
    return result;
}

/* A kept manifest that is not in this layout needs nothing of it; one that cannot be read stops the
 * clean-up before anything is removed. */
static int list_needed(const struct gl_layout *layout, const struct gl_strv *keep,
                       struct gl_strv *needed, struct gl_error *err)
{
    for (size_t i = 0; i < keep->count; i++) {
        const char *digest = keep->items[i];
        gl_automanifest struct gl_manifest manifest = {0};
        int result = gl_layout_manifest(layout, digest, &manifest, NULL, err);
        if (result == GL_E_NOT_FOUND) {
            gl_error_done(err);
            continue;
        }
        if (result < 0)
            return gl_error_wrap(err, _("nothing was removed"));
        gl_strv_add(needed, digest);
        gl_strv_add(needed, manifest.config.digest);
        for (size_t layer = 0; layer < manifest.layer_count; layer++)
            gl_strv_add(needed, manifest.layers[layer].digest);
    }
    return 0;
}

/* The index goes first: a clean-up that is cut off leaves blobs without a name, not the reverse. */
static int shorten_index(const struct gl_layout *layout, const struct gl_strv *keep,
                         struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(layout->dir, "index.json");
    gl_autobuf struct gl_buf old = {0};
    gl_autojson json_t *index = NULL;
    if (!gl_path_exists(path))
        return 0;
    int result = gl_read_file(path, 0, &old, err);
    if (result == 0)
        result = gl_index_parse(gl_buf_text(&old), old.len, path, &index, err);
    if (result < 0)
        return result;
    gl_index_retain(index, keep);
    gl_autofree char *text = gl_json_canonical(index);
    return gl_write_text(path, text, 0644, err);
}

struct sweep {
    const struct gl_strv *needed; /* NULL = nothing is needed */
    uint64_t freed_bytes;
};

static int sweep_file(const char *relative, const char *full, void *context, struct gl_error *err)
{
    struct sweep *sweep = context;
    gl_autofree char *digest = gl_asprintf("sha256:%s", relative);
    struct stat st;
    if ((sweep->needed && gl_strv_has(sweep->needed, digest)) || lstat(full, &st) < 0)
        return 0;
    int result = gl_remove_tree(full, err);
    if (result == 0)
        sweep->freed_bytes += (uint64_t)st.st_size;
    return result;
}

static int sweep_dir(const struct gl_layout *layout, const char *name, struct sweep *sweep,
                     struct gl_error *err)
{
    gl_autofree char *dir = gl_path_join(layout->dir, name);
    return gl_is_dir(dir) ? gl_walk_files(dir, sweep_file, sweep, err) : 0;
}

int gl_image_prune(const char *layout_dir, const struct gl_strv *keep, uint64_t *ret_freed_bytes,
                   struct gl_error *err)
{
    gl_autolayout struct gl_layout layout = {0};
    gl_autostrv struct gl_strv needed = {0};
    int result = gl_layout_open(layout_dir, GL_LAYOUT_PRUNE, &layout, err);
    if (result == 0)
        result = list_needed(&layout, keep, &needed, err);
    if (result == 0)
        result = shorten_index(&layout, keep, err);
    struct sweep blobs = {.needed = &needed};
    struct sweep partial = {0};
    if (result == 0)
        result = sweep_dir(&layout, "blobs/sha256", &blobs, err);
    if (result == 0)
        result = sweep_dir(&layout, "partial", &partial, err);
    if (result < 0)
        return result;
    gl_layer_forget_lost(&layout);
    *ret_freed_bytes = blobs.freed_bytes + partial.freed_bytes;
    return 0;
}
