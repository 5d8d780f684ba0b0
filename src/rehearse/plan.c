/* What the load generator sends: the paths of load.profile at the edge's public names, after a
 * login where one is configured. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "net/http.h"
#include "rehearse/internal.h"

enum {
    REQUEST_MS = 10000,
    SLOW_TIMES = 4,
    SHED_MS = 1000,
};

struct planning {
    struct gl_rehearsal *rehearsal;
    const struct gl_config *config;
    struct gl_target api;
    struct gl_target app;
    char *token; /* NULL without login */
};

static void planning_done(struct planning *planning)
{
    gl_target_done(&planning->api);
    gl_target_done(&planning->app);
    free(planning->token);
}

/* Replaces every `what` in `text`; the caller owns the result. */
static char *replace(const char *text, const char *what, const char *by)
{
    struct gl_buf result = {0};
    size_t len = strlen(what);
    for (const char *at; (at = strstr(text, what)); text = at + len) {
        gl_buf_add(&result, text, (size_t)(at - text));
        gl_buf_puts(&result, by);
    }
    gl_buf_puts(&result, text);
    return gl_buf_steal(&result);
}

/* A body may be written as text or as YAML that becomes JSON. NULL for none. */
static char *body_text(const json_t *body)
{
    if (!body || json_is_null(body))
        return NULL;
    return json_is_string(body) ? gl_strdup(json_string_value(body)) : gl_json_canonical(body);
}

/* ---- login -------------------------------------------------------------------------------------
 */

static bool login_worked(const json_t *login, long status)
{
    const json_t *expected = json_object_get(login, "expect_status");
    size_t index;
    json_t *value;
    if (json_array_size(expected) == 0)
        return status >= 200 && status <= 299;
    json_array_foreach(expected, index, value)
    {
        if (json_integer_value(value) == status)
            return true;
    }
    return false;
}

static int take_token(struct planning *planning, const json_t *login,
                      const struct gl_http_response *response, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    if (!login_worked(login, response->status))
        return gl_fail(err, GL_E_CONFIG, _("load.login: status %ld: %.200s"), response->status,
                       gl_buf_text(&response->body));
    int failed = gl_json_parse_secret(gl_buf_text(&response->body), response->body.len,
                                      "load.login", &answer, err);
    if (failed < 0)
        return failed;
    const char *path = gl_json_str(login, "token", "$.token");
    const char *name = path + strspn(path, "$.");
    const char *token = gl_json_str(answer, name, NULL);
    if (!token)
        return gl_fail(err, GL_E_CONFIG, _("load.login: the answer has no %s"), path);
    gl_secret_add(token);
    planning->token = gl_strdup(token);
    return 0;
}

static int log_in(struct planning *planning, struct gl_error *err)
{
    const json_t *login = gl_config_node(planning->config, "load.login");
    const char *path = gl_json_str(login, "path", NULL);
    if (!path)
        return 0;
    gl_autofree char *url = gl_asprintf("%s%s", planning->api.base_url, path);
    gl_autofree char *template = body_text(json_object_get(login, "body"));
    gl_autofree char *unique = gl_random_hex(8);
    gl_autofree char *body = replace(template ? template : "", "{uuid}", unique);
    const char *headers[] = {"Content-Type: application/json", NULL};
    struct gl_http_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = body,
        .body_len = strlen(body),
        .resolve = planning->api.resolve,
        .ca_file = planning->api.ca_file,
        .timeout_ms = 10000,
    };
    gl_autohttp struct gl_http_response response = {0};
    int failed = gl_http_fetch(&request, &response, err);
    return failed < 0 ? gl_error_wrap(err, "load.login")
                      : take_token(planning, login, &response, err);
}

/* ---- targets -----------------------------------------------------------------------------------
 */

