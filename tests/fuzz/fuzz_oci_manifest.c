/* Manifest, config and index as an image layout or a registry may hold them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/digest.h"
#include "oci/manifest.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written again: our own manifest must be readable. */
static void manifest(const char *text, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_automanifest struct gl_manifest first = {0};
    gl_automanifest struct gl_manifest second = {0};
    if (gl_manifest_parse(text, size, "fuzz", &first, &err) < 0)
        return;
    gl_autofree char *written = gl_manifest_text(&first);
    if (gl_manifest_parse(written, strlen(written), "again", &second, &err) < 0)
        abort();
    if (second.layer_count != first.layer_count || !gl_digest_valid(second.config.digest))
        abort();
}

static void run(const char *text, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_cleanup(gl_image_run_done) struct gl_image_run config = {0};
    if (gl_image_run_parse(text, size, "fuzz", &config, &err) == 0 && !config.workdir)
        abort();
}

static void layout_index(const char *text, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *json = NULL;
    struct gl_descriptor entry = {.size_bytes = 1};
    gl_digest_of("", 0, entry.digest);
    if (gl_index_parse(text, size, "fuzz", &json, &err) < 0)
        return;
    gl_index_set(json, &entry, "app:1", "amd64");
    gl_index_set(json, &entry, NULL, "amd64");
    gl_autostrv struct gl_strv keep = {0};
    gl_index_retain(json, &keep);
    if (json_array_size(json_object_get(json, "manifests")) != 0)
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size ? (const char *)data : "";
    manifest(text, size);
    run(text, size);
    layout_index(text, size);
    return 0;
}
