/* golive init: looks at the repository and writes golive.yaml. */
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "config/detect.h"

static void join_names(const struct gl_found_list *list, struct gl_buf *text)
{
    for (size_t i = 0; i < list->count; i++)
        gl_buf_printf(text, "%s%s", i ? ", " : "", list->items[i].text);
}

static void print_backend(const struct gl_detected *found, FILE *out)
{
    if (!found->backend_dir) {
        fputs(_("  missing    no crate with a main.rs\n"), out);
        return;
    }
    gl_autobuf struct gl_buf stack = {0};
    if (found->axum)
        gl_buf_printf(&stack, ", axum %s", found->axum);
    if (found->sqlx)
        gl_buf_printf(&stack, ", sqlx %s (PostgreSQL)", found->sqlx);
    gl_buf_printf(&stack, _(", listens on $PORT (%s)"),
                  found->port.text ? found->port.text : "8080");
    fprintf(out, _("  backend    %s   Rust%s\n"), found->backend_dir, gl_buf_text(&stack));
}

static void print_frontend(const struct gl_detected *found, FILE *out)
{
    if (!found->frontend_dir)
        return;
    fprintf(out, _("  frontend   %s   SvelteKit %s, adapter-%s, %zu pages%s\n"),
            found->frontend_dir, found->sveltekit, found->adapter ? found->adapter : "?",
            found->pages, found->prerenders ? _(", all prerender") : "");
    if (!found->adapter || strcmp(found->adapter, "auto") == 0)
        fputs(_("  missing    adapter-static or adapter-node in svelte.config.js\n"), out);
    if (!found->has_lock)
        fputs(_("  missing    package-lock.json: builds are not repeatable without it\n"), out);
}

static void print_variables(const struct gl_detected *found, FILE *out)
{
    gl_autobuf struct gl_buf names = {0};
    join_names(&found->variables, &names);
    if (names.len && found->public_variables.count)
        gl_buf_puts(&names, "; ");
    join_names(&found->public_variables, &names);
    if (names.len)
        fprintf(out, _("  variables  %s\n"), gl_buf_text(&names));
}

static bool lacks_cors(const struct gl_detected *found)
{
    return found->backend_dir && found->frontend_dir && !found->answers_cors;
}

static void print_missing(const struct gl_detected *found, FILE *out)
{
    if (found->backend_dir && !gl_detected_health(found))
        fputs(_("  missing    health endpoint: none of /healthz /livez /health is routed\n"), out);
    if (found->backend_dir && !gl_detected_ready(found))
        fputs(_("  missing    readiness endpoint: none of /readyz /ready is routed\n"), out);
    if (lacks_cors(found))
        fputs(_("  missing    CORS: the pages are on another host than the API, and nothing sets "
                "access-control-allow-origin\n"),
              out);
}

static void print_found(const struct gl_detected *found, FILE *out)
{
    fputs(_("Looking at this repository\n"), out);
    print_backend(found, out);
    print_frontend(found, out);
    if (found->migrations_dir)
        fprintf(out,
                ngettext("  database   %s   %zu %s migration\n",
                         "  database   %s   %zu %s migrations\n", found->migrations),
                found->migrations_dir, found->migrations, found->migrations_tool);
    print_variables(found, out);
    print_missing(found, out);
}

static json_t *list_json(const struct gl_found_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *item = json_object();
        gl_json_set_str(item, "name", list->items[i].text);
        gl_json_set_str(item, "file", list->items[i].file);
        gl_json_set_int(item, "line", list->items[i].line);
        json_array_append_new(array, item);
    }
    return array;
}

