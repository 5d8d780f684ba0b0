/* Manifest, config and index: what outside JSON may say, and what ours says. */
#include "oci/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "oci/digest.h"

enum { MAX_LAYERS = 128 };

static const char tag_key[] = "org.opencontainers.image.ref.name";

static const char *const manifest_types[] = {
    GL_MEDIA_MANIFEST,
    "application/vnd.docker.distribution.manifest.v2+json",
    NULL,
};
static const char *const layer_types[] = {
    GL_MEDIA_LAYER,
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    NULL,
};

static bool is_one_of(const char *text, const char *const *words)
{
    for (; text && *words; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

void gl_manifest_done(struct gl_manifest *manifest)
{
    free(manifest->layers);
    *manifest = (struct gl_manifest){0};
}

static int parse_descriptor(const json_t *json, const char *name, struct gl_descriptor *ret,
                            struct gl_error *err)
{
    const char *digest = gl_json_str(json, "digest", NULL);
    int64_t size_bytes = gl_json_int(json, "size", -1);
    if (!gl_digest_valid(digest))
        return gl_fail(err, GL_E_CORRUPT, _("%s: a blob has no sha256 digest"), name);
    if (size_bytes < 0)
        return gl_fail(err, GL_E_CORRUPT, _("%s: blob %s has no size"), name, digest);
    memcpy(ret->digest, digest, GL_DIGEST_SIZE);
    ret->size_bytes = (uint64_t)size_bytes;
    return 0;
}

static int parse_layers(const json_t *layers, const char *name, struct gl_manifest *manifest,
                        struct gl_error *err)
{
    size_t count = json_array_size(layers);
    if (!json_is_array(layers) || count > MAX_LAYERS)
        return gl_fail(err, GL_E_CORRUPT, _("%s: `layers` is missing or longer than %d"), name,
                       MAX_LAYERS);
    manifest->layers = gl_alloc((count + 1) * sizeof *manifest->layers);
    for (; manifest->layer_count < count; manifest->layer_count++) {
        const json_t *layer = json_array_get(layers, manifest->layer_count);
        const char *type = gl_json_str(layer, "mediaType", "");
        if (!is_one_of(type, layer_types))
            return gl_fail(err, GL_E_CORRUPT, _("%s: layer %zu has the unknown media type `%s`"),
                           name, manifest->layer_count, type);
        int result = parse_descriptor(layer, name, &manifest->layers[manifest->layer_count], err);
        if (result < 0)
            return result;
    }
    return 0;
}

int gl_manifest_parse(const char *text, size_t len, const char *name,
                      struct gl_manifest *ret_manifest, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    int result = gl_json_parse(text, len, name, &json, err);
    if (result < 0)
        return result;
    const char *type = gl_json_str(json, "mediaType", GL_MEDIA_MANIFEST);
    if (gl_json_int(json, "schemaVersion", 0) != 2 || !is_one_of(type, manifest_types))
        return gl_fail(err, GL_E_CORRUPT, _("%s is not an image manifest"), name);
    gl_automanifest struct gl_manifest manifest = {0};
    result = parse_descriptor(json_object_get(json, "config"), name, &manifest.config, err);
    if (result == 0)
        result = parse_layers(json_object_get(json, "layers"), name, &manifest, err);
    if (result < 0)
        return result;
    *ret_manifest = manifest;
    manifest = (struct gl_manifest){0};
    return 0;
}

static json_t *descriptor_json(const struct gl_descriptor *descriptor, const char *type)
{
    json_t *json = json_object();
    gl_json_set_str(json, "mediaType", type);
    gl_json_set_str(json, "digest", descriptor->digest);
    gl_json_set_int(json, "size", (int64_t)descriptor->size_bytes);
    return json;
}

char *gl_manifest_text(const struct gl_manifest *manifest)
{
    gl_autojson json_t *json = json_object();
    gl_json_set_int(json, "schemaVersion", 2);
    gl_json_set_str(json, "mediaType", GL_MEDIA_MANIFEST);
    json_object_set_new(json, "config", descriptor_json(&manifest->config, GL_MEDIA_CONFIG));
    json_t *layers = json_array();
    for (size_t i = 0; i < manifest->layer_count; i++)
        json_array_append_new(layers, descriptor_json(&manifest->layers[i], GL_MEDIA_LAYER));
    json_object_set_new(json, "layers", layers);
    return gl_json_canonical(json);
}

void gl_image_run_done(struct gl_image_run *run)
{
    gl_strv_done(&run->entrypoint);
    gl_strv_done(&run->env);
    free(run->workdir);
    free(run->user);
    free(run->architecture);
    *run = (struct gl_image_run){0};
}

static int add_strings(const json_t *array, const char *name, struct gl_strv *list,
                       struct gl_error *err)
{
    if (array && !json_is_array(array) && !json_is_null(array))
        return gl_fail(err, GL_E_CORRUPT, _("%s: a list of texts is something else"), name);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (!text)
            return gl_fail(err, GL_E_CORRUPT, _("%s: a list of texts holds something else"), name);
        gl_strv_add(list, text);
    }
    return 0;
}

static int read_run(const json_t *config, const char *name, struct gl_image_run *run,
                    struct gl_error *err)
{
    int result = add_strings(json_object_get(config, "Entrypoint"), name, &run->entrypoint, err);
    if (result == 0)
        result = add_strings(json_object_get(config, "Cmd"), name, &run->entrypoint, err);
    if (result == 0)
        result = add_strings(json_object_get(config, "Env"), name, &run->env, err);
    run->workdir = gl_strdup(gl_json_str(config, "WorkingDir", "/"));
    run->user = gl_strdup(gl_json_str(config, "User", ""));
    return result;
}

int gl_image_run_parse(const char *text, size_t len, const char *name, struct gl_image_run *ret_run,
                       struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    int result = gl_json_parse(text, len, name, &json, err);
    if (result < 0)
        return result;
    if (!json_is_object(json_object_get(json, "rootfs")))
        return gl_fail(err, GL_E_CORRUPT, _("%s is not an image config"), name);
    struct gl_image_run run = {0};
    result = read_run(json_object_get(json, "config"), name, &run, err);
    run.architecture = gl_strdup(gl_json_str(json, "architecture", NULL));
    if (result < 0) {
        gl_image_run_done(&run);
        return result;
    }
    *ret_run = run;
    return 0;
}

static json_t *string_array(const char *const *texts)
{
    json_t *array = json_array();
    for (; texts && *texts; texts++)
        json_array_append_new(array, json_string(*texts));
    return array;
}

static json_t *labels_json(const char *const *labels)
{
    json_t *json = json_object();
    for (; labels && *labels; labels++) {
        const char *equals = strchr(*labels, '=');
        gl_autofree char *key = gl_strndup(*labels, (size_t)(equals - *labels));
        gl_json_set_str(json, key, equals + 1);
    }
    return json;
}

static json_t *run_json(const struct gl_image_spec *spec)
{
    json_t *config = json_object();
    gl_json_set_str(config, "User", spec->user);
    gl_json_set_str(config, "WorkingDir", spec->workdir);
    json_object_set_new(config, "Entrypoint", string_array(spec->entrypoint));
    if (spec->env)
        json_object_set_new(config, "Env", string_array(spec->env));
    if (spec->labels)
        json_object_set_new(config, "Labels", labels_json(spec->labels));
    if (spec->port) {
        gl_autofree char *port = gl_asprintf("%u/tcp", (unsigned)spec->port);
        json_t *ports = json_object();
        json_object_set_new(ports, port, json_object());
        json_object_set_new(config, "ExposedPorts", ports);
    }
    return config;
}

char *gl_config_text(const struct gl_image_spec *spec, const char *const *diff_ids)
{
    gl_autofree char *created = gl_format_rfc3339(spec->created_unix_s * 1000);
    json_t *ids = json_array();
    json_t *history = json_array();
    for (size_t i = 0; i < spec->layer_count; i++) {
        json_array_append_new(ids, json_string(diff_ids[i]));
        gl_autofree char *by = gl_asprintf("golive: %s", spec->layers[i].name);
        json_t *step = json_object();
        gl_json_set_str(step, "created", created);
        gl_json_set_str(step, "created_by", by);
        json_array_append_new(history, step);
    }
    json_t *rootfs = json_object();
    gl_json_set_str(rootfs, "type", "layers");
    json_object_set_new(rootfs, "diff_ids", ids);
    gl_autojson json_t *json = json_object();
    gl_json_set_str(json, "architecture", spec->architecture);
    gl_json_set_str(json, "os", "linux");
    gl_json_set_str(json, "created", created);
    json_object_set_new(json, "config", run_json(spec));
    json_object_set_new(json, "rootfs", rootfs);
    json_object_set_new(json, "history", history);
    return gl_json_canonical(json);
}

int gl_index_parse(const char *text, size_t len, const char *name, json_t **ret_index,
                   struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    if (!len) {
        json = json_object();
        gl_json_set_int(json, "schemaVersion", 2);
        gl_json_set_str(json, "mediaType", GL_MEDIA_INDEX);
        json_object_set_new(json, "manifests", json_array());
    } else {
        int result = gl_json_parse(text, len, name, &json, err);
        if (result < 0)
            return result;
    }
    if (gl_json_int(json, "schemaVersion", 0) != 2 ||
        !json_is_array(json_object_get(json, "manifests")))
        return gl_fail(err, GL_E_CORRUPT, _("%s is not an image index"), name);
    *ret_index = gl_steal(&json);
    return 0;
}

static const char *entry_tag(const json_t *entry)
{
    return gl_json_str(json_object_get(entry, "annotations"), tag_key, NULL);
}

/* An entry gives way to the one of the same tag, and a nameless one to any of the same digest. */
static bool gives_way(const json_t *entry, const char *digest, const char *tag)
{
    const char *old_tag = entry_tag(entry);
    if (old_tag)
        return tag && strcmp(old_tag, tag) == 0;
    return strcmp(gl_json_str(entry, "digest", ""), digest) == 0;
}

static bool has_digest(const json_t *manifests, const char *digest)
{
    for (size_t i = 0; i < json_array_size(manifests); i++) {
        if (strcmp(gl_json_str(json_array_get(manifests, i), "digest", ""), digest) == 0)
            return true;
    }
    return false;
}

void gl_index_set(json_t *index, const struct gl_descriptor *manifest, const char *tag,
                  const char *architecture)
{
    json_t *manifests = json_object_get(index, "manifests");
    if (!tag && has_digest(manifests, manifest->digest))
        return;
    for (size_t i = json_array_size(manifests); i-- > 0;) {
        if (gives_way(json_array_get(manifests, i), manifest->digest, tag))
            json_array_remove(manifests, i);
    }
    json_t *entry = descriptor_json(manifest, GL_MEDIA_MANIFEST);
    json_t *platform = json_object();
    gl_json_set_str(platform, "architecture", architecture);
    gl_json_set_str(platform, "os", "linux");
    json_object_set_new(entry, "platform", platform);
    if (tag) {
        json_t *annotations = json_object();
        gl_json_set_str(annotations, tag_key, tag);
        json_object_set_new(entry, "annotations", annotations);
    }
    json_array_append_new(manifests, entry);
}

void gl_index_retain(json_t *index, const struct gl_strv *keep)
{
    json_t *manifests = json_object_get(index, "manifests");
    for (size_t i = json_array_size(manifests); i-- > 0;) {
        const char *digest = gl_json_str(json_array_get(manifests, i), "digest", "");
        if (!gl_strv_has(keep, digest))
            json_array_remove(manifests, i);
    }
}
