/* The stage of the conformance suite: see stage.h. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/json.h"
#include "config/config.h"
#include "infra/account.h"
#include "oci/image.h"

void stage_ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "failed",
                 err->hint ? err->hint : "no hint");
}

static const char *must_getenv(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set", name);
    return value;
}

/* ---- the project -------------------------------------------------------------------------------
 */

static void load(struct stage *stage)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(stage->dir, "golive.yaml");
    struct gl_config_request request = {.path = path, .env = must_getenv("CONFORMANCE_ENV")};
    if (gl_config_load(&request, &stage->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
}

static void open_platform(struct stage *stage)
{
    gl_autoerr struct gl_error err = {0};
    if (gl_platform_is_aws(stage->config)) {
        struct gl_account_options options = {.config = stage->config};
        stage_ok(gl_account_open(&options, &stage->account, &err), &err);
    }
    stage_ok(
        gl_platform_open(stage->config, stage->state_dir, stage->account, &stage->platform, &err),
        &err);
}

static void close_platform(struct stage *stage)
{
    gl_platform_free(&stage->platform);
    gl_account_free(&stage->account);
}

void stage_open(struct stage *stage)
{
    *stage = (struct stage){.dir = gl_strdup(must_getenv("CONFORMANCE_DIR")),
                            .control = getenv("CONFORMANCE_CONTROL")};
    stage->state_dir = gl_path_join(stage->dir, ".golive");
    stage->layout = gl_path_join(stage->dir, "layout");
    load(stage);
    open_platform(stage);
}

void stage_reopen(struct stage *stage)
{
    close_platform(stage);
    open_platform(stage);
}

void stage_close(struct stage *stage)
{
    close_platform(stage);
    gl_config_free(&stage->config);
    free(stage->dir);
    free(stage->state_dir);
    free(stage->layout);
    *stage = (struct stage){0};
}

/* ---- images ------------------------------------------------------------------------------------
 */

static const char *const behaviours[] = {
    [STAGE_GOOD] = "{}",
    [STAGE_CRASHES] =
        "{\"start\": \"exit\", \"exit_code\": 3, \"log\": [\"cannot start: told to\"]}",
    [STAGE_NEVER_READY] = "{\"healthy\": false}",
};

/* Where no program runs, somebody has to be told what this one would do. */
static void tell(const struct stage *stage, const char *digest, enum stage_image kind)
{
    if (!stage->control)
        return;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = gl_asprintf("%s/golive-test/image", stage->control);
    gl_autofree char *body =
        gl_asprintf("{\"digest\": \"%s\", \"behaviour\": %s}", digest, behaviours[kind]);
    struct gl_http_request request = {
        .method = "POST", .url = url, .body = body, .body_len = strlen(body)};
    gl_autohttp struct gl_http_response response = {0};
    stage_ok(gl_http_fetch(&request, &response, &err), &err);
    assert_int_equal(response.status, 200);
}

static const char *architecture_of(const struct stage *stage)
{
    const char *arch = gl_config_str(stage->config, "backend.arch");
    return gl_platform_is_aws(stage->config) && strcmp(arch, "ARM64") == 0 ? "arm64" : "amd64";
}

void stage_build(struct stage *stage, int64_t release, enum stage_image kind,
                 char ret_digest[GL_DIGEST_SIZE])
{
    static const char *const variables[] = {
        [STAGE_GOOD] = NULL,
        [STAGE_CRASHES] = "EXIT_AT_START=told to",
        [STAGE_NEVER_READY] = "NOT_READY=1",
    };
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *marker = gl_path_join(stage->dir, "marker");
    gl_autofree char *text = gl_asprintf("release %lld", (long long)release);
    stage_ok(gl_write_text(marker, text, 0644, &err), &err);
    const struct gl_image_file files[] = {
        {must_getenv("SAMPLE_HTTPD"), "/app/httpd",  0},
        {marker,                      "/app/marker", 0},
    };
    const struct gl_image_layer layer = {"app", files, GL_COUNT(files)};
    const char *const entrypoint[] = {"/app/httpd", NULL};
    const char *const env[] = {variables[kind], NULL};
    const struct gl_image_spec spec = {
        .layout_dir = stage->layout,
        .layers = &layer,
        .layer_count = 1,
        .entrypoint = entrypoint,
        .env = env,
        .user = "65532:65532",
        .workdir = "/app",
        .architecture = architecture_of(stage),
    };
    struct gl_image image = {0};
    stage_ok(gl_image_build(&spec, &image, &err), &err);
    memcpy(ret_digest, image.digest, GL_DIGEST_SIZE);
    tell(stage, ret_digest, kind);
}

/* ---- frontends ---------------------------------------------------------------------------------
 */

char *stage_build_site(struct stage *stage, int64_t release)
{
    gl_autoerr struct gl_error err = {0};
    char *dir = gl_asprintf("%s/site-%lld", stage->dir, (long long)release);
    gl_autofree char *assets = gl_path_join(dir, "_app/immutable");
    gl_autofree char *index = gl_path_join(dir, "index.html");
    gl_autofree char *asset = gl_asprintf("%s/app.%lld.js", assets, (long long)release);
    gl_autofree char *page = gl_asprintf("<title>site %lld</title>"
                                         "<script src=\"/_app/immutable/app.%lld.js\"></script>",
                                         (long long)release, (long long)release);
    gl_autofree char *script = gl_asprintf("console.log(%lld)", (long long)release);
    stage_ok(gl_mkdir_p(assets, 0755, &err), &err);
    stage_ok(gl_write_text(index, page, 0644, &err), &err);
    stage_ok(gl_write_text(asset, script, 0644, &err), &err);
    return dir;
}

char *stage_write_migration(struct stage *stage, const char *name, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    char *dir = gl_path_join(stage->dir, gl_config_str(stage->config, "migrations.dir"));
    gl_autofree char *path = gl_path_join(dir, name);
    stage_ok(gl_mkdir_p(dir, 0755, &err), &err);
    stage_ok(gl_write_text(path, sql, 0644, &err), &err);
    return dir;
}

/* ---- asking ------------------------------------------------------------------------------------
 */

void stage_get(struct stage *stage, enum gl_endpoint which, int64_t release, const char *path,
               struct gl_http_response *ret_response)
{
    gl_autoerr struct gl_error err = {0};
    gl_autotarget struct gl_target target = {0};
    stage_ok(stage->platform->ops->endpoint(stage->platform, which, release, &target, &err), &err);
    gl_autofree char *url = gl_asprintf("%s%s", target.base_url, path);
    gl_autostrv struct gl_strv headers = {0};
    gl_strv_add(&headers, "User-Agent: conformance");
    if (target.host)
        gl_strv_addf(&headers, "Host: %s", target.host);
    if (target.header)
        gl_strv_add(&headers, target.header);
    struct gl_http_request request = {
        .url = url,
        .headers = (const char *const *)headers.items,
        .resolve = target.resolve,
        .ca_file = target.ca_file,
    };
    stage_ok(gl_http_fetch(&request, ret_response, &err), &err);
}
