/* golive migrate up: applies pending migrations outside a release. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/migrate_guard.h"
#include "migrate/record.h"

/* A run that is watched: shown, and each migration noted when it is applied. */
struct run {
    struct gl_context *context;
    struct gl_error unnoted; /* why the ledger could not be written, the first time */
};

static void run_done(struct run *run)
{
    gl_error_done(&run->unnoted);
}

static void show_event(const struct gl_migrate_event *event, FILE *out)
{
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
    case GL_MIGRATE_PROGRESS:
        fprintf(out,
                _("  ..  %s: %" PRId64 " rows of about %" PRId64 ", %" PRId64 " a second, %" PRId64
                  " changed\n"),
                name, event->looked, event->estimate, event->rate_per_s, event->rows);
        break;
    case GL_MIGRATE_RETRY:
        fprintf(out, _("  ..  %s did not get its lock, tries again\n"), name);
        break;
    }
    (void)fflush(out);
}

static int note(const struct gl_context *context, const char *kind, const json_t *data,
                struct gl_error *err)
{
    return gl_ledger_append(context->ledger, kind, gl_config_env(context->config), 0, data, NULL,
                            err);
}

/* Noted at once: what a killed run had applied is in the ledger too. */
static void on_event(const struct gl_migrate_event *event, void *context)
{
    struct run *run = context;
    if (!run->context->format_json)
        show_event(event, run->context->out);
    if (event->kind != GL_MIGRATE_DONE)
        return;
    gl_autojson json_t *record = gl_migration_record(event);
    gl_autoerr struct gl_error err = {0};
    if (note(run->context, "migrate.applied", record, &err) < 0 && !run->unnoted.code)
        gl_error_move(&run->unnoted, &err);
}

static void print_result(struct gl_context *context, const struct gl_migrate_result *result)
{
    if (context->format_json) {
        gl_autojson json_t *root = json_object();
        gl_json_set_int(root, "applied", (int64_t)result->applied);
        gl_json_set_int(root, "held", (int64_t)result->held);
        gl_json_set_int(root, "longest_lock_us", result->longest_lock_us);
        gl_json_set_int(root, "lock_retries", (int64_t)result->lock_retries);
        gl_json_set_int(root, "rows", result->rows);
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
                  "take away. golive migrate status%s says when they are due; --contract if "
                  "nothing serves.\n"),
                result->held, gl_config_env_words(context->config));
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

static int note_begin(const struct gl_context *context, const struct gl_migrations *list,
                      const struct gl_migrate_status *status, struct gl_error *err)
{
    gl_autojson json_t *data = json_object();
    json_object_set_new(data, "pending", pending_versions(list, status));
    gl_json_set_bool(data, "contract", gl_flag_bool(context, "contract"));
    gl_json_set_str(data, "despite_peak", gl_flag_str(context, "despite-peak"));
    gl_json_set_str(data, "backup_elsewhere", gl_flag_str(context, "backup-elsewhere"));
    return note(context, "migrate.begin", data, err);
}

/* `failed` is how it ended, `cause` what was said about it. */
static int note_end(const struct gl_context *context, const struct gl_migrate_result *result,
                    int failed, const struct gl_error *cause, struct gl_error *err)
{
    gl_autofree char *message = failed < 0 ? gl_migration_failure_text(cause) : NULL;
    gl_autojson json_t *data = json_object();
    gl_json_set_int(data, "applied", (int64_t)result->applied);
    gl_json_set_int(data, "held", (int64_t)result->held);
    gl_json_set_int(data, "rows", result->rows);
    gl_json_set_int(data, "longest_lock_us", result->longest_lock_us);
    gl_json_set_int(data, "lock_retries", (int64_t)result->lock_retries);
    gl_json_set_str(data, "error", failed < 0 ? gl_code_word(failed) : NULL);
    gl_json_set_str(data, "message", message);
    return note(context, failed < 0 ? "migrate.failed" : "migrate.done", data, err);
}

/* A database without a previous version has nobody to stay compatible with. */
static bool expand_only(const struct gl_context *context, const struct gl_migrate_status *status)
{
    return !status->fresh && !gl_flag_bool(context, "contract");
}

static bool has_work(const struct gl_migrate_status *status)
{
    bool work = status->pending_expand + status->pending_contract > 0;
    for (size_t i = 0; i < status->count; i++)
        work |= status->states[i] == GL_MIGRATION_DIRTY;
    return work;
}

/* An empty database has neither readers nor rows to lose. */
static int guard(const struct gl_context *context, const struct gl_cmd_migrations *migrations,
                 const struct gl_migrate_status *status, struct gl_error *err)
{
    if (status->fresh)
        return 0;
    int failed = gl_cmd_guard_peak(context, migrations, status, expand_only(context, status), err);
    return failed < 0 ? failed : gl_cmd_guard_backup(context, migrations, err);
}

/* Intent before the effect, result after it, as the ledger promises. */
static int apply(struct gl_context *context, const struct gl_cmd_migrations *migrations,
                 const struct gl_migrate_status *status, struct gl_migrate_result *ret_result,
                 struct gl_error *err)
{
    gl_autoerr struct gl_error cause = {0};
    struct gl_migration_job job = gl_cmd_migrations_job(migrations);
    job.expand_only = expand_only(context, status);
    job.lock_timeout_ms = gl_config_int(context->config, "migrations.lock_timeout_ms");
    job.statement_timeout_ms = gl_config_int(context->config, "migrations.statement_timeout_ms");
    gl_cleanup(run_done) struct run watched = {.context = context};
    job.on_event = on_event;
    job.context = &watched;
    int failed = note_begin(context, &migrations->list, status, err);
    if (failed < 0)
        return failed;
    failed = gl_cmd_migrations_run(migrations, &job, ret_result, &cause);
    if (failed == 0 && watched.unnoted.code) {
        failed = watched.unnoted.code;
        gl_error_move(&cause, &watched.unnoted);
    }
    int unnoted = note_end(context, ret_result, failed, &cause, failed < 0 ? NULL : err);
    if (failed < 0)
        gl_error_move(err, &cause);
    return failed < 0 ? failed : unnoted;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_autocmdmigrations struct gl_cmd_migrations migrations = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    struct gl_migrate_result result = {0};
    int failed = gl_cmd_migrations_open(context, &migrations, err);
    if (failed == 0)
        failed = gl_cmd_migrations_status(&migrations, &status, err);
    if (failed == 0 && has_work(&status))
        failed = guard(context, &migrations, &status, err);
    if (failed == 0)
        failed = apply(context, &migrations, &status, &result, err);
    if (failed == 0 || result.applied)
        print_result(context, &result);
    return failed;
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    {"contract",      0, GL_FLAG_BOOL, NULL, NULL,
     N_("apply contract migrations too, which a serving version may not survive")},
    GL_DESPITE_PEAK_FLAG,
    GL_BACKUP_FLAG,
    GL_BACKUP_ELSEWHERE_FLAG,
    GL_PROFILE_FLAG,
    {0             },
};

static const struct gl_example examples[] = {
    {"golive migrate up",                                  N_("apply the expand migrations to the local database")},
    {"golive migrate up --env prod",                                                    N_("the same, as a task inside the network on AWS")},
    {"golive migrate up --database-url-env DATABASE_URL",N_("the same, to any database")},
    {0 },
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
