/* Reads the plan: every mistake is named by its place before anything is sent. */
#include "rehearse/load_plan.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "net/curl_list.h"
#include "rehearse/load.h"

const char *const gl_load_client_names[GL_LOAD_CLIENTS] = {
    [GL_LOAD_KEEP_ALIVE] = "keep_alive",
    [GL_LOAD_FRESH] = "fresh",
    [GL_LOAD_H2] = "h2",
};

enum {
    MAX_RPS = 100000,
    MAX_CONNECTIONS = 2000,
    DEFAULT_CONNECTIONS = 16,
    DEFAULT_STREAMS = 32,
    DEFAULT_TIMEOUT_MS = 10000,
};

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void free_curl_text(char **text)
{
    curl_free(*text);
}

/* Where in the plan we are: "targets[2]" and a member's name make "targets[2].url". */
struct place {
    const json_t *object;
    const char *name; /* "" = the plan itself */
    struct gl_error *err;
};

static int wrong(const struct place *at, const char *key, const char *expected)
{
    return gl_fail(at->err, GL_E_CONFIG, _("load plan: %s%s%s is not %s"), at->name,
                   *at->name ? "." : "", key, expected);
}

static int read_int(const struct place *at, const char *key, int64_t fallback,
                    const int64_t range[2], int64_t *ret_value)
{
    const json_t *value = json_object_get(at->object, key);
    *ret_value = value ? json_integer_value(value) : fallback;
    if ((value && !json_is_integer(value)) || *ret_value < range[0] || *ret_value > range[1]) {
        gl_autofree char *expected = gl_asprintf(_("a whole number from %lld to %lld"),
                                                 (long long)range[0], (long long)range[1]);
        return wrong(at, key, expected);
    }
    return 0;
}

static int read_text(const struct place *at, const char *key, bool required, char **ret_text)
{
    const json_t *value = json_object_get(at->object, key);
    if (!value && !required)
        return 0;
    /* jansson refuses NUL inside strings, so a text is its C string. */
    if (!json_is_string(value) || (required && json_string_length(value) == 0))
        return wrong(at, key, _("a text"));
    *ret_text = gl_strdup(json_string_value(value));
    return 0;
}

static int read_bool(const struct place *at, const char *key, bool *ret_value)
{
    const json_t *value = json_object_get(at->object, key);
    if (value && !json_is_boolean(value))
        return wrong(at, key, _("true or false"));
    *ret_value = json_is_true(value);
    return 0;
}

/* A list of one-line texts; a line break would let a value smuggle in further headers. */
static int read_texts(const struct place *at, const char *key, struct gl_strv *texts)
{
    const json_t *list = json_object_get(at->object, key);
    if (list && !json_is_array(list))
        return wrong(at, key, _("a list of texts"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || !*text || strpbrk(text, "\r\n"))
            return wrong(at, key, _("a list of texts of one line"));
        gl_strv_add(texts, text);
    }
    return 0;
}

static int read_slist(const struct place *at, const char *key, struct curl_slist **list)
{
    gl_autostrv struct gl_strv texts = {0};
    int failed = read_texts(at, key, &texts);
    for (size_t i = 0; failed == 0 && i < texts.count; i++)
        gl_curl_list_add(list, texts.items[i]);
    return failed;
}

