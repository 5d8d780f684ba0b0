/* Smoke tests: the requests of release.smoke, against one version itself or through the edge. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "net/http.h"
#include "release/internal.h"

/* Splits "https://host/path" into host and path; false when it is no such URL. */
static bool split_url(const char *url, char **ret_host, char **ret_path)
{
    const char *host = strstr(url, "://");
    if (!host)
        return false;
    host += 3;
    size_t len = strcspn(host, "/");
    *ret_host = gl_strndup(host, len);
    *ret_path = gl_strdup(host[len] ? host + len : "/");
    return true;
}

/* A JSON path of member names only: "$.db", "$.a.b". */
static const json_t *json_path(const json_t *json, const char *path)
{
    gl_autostrv struct gl_strv names = {0};
    gl_strv_split(&names, path, "$.");
    for (size_t i = 0; json && i < names.count; i++)
        json = json_object_get(json, names.items[i]);
    return json;
}

static int check_json(const json_t *probe, const struct gl_http_response *response,
                      const char *name, struct gl_error *err)
{
    const char *path = gl_json_str(probe, "jsonpath", NULL);
    const char *want = gl_json_str(probe, "equals", NULL);
    if (!path || !want)
        return 0;
    gl_autojson json_t *body = NULL;
    int failed = gl_json_parse(gl_buf_text(&response->body), response->body.len, name, &body, err);
    if (failed < 0)
        return gl_error_wrap(err, _("smoke test %s"), name);
    const json_t *value = json_path(body, path);
    gl_autofree char *got = value && !json_is_string(value) ? gl_json_canonical(value) : NULL;
    const char *text = json_is_string(value) ? json_string_value(value) : got;
    if (text && strcmp(text, want) == 0)
        return 0;
    return gl_fail(err, GL_E_UNHEALTHY, _("smoke test %s: %s is `%s`, expected `%s`"), name, path,
                   text ? text : _("absent"), want);
}

static int check_response(const json_t *probe, const struct gl_http_response *response,
                          struct gl_error *err)
{
    const char *name = gl_json_str(probe, "name", "?");
    int64_t status = gl_json_int(probe, "status", 0);
    bool as_expected = status ? response->status == status : response->status < 400;
    if (!as_expected && !status)
        return gl_fail(err, GL_E_UNHEALTHY,
                       _("smoke test %s: status %ld, expected below 400: %.200s"), name,
                       response->status, gl_buf_text(&response->body));
    if (!as_expected)
        return gl_fail(err, GL_E_UNHEALTHY, _("smoke test %s: status %ld, expected %lld: %.200s"),
                       name, response->status, (long long)status, gl_buf_text(&response->body));
    const char *header = gl_json_str(probe, "expect_header", NULL);
    if (header && !gl_http_header(response, header))
        return gl_fail(err, GL_E_UNHEALTHY, _("smoke test %s: the answer has no header %s"), name,
                       header);
    return check_json(probe, response, name, err);
}

/* A test of ready_path or health_path is one of the version's own path: they are filled in when its
 * release is made, and kept with it. Names of hosts are those of the moment. */
static json_t *pinned_url(const struct gl_release *release, const char *url)
{
    static const char *const keys[] = {"backend.ready_path", "backend.health_path"};
    gl_autofree char *now = gl_strdup(url);
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        gl_autofree char *hole = gl_asprintf("{%s}", keys[i]);
        const char *at = now;
        struct gl_buf filled = {0};
        for (const char *next; (next = strstr(at, hole)); at = next + strlen(hole)) {
            gl_buf_add(&filled, at, (size_t)(next - at));
            gl_buf_puts(&filled, gl_config_str(release->config, keys[i]));
        }
        gl_buf_puts(&filled, at);
        free(gl_steal(&now));
        now = gl_buf_steal(&filled);
    }
    return json_string(now);
}

json_t *gl_smoke_pinned(const struct gl_release *release)
{
    json_t *probes = json_deep_copy(gl_config_node(release->config, "release.smoke"));
    size_t index;
    json_t *probe;
    json_array_foreach(probes, index, probe)
    {
        const char *url = gl_json_str(probe, "url", "");
        json_object_set_new(probe, "url", pinned_url(release, url));
    }
    return probes ? probes : json_array();
}

/* The tests that belong to a release: what it was made with, not what golive.yaml says by now.
 * Those of a release that was made before they were kept are the present ones. */
static int probes_of(struct gl_release *release, int64_t number, json_t **ret_probes,
                     struct gl_error *err)
{
    gl_autojournal struct gl_journal journal = {0};
    *ret_probes = NULL;
    if (release->operation == GL_ROLLBACK || number != release->number) {
        int failed = gl_journal_read(release->ledger, release->env, &journal, err);
        if (failed < 0)
            return failed;
        const struct gl_operation_record *made = gl_journal_deploy_of(&journal, number);
        const json_t *facts = made ? json_object_get(made->facts, "smoke new") : NULL;
        *ret_probes = json_deep_copy(json_object_get(facts, "probes"));
    }
    if (!*ret_probes)
        *ret_probes = gl_smoke_pinned(release);
    return 0;
}

