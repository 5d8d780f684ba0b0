/* golive migrate plan: what golive migrate up would do now, and what it would meet. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "cmd/migrate_estimate.h"
#include "cmd/migrate_guard.h"
#include "cmd/migrations_shown.h"
#include "migrate/peak.h"
#include "migrate/phase.h"

/* All that is shown. */
struct planned {
    struct gl_migrations_shown shown;
    struct gl_forecasts forecasts;
    struct gl_error refusal; /* what golive migrate up would be refused for */
    char *window;            /* the peak hours it is in, or NULL */
    struct gl_trace trace;   /* with --trace */
    bool expand_only;
};

static void planned_done(struct planned *planned)
{
    gl_migrations_shown_done(&planned->shown);
    gl_forecasts_done(&planned->forecasts);
    gl_error_done(&planned->refusal);
    gl_trace_done(&planned->trace);
    free(planned->window);
}

static bool is_held(const struct gl_migration *migration, const void *context)
{
    const struct planned *planned = context;
    return planned->expand_only && migration->phase == GL_PHASE_CONTRACT;
}

/* A file in batches whose table cannot be gone through, and nothing before it would mend that. */
static int refuse_batches(struct planned *planned)
{
    for (size_t i = 0; i < planned->forecasts.count; i++) {
        struct gl_forecast *forecast = &planned->forecasts.items[i];
        if (!forecast->problem.code || forecast->mended || is_held(forecast->migration, planned))
            continue;
        gl_error_move(&planned->refusal, &forecast->problem);
        return planned->refusal.code;
    }
    return 0;
}

/* What would run now; what is gone on with has begun to. */
static void list_runs(const struct planned *planned, struct gl_strv *files)
{
    const struct gl_migrate_status *status = &planned->shown.status;
    const struct gl_migrations *list = &planned->shown.migrations.list;
    for (size_t i = 0; i < status->count; i++) {
        if (status->states[i] == GL_MIGRATION_PENDING && !is_held(&list->items[i], planned))
            gl_strv_add(files, list->items[i].path);
    }
}

static int trace(const struct gl_context *context, struct planned *planned, struct gl_error *err)
{
    gl_autostrv struct gl_strv files = {0};
    if (!gl_flag_bool(context, "trace"))
        return 0;
    list_runs(planned, &files);
    return gl_migrate_estimate(context, &files, &planned->trace, err);
}

static int make(struct gl_context *context, struct planned *planned, struct gl_error *err)
{
    struct gl_migrations_shown *shown = &planned->shown;
    int failed = gl_migrations_show(context, shown, err);
    if (failed == 0)
        failed = gl_cmd_migrations_forecast(context, &shown->migrations, &shown->status,
                                            &planned->forecasts, err);
    if (failed == 0)
        failed = gl_peak_window(context->config, gl_now_unix_ms(), &planned->window, err);
    if (failed < 0)
        return failed;
    planned->expand_only = !shown->status.fresh && !gl_flag_bool(context, "contract");
    /* A refusal is what is asked for, no failure of the question. */
    if (gl_migrate_refuse(&shown->migrations.list, &shown->status, &planned->refusal) == 0 &&
        refuse_batches(planned) == 0)
        (void)!gl_peak_check(&planned->forecasts, planned->window, is_held, planned,
                             &planned->refusal);
    return trace(context, planned, err);
}

/* How a file runs, in a word for JSON. */
static const char *manner_of(const struct gl_migration *migration)
{
    if (migration->batch)
        return "batches";
    return migration->no_transaction ? "alone" : "transaction";
}

static const char *reason_of(const struct gl_migration *migration)
{
    bool inferred = migration->phase == GL_PHASE_CONTRACT && !migration->phase_declared;
    return inferred ? gl_phase_reason(migration->sql, NULL) : NULL;
}

/* ---- as JSON ---- */

static void set_known(json_t *object, const char *key, int64_t number)
{
    if (number >= 0)
        gl_json_set_int(object, key, number);
}