/* Takes a URL apart. ret_host is the Host header's value; any ret_ may be NULL. */
static int read_url(const struct place *at, const char *text, char **ret_host, char **ret_path,
                    bool with_query)
{
    gl_cleanup(free_url) CURLU *url = curl_url();
    gl_cleanup(free_curl_text) char *host = NULL;
    gl_cleanup(free_curl_text) char *port = NULL;
    gl_cleanup(free_curl_text) char *path = NULL;
    gl_cleanup(free_curl_text) char *query = NULL;
    if (!(gl_starts_with(text, "http://") || gl_starts_with(text, "https://")) ||
        curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        return wrong(at, "url", _("a URL with http, https, ws or wss"));
    (void)curl_url_get(url, CURLUPART_PORT, &port, 0);
    if (with_query)
        (void)curl_url_get(url, CURLUPART_QUERY, &query, 0);
    if (ret_host)
        *ret_host = gl_asprintf("%s%s%s", host, port ? ":" : "", port ? port : "");
    *ret_path = gl_asprintf("%s%s%s", path, query ? "?" : "", query ? query : "");
    return 0;
}

static int read_statuses(const struct place *at, struct gl_load_target *target)
{
    const json_t *list = json_object_get(at->object, "expect_status");
    size_t count = json_array_size(list);
    if ((list && !json_is_array(list)) || count >= GL_COUNT(target->expect_status))
        return wrong(at, "expect_status", _("a list of at most 7 HTTP statuses"));
    for (size_t i = 0; i < count; i++) {
        target->expect_status[i] = (long)json_integer_value(json_array_get(list, i));
        if (target->expect_status[i] < 100 || target->expect_status[i] > 599)
            return wrong(at, "expect_status", _("a list of at most 7 HTTP statuses"));
    }
    return 0;
}

static bool is_repeatable(const struct gl_load_target *target)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    for (size_t i = 0; i < GL_COUNT(methods); i++) {
        if (strcmp(target->method, methods[i]) == 0)
            return true;
    }
    return target->idempotency;
}

static int read_method(const struct place *at, struct gl_load_target *target)
{
    int failed = read_text(at, "method", false, &target->method);
    if (failed == 0 && !target->method)
        target->method = gl_strdup("GET");
    for (const char *c = target->method; failed == 0 && (*c || c == target->method); c++) {
        if (!isupper((unsigned char)*c))
            failed = wrong(at, "method", _("an HTTP method in capital letters"));
    }
    return failed;
}

static int read_target(const struct place *at, struct gl_load_target *target)
{
    int failed = read_text(at, "name", true, &target->name);
    if (failed == 0)
        failed = read_text(at, "url", true, &target->url);
    if (failed == 0)
        failed = read_url(at, target->url, NULL, &target->path, false);
    if (failed == 0)
        failed = read_method(at, target);
    if (failed == 0)
        failed = read_text(at, "body", false, &target->body);
    if (failed == 0)
        failed = read_text(at, "expect_body", false, &target->expect_body);
    if (failed == 0)
        failed = read_int(at, "weight", 1, (int64_t[]){1, 1000000}, &target->weight);
    if (failed == 0)
        failed = read_slist(at, "headers", &target->headers);
    if (failed == 0)
        failed = read_statuses(at, target);
    if (failed == 0)
        failed = read_bool(at, "idempotency", &target->idempotency);
    if (failed == 0)
        failed = read_bool(at, "ack", &target->ack);
    if (failed < 0)
        return failed;
    target->repeatable = is_repeatable(target);
    /* "Expect: 100-continue" would add a round trip that browsers do not make. */
    gl_curl_list_add(&target->headers, "Expect:");
    return 0;
}

static int read_websocket(const struct place *at, struct gl_load_ws_plan *ws)
{
    gl_autofree char *url = NULL;
    int failed = read_text(at, "url", true, &url);
    if (failed < 0)
        return failed;
    /* libcurl only connects; it knows the scheme for TLS and the port. */
    bool is_ws = gl_starts_with(url, "ws://") || gl_starts_with(url, "wss://");
    ws->url = is_ws ? gl_asprintf("http%s", url + 2) : gl_strdup(url);
    failed = read_url(at, ws->url, &ws->host, &ws->path, true);
    if (failed == 0)
        failed = read_text(at, "name", false, &ws->name);
    if (failed == 0 && !ws->name)
        ws->name = gl_strdup("websocket");
    if (failed == 0)
        failed = read_int(at, "count", 1, (int64_t[]){1, MAX_CONNECTIONS}, &ws->count);
    if (failed == 0)
        failed = read_texts(at, "headers", &ws->headers);
    if (failed == 0)
        failed = read_text(at, "hello", false, &ws->hello);
    if (failed == 0)
        failed = read_text(at, "expect_ready", false, &ws->expect_ready);
    if (failed == 0)
        failed =
            read_int(at, "ping_interval_ms", 0, (int64_t[]){0, 3600000}, &ws->ping_interval_ms);
    return failed;
}

