/* What Rust sources show: variables they read, routes, the port, WebSockets. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/source.h"

/* ---- variables ---------------------------------------------------------------------------------
 */

static bool reads_environment(const char *text)
{
    return strstr(text, "env::var") || strstr(text, "env!(") || strstr(text, "dotenvy::var");
}

/* Set by cargo itself, or by whoever starts every program. */
static bool is_foreign(const char *name)
{
    static const char *const names[] = {"HOME", "PATH", "USER", "TMPDIR", "OUT_DIR"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return gl_starts_with(name, "CARGO_");
}

/* The word before an opening bracket: the function that is called. The caller owns it. */
static char *callee(const char *text, const char *bracket)
{
    const char *begin = bracket;
    while (begin > text && (isalnum((unsigned char)begin[-1]) || begin[-1] == '_'))
        begin--;
    return gl_strndup(begin, (size_t)(bracket - begin));
}

/* `or("X", "default")`, `or("X", 8080)` */
static bool has_second_literal(const char *bracket)
{
    const char *open = strchr(bracket, '"');
    const char *close = open ? strchr(open + 1, '"') : NULL;
    if (!close || close[1] != ',')
        return false;
    const char *next = close + 2 + strspn(close + 2, " \t\r\n");
    return *next == '"' || isdigit((unsigned char)*next);
}

/* True where the program starts without the variable: `optional("X")`, `or("X", "default")`,
 * `var("X").unwrap_or(..)`. */
static bool has_fallback(const char *text, const char *bracket)
{
    static const char *const signs[] = {"unwrap_or", ".ok()", "or_else", "map_or", "is_ok"};
    gl_autofree char *name = callee(text, bracket);
    if (strstr(name, "require"))
        return false;
    if (strstr(name, "opt") || gl_ends_with(name, "_or") || has_second_literal(bracket))
        return true;
    gl_autofree char *statement = gl_strndup(bracket, strcspn(bracket, ";?}"));
    for (size_t i = 0; i < GL_COUNT(signs); i++) {
        if (strstr(statement, signs[i]))
            return true;
    }
    return false;
}

/* Programs wrap env::var in helpers (`required("JWT_SECRET")`), so in a file that reads the
 * environment any call counts whose first argument is the name of a variable. */
static void find_variables(const char *text, const char *relative, struct gl_detected *detected)
{
    if (!reads_environment(text))
        return;
    for (const char *at = strchr(text, '('); at; at = strchr(at + 1, '(')) {
        bool is_call = at > text && (isalnum((unsigned char)at[-1]) || strchr("_!>", at[-1]));
        gl_autofree char *name = is_call ? gl_source_literal(at + 1) : NULL;
        if (name && gl_source_is_variable(name) && !is_foreign(name))
            gl_found_add(&detected->variables, name, relative, gl_source_line(text, at))
                ->optional |= has_fallback(text, at);
    }
}

/* ---- routes ------------------------------------------------------------------------------------
 */

static void find_routes(const char *text, const char *relative, struct gl_detected *detected)
{
    static const char call[] = ".route(";
    for (const char *at = strstr(text, call); at; at = strstr(at + 1, call)) {
        gl_autofree char *path = gl_source_literal(at + strlen(call));
        if (path && *path == '/')
            (void)gl_found_add(&detected->routes, path, relative, gl_source_line(text, at));
    }
    const char *socket = strstr(text, "WebSocketUpgrade");
    if (socket && !detected->websocket.text)
        detected->websocket = (struct gl_found){.text = gl_strdup("WebSocketUpgrade"),
                                                .file = gl_strdup(relative),
                                                .line = gl_source_line(text, socket)};
}

/* ---- answers -----------------------------------------------------------------------------------
 */

/* `json!({"db": "ok"})`, `Ready { db: "ok" }` */
static bool answers_db(const char *code)
{
    return strstr(code, "\"db\"") || strstr(code, "db: \"ok\"");
}

/* A layer of tower-http or the header itself, as text or as a constant. */
static bool answers_cors(const char *code)
{
    return strstr(code, "CorsLayer") || strcasestr(code, "access-control-allow-origin") ||
           strcasestr(code, "access_control_allow_origin");
}

/* ---- port --------------------------------------------------------------------------------------
 */

static bool is_port(const char *at, long *ret_port)
{
    char *end;
    long port = strtol(at, &end, 10);
    if (end - at < 2 || end - at > 5 || port < 80 || port > 65535 || isalnum((unsigned char)*end))
        return false;
    *ret_port = port;
    return true;
}

/* `port.unwrap_or(8080)`, `DEFAULT_PORT: u16 = 8080`: the last word before the number is a port. */
static bool names_port(const char *text, const char *digit)
{
    static const char *const joints[] = {".unwrap_or(", ": u16 = "};
    for (size_t i = 0; i < GL_COUNT(joints); i++) {
        size_t len = strlen(joints[i]);
        const char *joint = digit - len;
        if ((size_t)(digit - text) >= len + 4 && strncmp(joint, joints[i], len) == 0 &&
            strncasecmp(joint - 4, "port", 4) == 0)
            return true;
    }
    return false;
}

static void keep_port(struct gl_detected *detected, long port, const char *relative, unsigned line)
{
    if (detected->port.text)
        return;
    detected->port = (struct gl_found){
        .text = gl_asprintf("%ld", port), .file = gl_strdup(relative), .line = line};
}

/* The first number in the statement that reads PORT: `.unwrap_or(8080)`, `, "8080")`. */
static void find_port_default(const char *text, const char *relative, struct gl_detected *detected)
{
    for (const char *at = strstr(text, "\"PORT\""); at; at = strstr(at + 1, "\"PORT\"")) {
        size_t statement = strcspn(at, ";");
        for (const char *digit = at; digit < at + statement; digit++) {
            long port;
            bool begins = isdigit((unsigned char)*digit) && !isalnum((unsigned char)digit[-1]);
            if (!begins || !is_port(digit, &port))
                continue;
            keep_port(detected, port, relative, gl_source_line(text, digit));
            return;
        }
    }
}

static void find_named_port(const char *text, const char *relative, struct gl_detected *detected)
{
    for (const char *at = text; *at; at++) {
        long port;
        if (isdigit((unsigned char)*at) && names_port(text, at) && is_port(at, &port))
            keep_port(detected, port, relative, gl_source_line(text, at));
    }
}

/* A fixed address: "0.0.0.0:3000", ([0, 0, 0, 0], 3000). */
static void find_address(const char *text, const char *relative, struct gl_detected *detected)
{
    static const char *const before[] = {"0.0.0.0:", "127.0.0.1:", "[::]:", "[0, 0, 0, 0], ",
                                         "[127, 0, 0, 1], "};
    for (size_t i = 0; i < GL_COUNT(before); i++) {
        const char *at = strstr(text, before[i]);
        long port;
        if (at && is_port(at + strlen(before[i]), &port))
            keep_port(detected, port, relative, gl_source_line(text, at));
    }
}

/* Unit tests stand at the end of a file and have addresses and variables of their own. */
static void cut_tests(char *code)
{
    char *tests = strstr(code, "#[cfg(test)]");
    const char *rest = tests ? tests + strlen("#[cfg(test)]") : NULL;
    if (rest && gl_starts_with(rest + strspn(rest, " \t\r\n"), "mod"))
        *tests = '\0';
}

void gl_detect_rust(const char *text, const char *relative, struct gl_detected *detected)
{
    gl_autofree char *code = gl_strdup(text);
    gl_source_blank_comments(code, false);
    cut_tests(code);
    find_variables(code, relative, detected);
    find_routes(code, relative, detected);
    find_port_default(code, relative, detected);
    find_named_port(code, relative, detected);
    find_address(code, relative, detected);
    detected->answers_db |= answers_db(code);
    detected->answers_cors |= answers_cors(code);
}

/* ---- which of the routes -----------------------------------------------------------------------
 */

static const struct gl_found *first_routed(const struct gl_detected *detected,
                                           const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < detected->routes.count; j++) {
            if (strcmp(detected->routes.items[j].text, paths[i]) == 0)
                return &detected->routes.items[j];
        }
    }
    return NULL;
}

const struct gl_found *gl_detected_health(const struct gl_detected *detected)
{
    static const char *const paths[] = {"/healthz",     "/livez", "/health", "/live",
                                        "/health/live", "/alive", "/ping"};
    return first_routed(detected, paths, GL_COUNT(paths));
}

const struct gl_found *gl_detected_ready(const struct gl_detected *detected)
{
    static const char *const paths[] = {"/readyz", "/ready", "/health/ready", "/readiness"};
    return first_routed(detected, paths, GL_COUNT(paths));
}

const struct gl_found *gl_detected_websocket_route(const struct gl_detected *detected)
{
    if (!detected->websocket.text)
        return NULL;
    for (size_t i = 0; i < detected->routes.count; i++) {
        const char *path = detected->routes.items[i].text;
        if (gl_ends_with(path, "/ws") || strstr(path, "socket"))
            return &detected->routes.items[i];
    }
    return NULL;
}