static void print_json(const struct gl_detected *found, const char *path, FILE *out)
{
    gl_autojson json_t *object = json_object();
    gl_json_set_str(object, "written", path);
    gl_json_set_str(object, "name", found->name);
    gl_json_set_str(object, "backend_dir", found->backend_dir);
    gl_json_set_str(object, "binary", found->binary);
    gl_json_set_str(object, "axum", found->axum);
    gl_json_set_str(object, "sqlx", found->sqlx);
    gl_json_set_str(object, "port", found->port.text);
    gl_json_set_bool(object, "answers_db", found->answers_db);
    gl_json_set_bool(object, "answers_cors", found->answers_cors);
    gl_json_set_str(object, "frontend_dir", found->frontend_dir);
    gl_json_set_str(object, "sveltekit", found->sveltekit);
    gl_json_set_str(object, "adapter", found->adapter);
    gl_json_set_bool(object, "prerenders", found->prerenders);
    gl_json_set_str(object, "migrations_dir", found->migrations_dir);
    gl_json_set_int(object, "migrations", (int64_t)found->migrations);
    gl_json_set_str(object, "migrations_tool", found->migrations_tool);
    json_object_set_new(object, "routes", list_json(&found->routes));
    json_object_set_new(object, "variables", list_json(&found->variables));
    json_object_set_new(object, "public_variables", list_json(&found->public_variables));
    gl_autofree char *text = gl_json_pretty(object);
    fputs(text, out);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Never over an existing file: it may have a year of decisions in it. */
static int write_file(const char *path, const char *text, struct gl_error *err)
{
    if (gl_path_exists(path)) {
        gl_fail(err, GL_E_REFUSED, _("%s exists already and stays as it is"), path);
        return gl_error_hint(err, _("golive init --print shows what would be written."));
    }
    return gl_write_text(path, text, 0644, err);
}

/* Without a backend every release would fail: then no file is written that says otherwise. */
static int require_backend(struct gl_context *context, const char *dir,
                           const struct gl_detected *found, struct gl_error *err)
{
    if (found->backend_dir || gl_flag_bool(context, "force"))
        return 0;
    if (context->format_json)
        print_json(found, NULL, context->out);
    else
        print_found(found, context->out);
    gl_fail(err, GL_E_NOT_FOUND, _("no backend was found in %s, and nothing was written"), dir);
    return gl_error_hint(err,
                         _("What is released is a Rust program: a Cargo.toml with a src/main.rs or "
                           "a [[bin]]. Go to its repository, or write the file all the same "
                           "with --force and set backend.dir in it."));
}

static bool lacks_endpoints(const struct gl_detected *found)
{
    return found->backend_dir && (!gl_detected_health(found) || !gl_detected_ready(found));
}

/* Of `dir:` in it, from 1. */
static size_t line_of_backend(const char *text)
{
    const char *at = strstr(text, "\nbackend:\n  dir:");
    gl_autofree char *before = at ? gl_strndup(text, (size_t)(at - text)) : gl_strdup("");
    return count_lines(before) + 3; /* the line that ends there, `backend:`, and this one */
}

static void print_next(const struct gl_detected *found, const char *path, const char *text,
                       FILE *out)
{
    fprintf(out, _("Wrote %s (%zu lines). "), path, count_lines(text));
    if (!found->backend_dir)
        fprintf(out,
                _("It cannot work yet: set backend.dir (line %zu) to the directory of a "
                  "Cargo.toml. Then: golive rehearse\n"),
                line_of_backend(text));
    else if (lacks_endpoints(found))
        fputs(_("No version becomes ready before the endpoints that are missing above are there. "
                "Then: golive rehearse\n"),
              out);
    else if (lacks_cors(found))
        fputs(_("No version passes the smoke test cors before what is missing above is there. "
                "Then: golive rehearse\n"),
              out);
    else
        fputs(_("Next: golive rehearse (about 3 minutes, needs no cloud account).\n"), out);
}

static int run(struct gl_context *context, struct gl_error *err)
{
    const char *dir = context->args.count ? context->args.items[0] : ".";
    gl_autodetected struct gl_detected found = {0};
    int failed = gl_detect(dir, &found, err);
    if (failed == 0)
        failed = require_backend(context, dir, &found, err);
    if (failed < 0)
        return failed;
    gl_autofree char *text = gl_init_render(&found);
    if (gl_flag_bool(context, "print")) {
        fputs(text, context->out);
        return 0;
    }
    const char *given = gl_flag_str(context, "config");
    gl_autofree char *path = given ? gl_strdup(given)
                                   : (strcmp(dir, ".") == 0 ? gl_strdup("golive.yaml")
                                                            : gl_path_join(dir, "golive.yaml"));
    failed = write_file(path, text, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        print_json(&found, path, context->out);
        return 0;
    }
    print_found(&found, context->out);
    print_next(&found, path, text, context->out);
    return 0;
}

static const struct gl_flag flags[] = {
    {"print",       'p', GL_FLAG_BOOL, NULL, NULL, N_("show the file instead of writing it")},
    {"force", 0, GL_FLAG_BOOL, NULL, NULL,
     N_("write the file although no backend was found, to be completed by hand")},
    {0        },
};

static const struct gl_example examples[] = {
    {"golive init",                          N_("look at this repository and write golive.yaml")},
    {"golive init --print",                                      N_("only show what would be written")},
    {0},
};

const struct gl_command gl_cmd_init = {
    .name = "init",
    .arguments = "[DIR]",
    .summary = N_("look at the repository and write golive.yaml"),
    .text = N_(
        "Finds the Rust crate, the SvelteKit project, the migrations, the port, the health "
        "paths and the variables the code reads, and writes them with their places as "
        "comments. Runs nothing of the repository. An existing file stays as it is. Where there is "
        "no backend nothing is written, and the exit status is 8."),
    .flags = flags,
    .examples = examples,
    .max_args = 1,
    .run = run,
};