static int read_client(const struct place *plan_at, enum gl_load_client client,
                       struct gl_load_client_plan *ret_plan)
{
    const json_t *clients = json_object_get(plan_at->object, "clients");
    const json_t *object = json_object_get(clients, gl_load_client_names[client]);
    bool is_default = !clients && client == GL_LOAD_KEEP_ALIVE;
    gl_autofree char *name = gl_asprintf("clients.%s", gl_load_client_names[client]);
    struct place at = {object, name, plan_at->err};
    if (!object && !is_default)
        return 0;
    int64_t streams = client == GL_LOAD_H2 ? DEFAULT_STREAMS : 1;
    int64_t most_streams = client == GL_LOAD_H2 ? 256 : 1;
    int failed = read_int(&at, "share", 1, (int64_t[]){0, 1000000}, &ret_plan->share);
    if (failed == 0)
        failed = read_int(&at, "connections", client == GL_LOAD_H2 ? 1 : DEFAULT_CONNECTIONS,
                          (int64_t[]){1, MAX_CONNECTIONS}, &ret_plan->connections);
    if (failed == 0)
        failed =
            read_int(&at, "streams", streams, (int64_t[]){1, most_streams}, &ret_plan->streams);
    return failed;
}

static int read_targets(const struct place *at, struct gl_load_plan *plan)
{
    const json_t *list = json_object_get(at->object, "targets");
    size_t count = json_array_size(list);
    if ((list && !json_is_array(list)) || count > GL_LOAD_TARGETS_MAX)
        return wrong(at, "targets", _("a list of at most 32 request kinds"));
    plan->targets = gl_alloc((count + 1) * sizeof *plan->targets);
    plan->target_count = count;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        gl_autofree char *name = gl_asprintf("targets[%zu]", i);
        struct place target = {json_array_get(list, i), name, at->err};
        failed = read_target(&target, &plan->targets[i]);
    }
    return failed;
}

static int read_websockets(const struct place *at, struct gl_load_plan *plan)
{
    const json_t *list = json_object_get(at->object, "websockets");
    size_t count = json_array_size(list);
    if (list && !json_is_array(list))
        return wrong(at, "websockets", _("a list"));
    plan->websockets = gl_alloc((count + 1) * sizeof *plan->websockets);
    plan->websocket_count = count;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        gl_autofree char *name = gl_asprintf("websockets[%zu]", i);
        struct place ws = {json_array_get(list, i), name, at->err};
        failed = read_websocket(&ws, &plan->websockets[i]);
    }
    return failed;
}

static int read_rate(const struct place *at, struct gl_load_plan *plan)
{
    const json_t *rps = json_object_get(at->object, "rps");
    plan->rps = json_number_value(rps);
    bool valid = !rps || json_is_number(rps);
    if (!valid || !(plan->rps >= 0 && plan->rps <= MAX_RPS))
        return wrong(at, "rps", _("a number from 0 to 100,000"));
    if (plan->target_count && plan->rps <= 0)
        return wrong(at, "rps", _("above 0 although there are targets"));
    int64_t shares = 0;
    for (int i = 0; i < GL_LOAD_CLIENTS; i++)
        shares += plan->clients[i].share;
    if (plan->target_count && shares == 0)
        return wrong(at, "clients", _("giving any client a share"));
    if (!plan->target_count)
        plan->rps = 0;
    if (!plan->target_count && !plan->websocket_count)
        return wrong(at, "targets", _("there, and no websockets are either"));
    return 0;
}

