/* Pushes an image: blobs that are missing, then the manifest by digest, then its tags. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "oci/image.h"
#include "oci/layout.h"
#include "oci/registry.h"

enum {
    BASE_TIMEOUT_MS = 60000,
    SLOWEST_BYTES_PER_MS = 50, /* 400 kbit/s */
};

struct blob_step {
    const struct gl_layout *layout;
    const struct gl_descriptor *blob;
    bool existed;
};

struct manifest_step {
    const struct gl_buf *text;
    const char *digest;
    const char *reference; /* the digest or a tag */
};

/* A registry that names another digest has stored something else. */
static int check_digest(const struct gl_http_response *response, const char *digest,
                        struct gl_error *err)
{
    const char *stored = gl_http_header(response, "docker-content-digest");
    if (!stored || strcmp(stored, digest) == 0)
        return 0;
    gl_fail(err, GL_E_MISMATCH, _("the registry stored %s instead of %s"), stored, digest);
    return gl_error_hint(err, _("Do not deploy it: something between here and the registry changes "
                                "content."));
}

static int blob_exists(struct gl_registry *registry, const struct gl_descriptor *blob,
                       bool *ret_exists, struct gl_error *err)
{
    static const long wanted[2] = {200, 404};
    gl_autofree char *path = gl_asprintf("blobs/%s", blob->digest);
    gl_autofree char *url = gl_registry_url(registry, path);
    struct gl_http_request request = {.url = url, .head = true, .follow = true};
    gl_autohttp struct gl_http_response response = {0};
    int result = gl_registry_call(registry, &request, wanted, &response, err);
    if (result == 0 && response.status == 200)
        result = check_digest(&response, blob->digest, err);
    if (result == 0)
        *ret_exists = response.status == 200;
    return result;
}

static int begin_upload(struct gl_registry *registry, const char *digest, char **ret_url,
                        struct gl_error *err)
{
    static const long wanted[2] = {202, 202};
    gl_autofree char *url = gl_registry_url(registry, "blobs/uploads/");
    struct gl_http_request request = {.method = "POST", .url = url, .body = "", .body_len = 0};
    gl_autohttp struct gl_http_response response = {0};
    int result = gl_registry_call(registry, &request, wanted, &response, err);
    if (result < 0)
        return result;
    return gl_registry_locate(registry, gl_http_header(&response, "location"), digest, ret_url,
                              err);
}

static int upload_blob(struct gl_registry *registry, const struct blob_step *step,
                       struct gl_error *err)
{
    static const long wanted[2] = {201, 204};
    static const char *const headers[] = {"Content-Type: application/octet-stream", NULL};
    gl_autofree char *url = NULL;
    int result = begin_upload(registry, step->blob->digest, &url, err);
    if (result < 0)
        return result;
    gl_autofree char *path = gl_layout_blob_path(step->layout, step->blob->digest);
    struct gl_http_request request = {
        .method = "PUT",
        .url = url,
        .headers = headers,
        .body_path = path,
        .timeout_ms = BASE_TIMEOUT_MS + (int64_t)step->blob->size_bytes / SLOWEST_BYTES_PER_MS,
    };
    gl_autohttp struct gl_http_response response = {0};
    result = gl_registry_call(registry, &request, wanted, &response, err);
    if (result == GL_E_NOT_FOUND)
        registry->worth_retrying = true; /* the upload was lost, say by a restart: begin anew */
    return result < 0 ? result : check_digest(&response, step->blob->digest, err);
}

/* Whatever went wrong before, every attempt begins a new upload: half a one is worth nothing. What
 * is there already need not be read here; what is sent, the registry compares with its digest: only
 * when it refuses is it looked for the reason here. */
static int send_blob(struct gl_registry *registry, void *context, struct gl_error *err)
{
    struct blob_step *step = context;
    int result = blob_exists(registry, step->blob, &step->existed, err);
    if (result < 0 || step->existed)
        return result;
    result = upload_blob(registry, step, err);
    gl_autoerr struct gl_error corrupt = {0};
    if (result == 0 || gl_layout_check_blob(step->layout, step->blob, &corrupt) == 0)
        return result;
    registry->worth_retrying = false;
    result = corrupt.code;
    gl_error_move(err, &corrupt);
    return result;
}