static char *expand_value(const struct gl_release *release, const json_t *probe, const char *key)
{
    const char *raw = gl_json_str(probe, key, NULL);
    return raw ? gl_config_expand(release->config, raw) : NULL;
}

/* The public origin of the frontend as browsers send it: with the port where it is not 443. */
static char *browser_origin(struct gl_release *release, const char *configured)
{
    gl_autotarget struct gl_target app = {0};
    gl_autofree char *host = NULL;
    gl_autofree char *path = NULL;
    const char *app_host = gl_config_str(release->config, "domain.app");
    if (!split_url(configured, &host, &path) || !app_host || strcmp(host, app_host) != 0)
        return gl_strdup(configured);
    if (release->platform->ops->endpoint(release->platform, GL_ENDPOINT_APP, release->number, &app,
                                         NULL) < 0)
        return gl_strdup(configured);
    return gl_strdup(app.base_url);
}

static int send_probe(struct gl_release *release, const json_t *probe,
                      const struct gl_target *target, const char *path, struct gl_error *err)
{
    gl_autofree char *url = gl_asprintf("%s%s", target->base_url, path);
    gl_autofree char *origin = expand_value(release, probe, "origin");
    gl_autofree char *sent_origin = origin ? browser_origin(release, origin) : NULL;
    gl_autostrv struct gl_strv headers = {0};
    gl_strv_add(&headers, "User-Agent: golive-smoke");
    if (target->host)
        gl_strv_addf(&headers, "Host: %s", target->host);
    if (target->header)
        gl_strv_add(&headers, target->header);
    if (sent_origin) {
        gl_strv_addf(&headers, "Origin: %s", sent_origin);
        gl_strv_add(&headers, "Access-Control-Request-Method: GET");
    }
    struct gl_http_request request = {
        .method = gl_json_str(probe, "method", "GET"),
        .url = url,
        .headers = (const char *const *)headers.items,
        .resolve = target->resolve,
        .ca_file = target->ca_file,
        .timeout_ms = gl_step_left_ms(release, gl_json_int(probe, "timeout_ms", 5000)),
    };
    gl_autohttp struct gl_http_response response = {0};
    int failed = gl_http_fetch(&request, &response, err);
    if (failed < 0)
        return failed == GL_E_INTERRUPTED
                   ? failed
                   : gl_error_wrap(err, _("smoke test %s"), gl_json_str(probe, "name", "?"));
    failed = check_response(probe, &response, err);
    return failed < 0 ? gl_error_hint(err,
                                      _("The application or the test is wrong. What is asked: "
                                        "golive config show release.smoke%s"),
                                      gl_config_env_words(release->config))
                      : 0;
}

/* Which endpoint a host means; a version itself has pages only where a service makes them. */
static enum gl_endpoint endpoint_of(bool is_app, enum gl_smoke_stage stage)
{
    if (stage == GL_SMOKE_VERSION)
        return is_app ? GL_ENDPOINT_PAGES : GL_ENDPOINT_VERSION;
    return is_app ? GL_ENDPOINT_APP : GL_ENDPOINT_API;
}

static int run_probe(struct gl_release *release, const json_t *probe, enum gl_smoke_stage stage,
                     int64_t number, size_t *passed, struct gl_error *err)
{
    gl_autofree char *url = expand_value(release, probe, "url");
    gl_autofree char *host = NULL;
    gl_autofree char *path = NULL;
    if (!url || !split_url(url, &host, &path))
        return gl_fail(err, GL_E_CONFIG, _("release.smoke: `%s` is no URL"), url ? url : "");
    const char *app = gl_config_str(release->config, "domain.app");
    bool is_app = app && strcmp(host, app) == 0;
    /* Of the serving version its backend is asked: its pages need not be a service's. */
    bool has_pages = gl_platform_has_pages(release->config) && number == release->number;
    if (is_app && stage == GL_SMOKE_VERSION && !has_pages)
        return 0;
    gl_autotarget struct gl_target target = {0};
    int failed = release->platform->ops->endpoint(release->platform, endpoint_of(is_app, stage),
                                                  number, &target, err);
    if (failed == 0)
        failed = send_probe(release, probe, &target, path, err);
    if (failed == 0)
        (*passed)++;
    return failed;
}

int gl_smoke_run(struct gl_release *release, enum gl_smoke_stage stage, int64_t number,
                 size_t *ret_passed, struct gl_error *err)
{
    gl_autojson json_t *probes = NULL;
    size_t passed = 0;
    size_t index;
    json_t *probe;
    int failed = probes_of(release, number, &probes, err);
    if (failed < 0)
        return failed;
    json_array_foreach(probes, index, probe)
    {
        gl_release_update(release, "%s", gl_json_str(probe, "name", ""));
        failed = gl_step_check_time(release, err);
        if (failed == 0)
            failed = run_probe(release, probe, stage, number, &passed, err);
        if (failed < 0)
            return failed;
    }
    *ret_passed = passed;
    return 0;
}
