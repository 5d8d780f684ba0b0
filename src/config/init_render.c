/* The golive.yaml that `golive init` writes: only what differs from the defaults or is worth
 * seeing, each with where it was found. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "config/detect.h"
#include "config/schema.h"

/* "key: value  # comment", the comments in one column; values are quoted where YAML needs it. */
static void line(struct gl_buf *text, const char *key, const char *value, const char *comment)
{
    bool plain = *value && strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789/_.-") == strlen(value);
    const char *quote = plain ? "" : "\"";
    gl_autobuf struct gl_buf left = {0};
    gl_buf_printf(&left, "%s: %s%s%s", key, quote, value, quote);
    if (comment)
        gl_buf_printf(text, "%-34s # %s\n", gl_buf_text(&left), comment);
    else
        gl_buf_printf(text, "%s\n", gl_buf_text(&left));
}

static void found_line(struct gl_buf *text, const char *key, const struct gl_found *found,
                       const char *fallback, const char *missing)
{
    gl_autofree char *place = found ? gl_asprintf("%s:%u", found->file, found->line) : NULL;
    line(text, key, found ? found->text : fallback, place ? place : missing);
}

static void render_backend(const struct gl_detected *detected, struct gl_buf *text)
{
    if (!detected->backend_dir) { /* `golive init --force`: the line to be completed */
        gl_buf_puts(text, "\nbackend:\n");
        line(text, "  dir", "backend",
             _("NOT FOUND YET: the directory of a Cargo.toml with a src/main.rs or a [[bin]]"));
        return;
    }
    gl_autobuf struct gl_buf stack = {0};
    gl_buf_puts(&stack, "Rust");
    if (detected->axum)
        gl_buf_printf(&stack, ", axum %s", detected->axum);
    if (detected->sqlx)
        gl_buf_printf(&stack, ", sqlx %s", detected->sqlx);
    gl_buf_puts(text, "\nbackend:\n");
    line(text, "  dir", detected->backend_dir, gl_buf_text(&stack));
    found_line(text, "  port", detected->port.text ? &detected->port : NULL, "8080",
               _("given as PORT; no other port was seen in the code"));
    found_line(text, "  health_path", gl_detected_health(detected), "/healthz",
               _("NOT ROUTED YET: add it, answering 200 without asking the database"));
    found_line(text, "  ready_path", gl_detected_ready(detected), "/readyz",
               _("NOT ROUTED YET: add it, answering 200 and {\"db\":\"ok\"}"));
}

static void render_frontend(const struct gl_detected *detected, struct gl_buf *text)
{
    if (!detected->frontend_dir)
        return;
    bool is_static = detected->adapter && strcmp(detected->adapter, "static") == 0;
    gl_autofree char *kit = gl_asprintf("SvelteKit %s", detected->sveltekit);
    gl_autofree char *why = gl_asprintf(
        _("adapter-%s, %zu pages"), detected->adapter ? detected->adapter : "?", detected->pages);
    gl_buf_puts(text, "\nfrontend:\n");
    line(text, "  dir", detected->frontend_dir, kit);
    line(text, "  mode", is_static ? "static" : "ssr", why);
    if (strcmp(detected->build_dir, "build") != 0)
        line(text, "  build_dir", detected->build_dir, NULL);
}

static bool is_secret(const char *name)
{
    static const char *const parts[] = {"SECRET", "PASSWORD", "TOKEN",
                                        "_KEY",   "DSN",      "DATABASE_URL"};
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        if (strstr(name, parts[i]))
            return true;
    }
    return false;
}

/* PORT is given by golive itself. */
static bool is_given(const char *name)
{
    return strcmp(name, "PORT") == 0 || strcmp(name, "HOST") == 0 ||
           strcmp(name, "RELEASE_VERSION") == 0;
}

static void render_variable(const struct gl_found *found, const char *scope, struct gl_buf *text)
{
    const char *validate = "";
    if (strcmp(found->text, "DATABASE_URL") == 0)
        validate = ", validate: {url: postgres}";
    else if (strcmp(found->text, "JWT_SECRET") == 0)
        validate = ", validate: {min_bytes: 32}";
    gl_autofree char *row =
        gl_asprintf("  - {name: %s, scope: %s, kind: %s%s%s}", found->text, scope,
                    is_secret(found->text) && strcmp(scope, "frontend") != 0 ? "secret" : "plain",
                    found->optional ? ", required: false" : "", validate);
    gl_buf_printf(text, "%-76s # %s:%u\n", row, found->file, found->line);
}