static int read_plan(const struct place *at, struct gl_load_plan *plan)
{
    int failed = json_is_object(at->object) ? 0 : wrong(at, _("the whole"), _("an object"));
    if (failed == 0)
        failed =
            read_int(at, "duration_ms", 0, (int64_t[]){0, INT64_C(86400000)}, &plan->duration_ms);
    if (failed == 0)
        failed = read_int(at, "timeout_ms", DEFAULT_TIMEOUT_MS, (int64_t[]){10, 600000},
                          &plan->timeout_ms);
    if (failed == 0)
        failed = read_int(at, "shed_after_ms", 0, (int64_t[]){0, 600000}, &plan->shed_after_ms);
    if (failed == 0)
        failed = read_text(at, "ca_file", false, &plan->ca_file);
    if (failed == 0)
        failed = read_slist(at, "resolve", &plan->resolve);
    for (int client = 0; failed == 0 && client < GL_LOAD_CLIENTS; client++)
        failed = read_client(at, (enum gl_load_client)client, &plan->clients[client]);
    if (failed == 0)
        failed = read_targets(at, plan);
    if (failed == 0)
        failed = read_websockets(at, plan);
    if (failed == 0)
        failed = read_rate(at, plan);
    return failed;
}

int gl_load_plan_parse(const char *json, struct gl_load_plan **ret_plan, struct gl_error *err)
{
    gl_autojson json_t *root = NULL;
    int failed = gl_json_parse(json, strlen(json), _("load plan"), &root, err);
    if (failed < 0)
        return failed;
    gl_autoloadplan struct gl_load_plan *plan = gl_alloc(sizeof *plan);
    struct place at = {root, "", err};
    failed = read_plan(&at, plan);
    if (failed < 0)
        return failed;
    *ret_plan = gl_steal(&plan);
    return 0;
}

static void target_done(struct gl_load_target *target)
{
    free(target->name);
    free(target->method);
    free(target->url);
    free(target->path);
    free(target->body);
    free(target->expect_body);
    gl_curl_list_free(&target->headers);
}

static void websocket_done(struct gl_load_ws_plan *ws)
{
    free(ws->name);
    free(ws->url);
    free(ws->host);
    free(ws->path);
    free(ws->hello);
    free(ws->expect_ready);
    gl_strv_done(&ws->headers);
}

void gl_load_plan_free(struct gl_load_plan **plan_at)
{
    struct gl_load_plan *plan = *plan_at;
    if (!plan)
        return;
    for (size_t i = 0; i < plan->target_count; i++)
        target_done(&plan->targets[i]);
    for (size_t i = 0; i < plan->websocket_count; i++)
        websocket_done(&plan->websockets[i]);
    free(plan->targets);
    free(plan->websockets);
    free(plan->ca_file);
    gl_curl_list_free(&plan->resolve);
    free(plan);
    *plan_at = NULL;
}

struct gl_load_target *gl_load_next_target(struct gl_load_plan *plan)
{
    int64_t total = 0;
    struct gl_load_target *best = &plan->targets[0];
    for (size_t i = 0; i < plan->target_count; i++) {
        struct gl_load_target *target = &plan->targets[i];
        target->turn += target->weight;
        total += target->weight;
        if (target->turn > best->turn)
            best = target;
    }
    best->turn -= total;
    return best;
}

/* Each target has its own turns: one rotation for all would lock equal weights and shares together,
 * and a target would only ever meet one kind of client. */
enum gl_load_client gl_load_next_client(const struct gl_load_plan *plan,
                                        struct gl_load_target *target)
{
    int64_t total = 0;
    int best = -1;
    for (int i = 0; i < GL_LOAD_CLIENTS; i++) {
        int64_t share = plan->clients[i].share;
        target->client_turns[i] += share;
        total += share;
        if (share && (best < 0 || target->client_turns[i] > target->client_turns[best]))
            best = i;
    }
    target->client_turns[best] -= total;
    return (enum gl_load_client)best;
}

void gl_load_make_uuid(char ret_uuid[GL_LOAD_UUID_SIZE])
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        abort(); /* no system without randomness can speak TLS */
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char hex[2 * sizeof bytes + 1];
    gl_hex(bytes, sizeof bytes, hex);
    (void)snprintf(ret_uuid, GL_LOAD_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
}