static json_t *headers_of(const struct planning *planning, const json_t *row, bool has_body)
{
    json_t *headers = json_array();
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(row, "headers"), name, value)
    {
        gl_autofree char *header = gl_asprintf("%s: %s", name, json_string_value(value));
        json_array_append_new(headers, json_string(header));
    }
    if (has_body)
        json_array_append_new(headers, json_string("Content-Type: application/json"));
    if (planning->token && gl_json_bool(row, "auth", false)) {
        gl_autofree char *header = gl_asprintf("Authorization: Bearer %s", planning->token);
        json_array_append_new(headers, json_string(header));
    }
    return headers;
}

static json_t *target_of(const struct planning *planning, const json_t *row)
{
    const char *method = gl_json_str(row, "method", "GET");
    const char *path = gl_json_str(row, "path", "/");
    bool on_app = strcmp(gl_json_str(row, "host", "api"), "app") == 0;
    gl_autofree char *url =
        gl_asprintf("%s%s", on_app ? planning->app.base_url : planning->api.base_url, path);
    gl_autofree char *name = gl_asprintf("%s %.40s", method, path);
    gl_autofree char *body = body_text(json_object_get(row, "body"));
    json_t *target = json_object();
    gl_json_set_str(target, "name", name);
    gl_json_set_str(target, "method", method);
    gl_json_set_str(target, "url", url);
    gl_json_set_int(target, "weight", gl_json_int(row, "weight", 1));
    gl_json_set_str(target, "body", body);
    gl_json_set_bool(target, "idempotency", gl_json_bool(row, "idempotency", false));
    /* Acknowledged writes are what load.verify_sql must find again. */
    gl_json_set_bool(target, "ack", gl_json_bool(row, "idempotency", false));
    json_object_set_new(target, "headers", headers_of(planning, row, body != NULL));
    json_t *expect = json_object_get(row, "expect_status");
    if (json_is_array(expect))
        json_object_set(target, "expect_status", expect);
    return target;
}

static json_t *page_target(const struct planning *planning, const json_t *page)
{
    gl_autofree char *url =
        gl_asprintf("%s%s", planning->app.base_url, gl_json_str(page, "path", "/"));
    json_t *target = json_object();
    gl_json_set_str(target, "name", "page");
    gl_json_set_str(target, "method", "GET");
    gl_json_set_str(target, "url", url);
    gl_json_set_int(target, "weight", 1);
    gl_json_set_str(target, "expect_body", gl_json_str(page, "marker", NULL));
    return target;
}

/* Faults spare the paths that health checks use, for those must go on telling the truth. */
static bool can_be_spoiled(const struct planning *planning, const json_t *row)
{
    static const char *const spared[] = {"backend.health_path", "backend.ready_path"};
    const char *path = gl_json_str(row, "path", "/");
    size_t len = strcspn(path, "?");
    bool on_api = strcmp(gl_json_str(row, "host", "api"), "api") == 0;
    for (size_t i = 0; i < GL_COUNT(spared); i++) {
        const char *health = gl_config_str(planning->config, spared[i]);
        on_api = on_api && !(health && strlen(health) == len && strncmp(path, health, len) == 0);
    }
    return on_api;
}

/* A path that no application knows. Whatever the version answers is right as long as it answers by
 * itself: so every application can be rehearsed, even one of which only the health path is known.
 */
static json_t *unknown_path_target(const struct planning *planning)
{
    gl_autofree char *url = gl_asprintf("%s/golive-rehearsal", planning->api.base_url);
    return json_pack("{s:s, s:s, s:s, s:i, s:[iiiiiii]}", "name", "GET /golive-rehearsal", "method",
                     "GET", "url", url, "weight", 1, "expect_status", 200, 301, 302, 401, 403, 404,
                     405);
}

static json_t *targets_of(const struct planning *planning)
{
    bool spoilable = false;
    json_t *targets = json_array();
    size_t index;
    json_t *row;
    json_array_foreach(gl_config_node(planning->config, "load.profile"), index, row)
    {
        bool on_app = strcmp(gl_json_str(row, "host", "api"), "app") == 0;
        spoilable = spoilable || can_be_spoiled(planning, row);
        if (!on_app || planning->app.base_url)
            json_array_append_new(targets, target_of(planning, row));
    }
    if (!spoilable)
        json_array_append_new(targets, unknown_path_target(planning));
    if (planning->app.base_url) {
        json_array_foreach(gl_config_node(planning->config, "frontend.smoke_pages"), index, row)
            json_array_append_new(targets, page_target(planning, row));
    }
    return targets;
}

