/* A whole local platform in a temporary directory, and images of the sample application. */
#ifndef GL_TESTS_PLATFORM_PLATFORM_FIXTURE_H
#define GL_TESTS_PLATFORM_PLATFORM_FIXTURE_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "config_fixture.h"
#include "net/http.h"
#include "platform/local/local.h"

struct sample {
    char *top; /* temporary directory: state, layout, frontend */
    char *state;
    char *layout;
    struct gl_config *config;
    struct gl_platform *platform;
    struct gl_local *local;
    char digest[GL_DIGEST_SIZE];
};

static inline void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message, err->hint ? err->hint : "no hint");
}

/* The program that ran first decides the digest; a marker file tells images apart. */
static inline void sample_build(struct sample *sample, const char *marker,
                                char ret_digest[GL_DIGEST_SIZE])
{
    gl_autoerr struct gl_error err = {0};
    const char *httpd = getenv("SAMPLE_HTTPD");
    gl_autofree char *marker_path = gl_path_join(sample->top, "marker");
    const char *entrypoint[] = {"/app/httpd", NULL};
    const char *env[] = {"FROM_IMAGE=it's here", NULL};
    struct gl_image image = {0};
    assert_non_null(httpd);
    ok(gl_write_text(marker_path, marker, 0644, &err), &err);
    struct gl_image_file files[] = {
        {httpd,       "/app/httpd",  0},
        {marker_path, "/app/marker", 0},
    };
    struct gl_image_layer layer = {"app", files, GL_COUNT(files)};
    struct gl_image_spec spec = {
        .layout_dir = sample->layout,
        .layers = &layer,
        .layer_count = 1,
        .entrypoint = entrypoint,
        .env = env,
        .user = "65532:65532",
        .workdir = "/app",
        .architecture = "amd64",
    };
    ok(gl_image_build(&spec, &image, &err), &err);
    memcpy(ret_digest, image.digest, GL_DIGEST_SIZE);
}

static inline void sample_open(struct sample *sample)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_platform_open(sample->config, sample->state, NULL, &sample->platform, &err), &err);
    sample->local = (struct gl_local *)sample->platform;
}

static inline void sample_make(struct sample *sample)
{
    char top[] = "/tmp/golive test 日本-XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chmod(top, 0711), 0);
    *sample = (struct sample){
        .top = gl_strdup(top),
        .state = gl_path_join(top, "状態 dir"),
        .layout = gl_path_join(top, "layout"),
        .config = config_load(top, sample_variables),
    };
    sample_open(sample);
    sample_build(sample, "one", sample->digest);
}

static inline void sample_up(struct sample *sample)
{
    gl_autoerr struct gl_error err = {0};
    ok(sample->platform->ops->up(sample->platform, &err), &err);
}

/* Ends and removes everything; nothing to do for an empty one. */
static inline void sample_remove(struct sample *sample)
{
    gl_autoerr struct gl_error err = {0};
    if (!sample->top)
        return;
    if (sample->platform)
        ok(sample->platform->ops->down(sample->platform, true, &err), &err);
    gl_platform_free(&sample->platform);
    ok(gl_remove_tree(sample->top, &err), &err);
    gl_config_free(&sample->config);
    free(sample->top);
    free(sample->state);
    free(sample->layout);
    *sample = (struct sample){0};
}

static inline struct gl_artifact sample_artifact(const struct sample *sample, int64_t release)
{
    static char version[16][8];
    (void)snprintf(version[release % 16], sizeof version[0], "v%d", (int)(release % 1000));
    return (struct gl_artifact){
        .release = release,
        .version = version[release % 16],
        .layout_dir = sample->layout,
        .image_digest = sample->digest,
    };
}

static inline void sample_start(struct sample *sample, int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_artifact artifact = sample_artifact(sample, release);
    ok(sample->platform->ops->start(sample->platform, &artifact, 20000, &err), &err);
}

static inline void sample_shift(struct sample *sample, int64_t release, int pct)
{
    gl_autoerr struct gl_error err = {0};
    ok(sample->platform->ops->shift(sample->platform, release, pct, &err), &err);
}

/* One request to the edge; the caller releases the response. Returns 0 or a GL_E_*. */
static inline int sample_fetch(struct sample *sample, enum gl_endpoint endpoint,
                               struct gl_http_request request, struct gl_http_response *response)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    ok(sample->platform->ops->endpoint(sample->platform, endpoint, 0, &target, &err), &err);
    gl_autofree char *url = gl_asprintf("%s%s", target.base_url, request.url);
    request.url = url;
    request.resolve = target.resolve;
    request.ca_file = target.ca_file;
    int failed = gl_http_fetch(&request, response, &err);
    if (failed < 0)
        print_message("# %s: %s\n", request.url, err.message);
    return failed;
}

/* The body of a GET to the API, which must succeed; the caller owns it. */
static inline char *sample_get(struct sample *sample, const char *path)
{
    gl_autohttp struct gl_http_response response = {0};
    struct gl_http_request request = {.url = path};
    assert_int_equal(sample_fetch(sample, GL_ENDPOINT_API, request, &response), 0);
    assert_int_equal(response.status, 200);
    return gl_buf_steal(&response.body);
}

#endif