static int send_manifest(struct gl_registry *registry, void *context, struct gl_error *err)
{
    static const long wanted[2] = {201, 200};
    static const char *const headers[] = {"Content-Type: " GL_MEDIA_MANIFEST, NULL};
    const struct manifest_step *step = context;
    gl_autofree char *path = gl_asprintf("manifests/%s", step->reference);
    gl_autofree char *url = gl_registry_url(registry, path);
    struct gl_http_request request = {
        .method = "PUT",
        .url = url,
        .headers = headers,
        .body = gl_buf_text(step->text),
        .body_len = step->text->len,
    };
    gl_autohttp struct gl_http_response response = {0};
    int result = gl_registry_call(registry, &request, wanted, &response, err);
    return result < 0 ? result : check_digest(&response, step->digest, err);
}

static int push_blob(struct gl_registry *registry, const struct gl_layout *layout,
                     const struct gl_descriptor *blob, struct gl_push_result *counts,
                     struct gl_error *err)
{
    struct blob_step step = {.layout = layout, .blob = blob};
    int result = gl_registry_retry(registry, send_blob, &step, err);
    if (result < 0)
        return result;
    counts->existing += step.existed;
    counts->uploaded += !step.existed;
    counts->uploaded_bytes += step.existed ? 0 : blob->size_bytes;
    return 0;
}

static uint64_t total_bytes(const struct gl_manifest *manifest)
{
    uint64_t total = manifest->config.size_bytes;
    for (size_t i = 0; i < manifest->layer_count; i++)
        total += manifest->layers[i].size_bytes;
    return total;
}

static int push_blobs(struct gl_registry *registry, const struct gl_layout *layout,
                      const struct gl_manifest *manifest, struct gl_push_result *counts,
                      struct gl_error *err)
{
    const struct gl_push_spec *spec = registry->spec;
    uint64_t total = total_bytes(manifest);
    uint64_t sent = 0;
    for (size_t i = 0; i <= manifest->layer_count; i++) {
        const struct gl_descriptor *blob =
            i < manifest->layer_count ? &manifest->layers[i] : &manifest->config;
        if (spec->on_progress)
            spec->on_progress(sent, total, spec->context);
        int result = push_blob(registry, layout, blob, counts, err);
        if (result < 0)
            return result;
        sent += blob->size_bytes;
    }
    if (spec->on_progress)
        spec->on_progress(sent, total, spec->context);
    return 0;
}

static int push_manifest(struct gl_registry *registry, const struct gl_layout *layout,
                         const struct gl_push_spec *spec, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    int result = gl_layout_read(layout, spec->digest, &text, err);
    struct manifest_step step = {&text, spec->digest, spec->digest};
    if (result == 0)
        result = gl_registry_retry(registry, send_manifest, &step, err);
    for (const char *const *tag = spec->tags; result == 0 && tag && *tag; tag++) {
        step.reference = *tag;
        result = gl_registry_retry(registry, send_manifest, &step, err);
    }
    return result;
}

int gl_image_push(const struct gl_push_spec *spec, struct gl_push_result *ret_result,
                  struct gl_error *err)
{
    gl_autoregistry struct gl_registry registry = {0};
    gl_autolayout struct gl_layout layout = {0};
    gl_automanifest struct gl_manifest manifest = {0};
    struct gl_push_result counts = {0};
    int result = gl_registry_init(spec, &registry, err);
    if (result == 0)
        result = gl_layout_open(spec->layout_dir, GL_LAYOUT_READ, &layout, err);
    if (result == 0)
        result = gl_layout_manifest(&layout, spec->digest, &manifest, NULL, err);
    if (result == 0)
        result = push_blobs(&registry, &layout, &manifest, &counts, err);
    if (result == 0)
        result = push_manifest(&registry, &layout, spec, err);
    if (result < 0)
        return gl_error_wrap(err, _("push to %s"), spec->registry);
    *ret_result = counts;
    return 0;
}