static json_t *websockets_of(const struct planning *planning)
{
    json_t *list = json_array();
    const json_t *row = gl_config_node(planning->config, "load.websocket");
    const char *path = gl_json_str(row, "path", NULL);
    if (!path)
        return list;
    json_t *websocket = json_object();
    gl_autofree char *base = replace(planning->api.base_url, "https://", "wss://");
    gl_autofree char *url = gl_asprintf("%s%s", base, path);
    gl_autofree char *template = body_text(json_object_get(row, "hello"));
    gl_autofree char *hello =
        template ? replace(template, "{token}", planning->token ? planning->token : "") : NULL;
    gl_json_set_str(websocket, "name", "websocket");
    gl_json_set_str(websocket, "url", url);
    gl_json_set_int(websocket, "count", gl_json_int(row, "count", 10));
    gl_json_set_str(websocket, "hello", hello);
    gl_json_set_str(websocket, "expect_ready", gl_json_str(row, "expect", NULL));
    json_array_append_new(list, websocket);
    return list;
}

static json_t *clients_of(const struct planning *planning)
{
    int64_t connections = gl_config_int(planning->config, "load.connections");
    return json_pack("{s:{s:i,s:I}, s:{s:i,s:I}, s:{s:i,s:i,s:i}}", "keep_alive", "share", 80,
                     "connections", (json_int_t)connections, "fresh", "share", 5, "connections",
                     (json_int_t)connections, "h2", "share", 15, "connections", 2, "streams", 20);
}

int64_t gl_load_timeout_ms(const struct gl_config *config)
{
    int64_t slow_ms = SLOW_TIMES * gl_fault_slow_ms(config);
    return slow_ms > REQUEST_MS ? slow_ms : REQUEST_MS;
}

static json_t *assemble(const struct planning *planning)
{
    json_t *plan = json_object();
    json_t *resolve = json_array();
    if (planning->api.resolve)
        json_array_append_new(resolve, json_string(planning->api.resolve));
    if (planning->app.resolve)
        json_array_append_new(resolve, json_string(planning->app.resolve));
    json_object_set_new(plan, "resolve", resolve);
    gl_json_set_str(plan, "ca_file", planning->api.ca_file);
    /* What this machine cannot send is not what the release lost; a stall is (load.h), but one that
     * the rehearsal's own fault makes is none: every connection may wait for an answer that it
     * delays. */
    gl_json_set_int(plan, "timeout_ms", gl_load_timeout_ms(planning->config));
    gl_json_set_int(plan, "shed_after_ms", gl_fault_slow_ms(planning->config) + SHED_MS);
    gl_json_set_int(plan, "rps", gl_config_int(planning->config, "load.rps"));
    json_object_set_new(plan, "clients", clients_of(planning));
    json_object_set_new(plan, "targets", targets_of(planning));
    json_object_set_new(plan, "websockets", websockets_of(planning));
    return plan;
}

int gl_load_plan(struct gl_rehearsal *rehearsal, json_t **ret_plan, struct gl_error *err)
{
    const struct gl_config *config = rehearsal->request->config;
    struct gl_platform *platform = rehearsal->platform;
    gl_cleanup(planning_done) struct planning planning = {.rehearsal = rehearsal, .config = config};
    struct gl_traffic traffic = {0};
    int failed = platform->ops->endpoint(platform, GL_ENDPOINT_API, 0, &planning.api, err);
    if (failed == 0)
        failed = platform->ops->traffic(platform, &traffic, err);
    if (failed == 0 && traffic.frontend_release)
        failed = platform->ops->endpoint(platform, GL_ENDPOINT_APP, 0, &planning.app, err);
    if (failed == 0)
        failed = log_in(&planning, err);
    if (failed < 0)
        return failed;
    *ret_plan = assemble(&planning);
    return 0;
}
