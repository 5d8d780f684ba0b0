/* The JSON documents of an image: read with suspicion, written canonically.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md, config.md, image-index.md */
#ifndef GL_OCI_MANIFEST_H
#define GL_OCI_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "oci/image.h"

#define GL_MEDIA_INDEX    "application/vnd.oci.image.index.v1+json"
#define GL_MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define GL_MEDIA_CONFIG   "application/vnd.oci.image.config.v1+json"
#define GL_MEDIA_LAYER    "application/vnd.oci.image.layer.v1.tar+gzip"

/* A blob as another document names it. */
struct gl_descriptor {
    char digest[GL_DIGEST_SIZE];
    uint64_t size_bytes;
};

struct gl_manifest {
    struct gl_descriptor config;
    struct gl_descriptor *layers;
    size_t layer_count;
};

void gl_manifest_done(struct gl_manifest *manifest);
#define gl_automanifest gl_cleanup(gl_manifest_done)

/* Reads a manifest of OCI or Docker (schema 2). GL_E_CORRUPT for anything else; `name` is what the
 * error calls it. At most 128 layers, all of them tar archives. */
gl_nodiscard int gl_manifest_parse(const char *text, size_t len, const char *name,
                                   struct gl_manifest *ret_manifest, struct gl_error *err);

/* The manifest as text; the caller owns it. */
char *gl_manifest_text(const struct gl_manifest *manifest);

/* Reads an image config. GL_E_CORRUPT unless it is one. */
gl_nodiscard int gl_image_run_parse(const char *text, size_t len, const char *name,
                                    struct gl_image_run *ret_run, struct gl_error *err);

/* The config of `spec` as text; `diff_ids` has one digest per layer. The caller owns it. */
char *gl_config_text(const struct gl_image_spec *spec, const char *const *diff_ids);

/* Reads an index.json; an empty text gives an empty index. */
gl_nodiscard int gl_index_parse(const char *text, size_t len, const char *name, json_t **ret_index,
                                struct gl_error *err);

/* Adds a manifest under `tag` (NULL = none): another manifest loses that tag, entries of other
 * tags and of other programs stay. */
void gl_index_set(json_t *index, const struct gl_descriptor *manifest, const char *tag,
                  const char *architecture);

/* Removes the entries whose digest is not in `keep`. */
void gl_index_retain(json_t *index, const struct gl_strv *keep);

#endif
