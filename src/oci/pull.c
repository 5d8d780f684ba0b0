/* Pulls an image: the manifest by digest, then the blobs that the layout lacks.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "oci/image.h"
#include "oci/layout.h"
#include "oci/registry.h"

enum {
    BASE_TIMEOUT_MS = 60000,
    SLOWEST_BYTES_PER_MS = 50, /* 400 kbit/s */
    BLOB_BYTES_MAX = 1 << 30,
};

static const char manifest_types[] =
    "Accept: " GL_MEDIA_MANIFEST ", application/vnd.docker.distribution.manifest.v2+json";

/* What is brought over; on an error all of it is removed again. */
struct pull {
    struct gl_layout *layout;
    struct gl_buf text; /* of the manifest */
    struct gl_manifest manifest;
    struct gl_blob *blobs; /* config, layers, manifest */
    size_t count;
    struct gl_pull_result result;
};

static void pull_done(struct pull *pull)
{
    for (size_t i = 0; i < pull->count; i++)
        gl_blob_done(&pull->blobs[i]);
    free(pull->blobs);
    gl_manifest_done(&pull->manifest);
    gl_buf_done(&pull->text);
}

static int wrong_content(const char *digest, struct gl_error *err)
{
    gl_fail(err, GL_E_MISMATCH, _("the registry gave something else than %s"), digest);
    return gl_error_hint(err, _("Do not deploy from it: something between here and the registry "
                                "changes content."));
}

/* ---- manifest ----------------------------------------------------------------------------------
 */

static int get_manifest(struct gl_registry *registry, void *context, struct gl_error *err)
{
    static const long wanted[2] = {200, 200};
    static const char *const headers[] = {manifest_types, NULL};
    struct gl_buf *text = context;
    gl_autofree char *path = gl_asprintf("manifests/%s", registry->spec->digest);
    gl_autofree char *url = gl_registry_url(registry, path);
    struct gl_http_request request = {.url = url, .headers = headers, .follow = true};
    gl_autohttp struct gl_http_response response = {0};
    int failed = gl_registry_call(registry, &request, wanted, &response, err);
    if (failed < 0)
        return failed;
    gl_buf_done(text);
    *text = response.body;
    response.body = (struct gl_buf){0};
    return 0;
}

static int read_manifest(struct gl_registry *registry, struct pull *pull, struct gl_error *err)
{
    char digest[GL_DIGEST_SIZE];
    int failed = gl_registry_retry(registry, get_manifest, &pull->text, err);
    if (failed < 0)
        return failed;
    gl_digest_of(gl_buf_text(&pull->text), pull->text.len, digest);
    if (strcmp(digest, registry->spec->digest) != 0)
        return wrong_content(registry->spec->digest, err);
    return gl_manifest_parse(gl_buf_text(&pull->text), pull->text.len, digest, &pull->manifest,
                             err);
}

/* ---- blobs -------------------------------------------------------------------------------------
 */

struct blob_step {
    const struct gl_blob *blob;
    int fd;
};

static int get_blob(struct gl_registry *registry, void *context, struct gl_error *err)
{
    static const long wanted[2] = {200, 200};
    const struct blob_step *step = context;
    const struct gl_descriptor *descriptor = &step->blob->descriptor;
    gl_autofree char *path = gl_asprintf("blobs/%s", descriptor->digest);
    gl_autofree char *url = gl_registry_url(registry, path);
    struct gl_http_request request = {
        .url = url,
        .follow = true,
        .sink_fd = step->fd,
        .limit_bytes = (int64_t)descriptor->size_bytes,
        .timeout_ms = BASE_TIMEOUT_MS + (int64_t)descriptor->size_bytes / SLOWEST_BYTES_PER_MS,
    };
    gl_autohttp struct gl_http_response response = {0};
    if (ftruncate(step->fd, 0) < 0 || lseek(step->fd, 0, SEEK_SET) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), step->blob->partial_path);
    return gl_registry_call(registry, &request, wanted, &response, err);
}