static bool is_in(const struct gl_found_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].text, name) == 0)
            return true;
    }
    return false;
}

static void render_variables(const struct gl_detected *detected, struct gl_buf *text)
{
    size_t own = 0;
    for (size_t i = 0; i < detected->variables.count; i++)
        own += !is_given(detected->variables.items[i].text);
    if (detected->variables.count + detected->public_variables.count == 0)
        return;
    if (own + detected->public_variables.count == 0) { /* without a list, the default one holds */
        gl_buf_printf(text, "\n# %s\nenv_vars: []\n",
                      _("The code reads no variables but those that golive gives to each."));
        return;
    }
    gl_buf_printf(text, "\n# %s\nenv_vars:\n",
                  _("Variables the code reads. The values of secrets never stand here."));
    for (size_t i = 0; i < detected->variables.count; i++) {
        const struct gl_found *found = &detected->variables.items[i];
        bool shared = is_in(&detected->public_variables, found->text);
        if (!is_given(found->text))
            render_variable(found, shared ? "common" : "backend", text);
    }
    for (size_t i = 0; i < detected->public_variables.count; i++) {
        const struct gl_found *found = &detected->public_variables.items[i];
        if (!is_in(&detected->variables, found->text) && !is_given(found->text))
            render_variable(found, "frontend", text);
    }
}

/* The default tests ask for {"db":"ok"} and for CORS. What cannot pass them where nothing is wrong
 * gets tests of its own. */
static void render_smoke(const struct gl_detected *detected, struct gl_buf *text)
{
    const struct gl_found *ready = gl_detected_ready(detected);
    bool shows_db = !ready || detected->answers_db;
    if (!detected->backend_dir || (shows_db && detected->frontend_dir))
        return;
    gl_buf_printf(text, "\n# %s\n",
                  _("What a new version must answer before it gets traffic, and once more after:"));
    gl_buf_puts(text, "release:\n  smoke:\n");
    if (!shows_db)
        gl_buf_printf(text, "    # %s:%u %s\n", ready->file, ready->line,
                      _("answers no {\"db\":\"ok\"}; with it, add: jsonpath: $.db, equals: ok"));
    gl_buf_printf(text,
                  "    - {name: api-ready, url: \"https://{domain.api}{backend.ready_path}\", "
                  "status: 200%s}\n",
                  shows_db ? ", jsonpath: $.db, equals: ok" : "");
    if (detected->frontend_dir)
        gl_buf_puts(text, "    - {name: cors, url: \"https://{domain.api}/\", method: OPTIONS, "
                          "origin: \"https://{domain.app}\", "
                          "expect_header: access-control-allow-origin}\n");
}

static void render_websocket(const struct gl_detected *detected, struct gl_buf *text)
{
    const struct gl_found *route = gl_detected_websocket_route(detected);
    if (!route)
        return;
    gl_buf_printf(text, "\n# %s\n", _("A rehearsal keeps WebSocket clients connected:"));
    gl_buf_puts(text, "load:\n");
    gl_autofree char *value = gl_asprintf("  websocket: {path: %s, count: 4}", route->text);
    gl_buf_printf(text, "%-34s # %s:%u\n", value, route->file, route->line);
}

static void render_local(struct gl_buf *text)
{
    gl_buf_printf(text, "\nenvironments:\n  local:\n    # %s\n    release: {bake_seconds: 10}\n",
                  _("No user is here to be watched; elsewhere release.bake_minutes holds."));
}

char *gl_init_render(const struct gl_detected *detected)
{
    struct gl_buf text = {0};
    gl_buf_printf(&text, "# %s\n# %s\ngolive: 1\n\napp:\n",
                  _("Written by golive init from what this repository shows; edit it freely."),
                  _("Every key: golive help config. The merged result: golive config show."));
    line(&text, "  name", detected->name, _("begins the names of everything golive makes"));
    if (detected->repo)
        line(&text, "  repo", detected->repo, NULL);
    render_backend(detected, &text);
    render_frontend(detected, &text);
    if (detected->migrations_dir) {
        gl_autofree char *count =
            gl_asprintf(ngettext("%zu %s migration", "%zu %s migrations", detected->migrations),
                        detected->migrations, detected->migrations_tool);
        gl_buf_puts(&text, "\nmigrations:\n");
        line(&text, "  dir", detected->migrations_dir, count);
    }
    render_variables(detected, &text);
    render_smoke(detected, &text);
    render_websocket(detected, &text);
    render_local(&text);
    return gl_buf_steal(&text);
}