static json_t *lock_json(const struct gl_forecast *forecast)
{
    const struct gl_heavy *lock = &forecast->long_lock;
    json_t *json = json_object();
    gl_json_set_str(json, "table", lock->table);
    gl_json_set_str(json, "reason", lock->reason);
    gl_json_set_int(json, "line", lock->line);
    set_known(json, "rows", forecast->long_lock_rows);
    return json;
}

static json_t *row_json(const struct planned *planned, const struct gl_forecast *forecast)
{
    const struct gl_migration *migration = forecast->migration;
    gl_autofree char *due = gl_migrations_due_text(&planned->shown, migration);
    json_t *row = json_object();
    gl_json_set_int(row, "version", migration->version);
    gl_json_set_str(row, "file", migration->path);
    gl_json_set_str(row, "phase", migration->phase == GL_PHASE_CONTRACT ? "contract" : "expand");
    gl_json_set_str(row, "reason", reason_of(migration));
    gl_json_set_str(row, "runs", manner_of(migration));
    gl_json_set_bool(row, "held", is_held(migration, planned));
    gl_json_set_str(row, "due", due);
    set_known(row, "rows", forecast->rows);
    if (migration->batch) {
        gl_json_set_int(row, "batch", migration->batch);
        gl_json_set_int(row, "batches", forecast->batches);
    }
    if (forecast->long_lock.reason)
        json_object_set_new(row, "long_lock", lock_json(forecast));
    gl_json_set_str(row, "blockers", forecast->blockers);
    gl_json_set_bool(row, "empty", gl_phase_is_empty(migration->sql));
    gl_json_set_str(row, "problem", forecast->problem.message);
    const struct gl_trace_file *traced = gl_migrate_estimate_of(&planned->trace, migration);
    if (traced)
        json_object_set_new(row, "trace", gl_migrate_estimate_json(traced, forecast->rows));
    return row;
}

static json_t *to_json(const struct planned *planned)
{
    json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < planned->forecasts.count; i++)
        json_array_append_new(rows, row_json(planned, &planned->forecasts.items[i]));
    json_object_set_new(root, "migrations", rows);
    gl_json_set_str(root, "peak", planned->window);
    gl_json_set_str(root, "refused", planned->refusal.message);
    gl_json_set_str(root, "hint", planned->refusal.hint);
    return root;
}

/* ---- as text ---- */

static void print_manner(const struct gl_forecast *forecast, FILE *out)
{
    const struct gl_migration *migration = forecast->migration;
    gl_autofree char *rows =
        forecast->rows >= 0 ? gl_format_count((uint64_t)forecast->rows) : gl_strdup("?");
    if (migration->batch)
        fprintf(out, _("batches of %" PRId64 ": about %" PRId64 " for %s rows"), migration->batch,
                forecast->batches, rows);
    else
        fputs(migration->no_transaction ? _("alone, outside a transaction")
                                        : _("in one transaction"),
              out);
}

/* How far a file in batches came that was begun, or NULL. */
static const struct gl_migrate_found *begun(const struct planned *planned,
                                            const struct gl_migration *migration)
{
    const struct gl_migrate_status *status = &planned->shown.status;
    size_t i = (size_t)(migration - planned->shown.migrations.list.items);
    bool is = status->states[i] == GL_MIGRATION_DIRTY && status->found && status->found[i].known;
    return is ? &status->found[i] : NULL;
}

