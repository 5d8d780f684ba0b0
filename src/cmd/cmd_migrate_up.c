/* golive migrate up: applies pending migrations outside a release. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/commands.h"

static void on_event(const struct gl_migrate_event *event, void *context)
{
    FILE *out = context;
    const char *name = gl_path_base(event->migration->path);
    gl_autofree char *took = gl_format_duration((double)event->elapsed_us / 1000);
    switch (event->kind) {
    case GL_MIGRATE_BEGIN:
        break;
    case GL_MIGRATE_DONE:
        fprintf(out, "  ok  %s  %s\n", name, took);
        break;
    case GL_MIGRATE_BLOCKED:
        fprintf(out, _("  ..  %s waits for %s\n"), name, event->detail ? event->detail : "?");
        break;
    case GL_MIGRATE_RETRY:
        fprintf(out, _("  ..  %s did not get its lock, tries again\n"), name);
        break;
    }
    (void)fflush(out);
}

static void print_result(struct gl_context *context, const struct gl_migrate_result *result)
{
    if (context->format_json) {
        gl_autojson json_t *root = json_object();
        gl_json_set_int(root, "applied", (int64_t)result->applied);
        gl_json_set_int(root, "held", (int64_t)result->held);
        gl_json_set_int(root, "longest_lock_us", result->longest_lock_us);
        gl_json_set_int(root, "lock_retries", (int64_t)result->lock_retries);
        gl_autofree char *text = gl_json_pretty(root);
        fputs(text, context->out);
        return;
    }
    gl_autofree char *lock = gl_format_duration((double)result->longest_lock_us / 1000);
    if (result->applied)
        fprintf(context->out, _("%zu applied, longest lock %s.\n"), result->applied, lock);
    else
        fputs(_("Nothing to apply.\n"), context->out);
    if (result->held)
        fprintf(context->out,
                _("%zu contract migrations stay pending: a version that serves may need what they "
                  "take away. Next: golive deploy, or --contract if nothing serves.\n"),
                result->held);
}

static json_t *pending_versions(const struct gl_migrations *list,
                                const struct gl_migrate_status *status)
{
    json_t *versions = json_array();
    for (size_t i = 0; i < status->count; i++) {
        if (status->states[i] == GL_MIGRATION_PENDING)
            json_array_append_new(versions, json_integer(list->items[i].version));
    }
    return versions;
}

static int note(const struct gl_context *context, const char *kind, const json_t *data,
                struct gl_error *err)
{
    return gl_ledger_append(context->ledger, kind, gl_config_env(context->config), 0, data, NULL,
                            err);
}

static int note_begin(const struct gl_context *context, const struct gl_migrations *list,
                      const struct gl_migrate_status *status, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_object_set_new(data, "pending", pending_versions(list, status));
    gl_json_set_bool(data, "contract", gl_flag_bool(context, "contract"));
    return note(context, "migrate.begin", data, err);
}

static int note_end(const struct gl_context *context, const struct gl_migrate_result *result,
                    const struct gl_error *cause, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    gl_json_set_int(data, "applied", (int64_t)result->applied);
    gl_json_set_int(data, "held", (int64_t)result->held);
    gl_json_set_str(data, "error", cause->code ? gl_code_word(cause->code) : NULL);
    gl_json_set_str(data, "message", cause->message);
    return note(context, cause->code ? "migrate.failed" : "migrate.done", data, err);
}

/* Intent before the effect, result after it, as the ledger promises. */
static int apply(const struct gl_context *context, const char *conninfo,
                 const struct gl_migrations *list, const struct gl_migrate_status *status,
                 struct gl_migrate_result *ret_result, struct gl_error *err)
{
    gl_autoerr struct gl_error cause = {0};
    const struct gl_migrate_options options = {
        /* A database without a previous version has nobody to stay compatible with. */
        .expand_only = !status->fresh && !gl_flag_bool(context, "contract"),
        .lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms"),
        .statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms"),
        .on_event = context->format_json ? NULL : on_event,
        .context = context->out,
    };
    int failed = note_begin(context, list, status, err);
    if (failed < 0)
        return failed;
    failed = gl_migrate_run(conninfo, list, &options, ret_result, &cause);
    int unnoted = note_end(context, ret_result, &cause, failed < 0 ? NULL : err);
    if (failed < 0)
        gl_error_move(err, &cause);
    return failed < 0 ? failed : unnoted;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_autofree char *conninfo = NULL;
    struct gl_migrate_result result = {0};
    int failed = gl_cmd_migrations_open(context, &list, &conninfo, err);
    if (failed == 0)
        failed = gl_migrate_status(conninfo, &list, &status, err);
    if (failed == 0)
        failed = apply(context, conninfo, &list, &status, &result, err);
    if (failed == 0 || result.applied)
        print_result(context, &result);
    return failed;
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    {"contract",      0, GL_FLAG_BOOL, NULL, NULL,
     N_("apply contract migrations too, which a serving version may not survive")},
    {0             },
};

static const struct gl_example examples[] = {
    {"golive migrate up",              N_("apply the expand migrations to the local database")},
    {"golive migrate up --database-url-env DATABASE_URL",                                N_("the same, to any database")},
    {0},
};

const struct gl_command gl_cmd_migrate_up = {
    .name = "migrate up",
    .summary = N_("apply pending migrations without a release"),
    .text = N_("A deploy applies migrations by itself. Files, table, checksums and lock are those "
               "of sqlx: sqlx accepts what was applied here, and the other way round. "
               "What was applied is in golive log."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG | GL_NEEDS_LEDGER,
    .run = run,
};