static int check_blob(const struct gl_blob *blob, int fd, struct gl_error *err)
{
    char digest[GL_DIGEST_SIZE];
    if (fchmod(fd, 0644) < 0 || fsync(fd) < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), blob->partial_path);
    int failed = gl_digest_file(blob->partial_path, digest, err);
    if (failed < 0)
        return failed;
    return strcmp(digest, blob->descriptor.digest) == 0
               ? 0
               : wrong_content(blob->descriptor.digest, err);
}

static int pull_blob(struct gl_registry *registry, struct pull *pull,
                     const struct gl_descriptor *descriptor, struct gl_error *err)
{
    struct gl_blob *blob = &pull->blobs[pull->count++];
    gl_autoclose int fd = -1;
    *blob = (struct gl_blob){.descriptor = *descriptor};
    if (gl_layout_has(pull->layout, descriptor) &&
        gl_layout_check_blob(pull->layout, descriptor, NULL) == 0) {
        pull->result.existing++;
        return 0;
    }
    if (descriptor->size_bytes == 0 || descriptor->size_bytes > BLOB_BYTES_MAX)
        return gl_fail(err, GL_E_CORRUPT, _("%s has an impossible size"), descriptor->digest);
    int failed = gl_layout_partial(pull->layout, &fd, &blob->partial_path, err);
    struct blob_step step = {blob, fd};
    if (failed == 0)
        failed = gl_registry_retry(registry, get_blob, &step, err);
    if (failed == 0)
        failed = check_blob(blob, fd, err);
    if (failed < 0)
        return failed;
    pull->result.fetched++;
    pull->result.fetched_bytes += descriptor->size_bytes;
    return 0;
}

static int pull_all(struct gl_registry *registry, struct pull *pull, struct gl_error *err)
{
    const struct gl_manifest *manifest = &pull->manifest;
    pull->blobs = gl_alloc((manifest->layer_count + 2) * sizeof *pull->blobs);
    int failed = pull_blob(registry, pull, &manifest->config, err);
    for (size_t i = 0; failed == 0 && i < manifest->layer_count; i++)
        failed = pull_blob(registry, pull, &manifest->layers[i], err);
    if (failed == 0)
        failed =
            gl_layout_put(pull->layout, gl_buf_text(&pull->text), &pull->blobs[pull->count++], err);
    return failed;
}

static int commit(const struct pull *pull, const char *layout_dir, struct gl_error *err)
{
    gl_autofree struct gl_blob **all = gl_alloc(pull->count * sizeof(struct gl_blob *));
    size_t count = 0;
    for (size_t i = 0; i < pull->count; i++) {
        if (pull->blobs[i].partial_path)
            all[count++] = &pull->blobs[i];
    }
    const struct gl_image_spec spec = {.layout_dir = layout_dir};
    return gl_layout_commit(pull->layout, all, count, &spec, err);
}

int gl_image_pull(const struct gl_push_spec *spec, struct gl_pull_result *ret_result,
                  struct gl_error *err)
{
    gl_autoregistry struct gl_registry registry = {0};
    gl_autolayout struct gl_layout layout = {0};
    gl_cleanup(pull_done) struct pull pull = {.layout = &layout};
    int failed = gl_registry_init(spec, &registry, err);
    if (failed == 0)
        failed = gl_layout_open(spec->layout_dir, GL_LAYOUT_BUILD, &layout, err);
    if (failed == 0)
        failed = read_manifest(&registry, &pull, err);
    if (failed == 0)
        failed = pull_all(&registry, &pull, err);
    if (failed == 0)
        failed = commit(&pull, spec->layout_dir, err);
    if (failed < 0)
        return gl_error_wrap(err, _("pull from %s"), spec->registry);
    *ret_result = pull.result;
    return 0;
}