static void print_row(const struct planned *planned, const struct gl_forecast *forecast, FILE *out)
{
    const struct gl_migration *migration = forecast->migration;
    const struct gl_heavy *lock = &forecast->long_lock;
    bool held = is_held(migration, planned);
    gl_autofree char *due = held ? gl_migrations_due_text(&planned->shown, migration) : NULL;
    const char *reason = reason_of(migration);
    fprintf(out, "  %-4s %-8s %s: ", held ? "--" : "run",
            migration->phase == GL_PHASE_CONTRACT ? "contract" : "expand",
            gl_path_base(migration->path));
    print_manner(forecast, out);
    fprintf(out, "%s%s%s%s\n", reason ? "; " : "", reason ? _(reason) : "", due ? "; " : "",
            due ? due : "");
    if (lock->reason)
        fprintf(out, _("       line %u %s: %s\n"), lock->line, _(lock->reason),
                lock->table ? lock->table : "?");
    if (forecast->blockers)
        fprintf(out, _("       it would wait now for %s\n"), forecast->blockers);
    const struct gl_migrate_found *found = begun(planned, migration);
    if (found)
        fprintf(out,
                _("       begun already: it goes on behind %" PRId64 " rows of pass %" PRId64 "\n"),
                found->looked, found->pass);
    if (gl_phase_is_empty(migration->sql))
        fputs(_("       holds no statement: only its version would be noted\n"), out);
    if (forecast->problem.message)
        fprintf(out,
                _("       refused as the table is now, unless a file before it mends that: %s. "
                  "%s\n"),
                forecast->problem.message, forecast->problem.hint ? forecast->problem.hint : "");
    const struct gl_trace_file *traced = gl_migrate_estimate_of(&planned->trace, migration);
    if (traced)
        gl_migrate_estimate_print(traced, forecast->rows, out);
}

/* With the file, unless the message names it. */
static void print_refusal(const struct gl_error *refusal, FILE *out)
{
    const char *file = refusal->file ? gl_path_base(refusal->file) : "";
    bool named = strstr(refusal->message, file) != NULL;
    fprintf(out, _("It would be refused: %s%s%s. %s\n"), named ? "" : file, named ? "" : ": ",
            refusal->message, refusal->hint ? refusal->hint : "");
}

static void print(const struct gl_context *context, const struct planned *planned)
{
    FILE *out = context->out;
    for (size_t i = 0; i < planned->forecasts.count; i++)
        print_row(planned, &planned->forecasts.items[i], out);
    if (planned->window)
        fprintf(out, _("These are peak hours: %s.\n"), planned->window);
    if (planned->refusal.message)
        print_refusal(&planned->refusal, out);
    else if (!planned->forecasts.count)
        fputs(_("Nothing is pending.\n"), out);
    else
        fprintf(out, _("Nothing was changed. Next: golive migrate up%s\n"),
                gl_config_env_words(context->config));
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(planned_done) struct planned planned = {0};
    int failed = make(context, &planned, err);
    if (failed < 0)
        return failed;
    if (context->format_json) {
        gl_autojson json_t *root = to_json(&planned);
        gl_cmd_print_json(context, root);
        return 0;
    }
    print(context, &planned);
    return 0;
}

static const struct gl_flag flags[] = {
    {"database-url-env", 0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("environment variable that has the database's URL; else the environment's own")},
    {"contract",      0, GL_FLAG_BOOL, NULL, NULL, N_("contract migrations would run too")},
    {"trace",              0, GL_FLAG_BOOL, NULL, NULL,
     N_("run them on a private PostgreSQL first, and say how long each takes and whom it keeps waiting")},
    GL_PROFILE_FLAG,
    {0                 },
};

static const struct gl_example examples[] = {
    {"golive migrate plan",                                            N_("what golive migrate up would do to the local database")},
    {"golive migrate plan --trace",
     N_("with how long each takes, measured on a private PostgreSQL")},
    {"golive migrate plan --format json", N_("the same for programs")},
    {0                             }
};

const struct gl_command gl_cmd_migrate_plan = {
    .name = "migrate plan",
    .summary = N_("show what golive migrate up would do, without doing it"),
    .text =
        N_("In order: what would run and how, what is held and until when, which statements "
           "would hold a long lock on a large table, in how many batches a backfill runs by the "
           "table's statistics, and whose open transactions it would wait for right now. With "
           "--trace each is run on a private PostgreSQL with 1,000 rows a table, and the time of "
           "what grows with a table is reckoned up to its real rows."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .run = run,
};
