/* The manifest of a release's frontend: read with suspicion, written canonically. */
#include "platform/aws/site_manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "base/utf8.h"

enum {
    FORMAT = 1,
    KEY_MAX_BYTES = 1024,
};

void gl_site_file_done(struct gl_site_file *file)
{
    free(file->path);
    free(file->source);
    free(file->type);
    *file = (struct gl_site_file){0};
}

void gl_site_manifest_done(struct gl_site_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        gl_site_file_done(&manifest->files[i]);
    free(manifest->files);
    *manifest = (struct gl_site_manifest){0};
}

void gl_site_manifest_add(struct gl_site_manifest *manifest, const struct gl_site_file *file)
{
    size_t count = manifest->count;
    if ((count & (count - 1)) == 0) /* a power of two: full */
        manifest->files =
            gl_realloc_array(manifest->files, count ? 2 * count : 1, sizeof *manifest->files);
    manifest->files[manifest->count++] = *file;
}

static int by_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct gl_site_file *)file)->path);
}

const struct gl_site_file *gl_site_manifest_find(const struct gl_site_manifest *manifest,
                                                 const char *path)
{
    return manifest->count
               ? bsearch(path, manifest->files, manifest->count, sizeof *manifest->files, by_path)
               : NULL;
}

/* ---- what may stand there ----------------------------------------------------------------------
 */

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    }
    return false;
}

/* "", "." and ".." would make another place of it, for a browser if not for S3. */
static bool has_empty_part(const char *path)
{
    for (;;) {
        size_t len = strcspn(path, "/");
        if (len == 0 || (len == 1 && path[0] == '.') || (len == 2 && strncmp(path, "..", 2) == 0))
            return true;
        if (!path[len])
            return false;
        path += len + 1;
    }
}

bool gl_site_path_valid(const char *path)
{
    size_t len = strlen(path);
    return len <= KEY_MAX_BYTES && gl_utf8_valid_prefix(path, len) == len && !has_control(path) &&
           !has_empty_part(path) && !gl_starts_with(path, GL_SITE_OWN);
}

const char *gl_site_cache(const struct gl_site_file *file)
{
    return file->immutable ? "public, max-age=31536000, immutable" : "no-cache";
}

static bool is_hex(const char *text, size_t digits)
{
    return strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

/* ---- text --------------------------------------------------------------------------------------
 */

static int parse_file(const json_t *json, const char *name, struct gl_site_manifest *manifest,
                      struct gl_error *err)
{
    const char *path = gl_json_str(json, "path", "");
    const char *type = gl_json_str(json, "type", "");
    const char *sha256 = gl_json_str(json, "sha256", "");
    const char *md5 = gl_json_str(json, "md5", "");
    const char *cache = gl_json_str(json, "cache", "");
    int64_t size_bytes = gl_json_int(json, "size", -1);
    struct gl_site_file file = {.immutable = strcmp(cache, "immutable") == 0};
    if (!gl_site_path_valid(path))
        return gl_fail(err, GL_E_CORRUPT, _("%s: `%s` is no path of a file"), name, path);
    if (manifest->count && strcmp(manifest->files[manifest->count - 1].path, path) >= 0)
        return gl_fail(err, GL_E_CORRUPT, _("%s: %s is not in order"), name, path);
    if (size_bytes < 0 || !is_hex(sha256, GL_SHA256_HEX_SIZE - 1) ||
        !is_hex(md5, GL_MD5_HEX_SIZE - 1) || !*type || has_control(type) ||
        (!file.immutable && strcmp(cache, "revalidate") != 0))
        return gl_fail(err, GL_E_CORRUPT, _("%s: %s is not described as golive does"), name, path);
    file.path = gl_strdup(path);
    file.type = gl_strdup(type);
    file.size_bytes = (uint64_t)size_bytes;
    memcpy(file.sha256, sha256, sizeof file.sha256);
    memcpy(file.md5, md5, sizeof file.md5);
    gl_site_manifest_add(manifest, &file);
    return 0;
}

int gl_site_manifest_parse(const char *text, size_t len, const char *name, int64_t release,
                           struct gl_site_manifest *ret_manifest, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autositemanifest struct gl_site_manifest manifest = {.release = release};
    int failed = gl_json_parse(text, len, name, &json, err);
    if (failed < 0)
        return failed;
    const json_t *files = json_object_get(json, "files");
    if (gl_json_int(json, "golive", 0) != FORMAT || !json_is_array(files))
        return gl_fail(err, GL_E_CORRUPT, _("%s is no manifest that this golive reads"), name);
    if (gl_json_int(json, "release", 0) != release)
        return gl_fail(err, GL_E_CORRUPT, _("%s is not of release %" PRId64), name, release);
    for (size_t i = 0; failed == 0 && i < json_array_size(files); i++)
        failed = parse_file(json_array_get(files, i), name, &manifest, err);
    if (failed < 0)
        return failed;
    *ret_manifest = manifest;
    manifest = (struct gl_site_manifest){0};
    return 0;
}

static json_t *file_json(const struct gl_site_file *file)
{
    json_t *json = json_object();
    gl_json_set_str(json, "path", file->path);
    gl_json_set_str(json, "type", file->type);
    gl_json_set_int(json, "size", (int64_t)file->size_bytes);
    gl_json_set_str(json, "sha256", file->sha256);
    gl_json_set_str(json, "md5", file->md5);
    gl_json_set_str(json, "cache", file->immutable ? "immutable" : "revalidate");
    return json;
}

char *gl_site_manifest_text(const struct gl_site_manifest *manifest)
{
    gl_autojson json_t *json = json_object();
    json_t *files = json_array();
    gl_json_set_int(json, "golive", FORMAT);
    gl_json_set_int(json, "release", manifest->release);
    for (size_t i = 0; i < manifest->count; i++)
        json_array_append_new(files, file_json(&manifest->files[i]));
    json_object_set_new(json, "files", files);
    return gl_json_canonical(json);
}
