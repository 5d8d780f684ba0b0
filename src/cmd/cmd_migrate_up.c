/* golive migrate up: applies pending migrations outside a release. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "cmd/migrate_guard.h"
#include "cmd/migrate_noted.h"

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
    return gl_migrate_note_begin(context, data, err);
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
    gl_automigratenoted struct gl_migrate_noted noted = {.context = context};
    job.on_event = gl_migrate_noted_event;
    job.context = &noted;
    int failed = note_begin(context, &migrations->list, status, err);
    if (failed < 0)
        return failed;
    failed = gl_cmd_migrations_run(migrations, &job, ret_result, &cause);
    return gl_migrate_note_end(&noted, ret_result, failed, &cause, err);
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
