/* A run of migrations that is watched: shown, and kept in the ledger. */
#include "cmd/migrate_noted.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "migrate/phase.h"
#include "migrate/record.h"

void gl_migrate_noted_done(struct gl_migrate_noted *noted)
{
    gl_error_done(&noted->unnoted);
}

/* ---- what is shown ---- */

/* Which rows a file in batches met. */
static void show_passes(const struct gl_migrate_event *event, FILE *out)
{
    if (event->once)
        fputs(
            _("      went through the table once: its WHERE holds for changed rows too (or it has "
              "none, or the table has rules), so that rows which came in behind it meanwhile are "
              "as they were\n"),
            out);
    else if (event->left)
        fprintf(out,
                _("      rows still come in: the last of %" PRId64 " passes changed %" PRId64
                  ". Let what writes them write the new form (a deploy, a trigger), then run the "
                  "statement once more in a new migration.\n"),
                event->pass, event->left);
    else if (event->pass > 1)
        fprintf(out,
                _("      went through the table %" PRId64 " times; the last time it found no row "
                  "to change\n"),
                event->pass);
}

static void show_done(const struct gl_migrate_event *event, FILE *out)
{
    gl_autofree char *took = gl_format_duration((double)event->elapsed_us / 1000);
    fprintf(out, "  ok  %s  %s\n", gl_path_base(event->migration->path), took);
    if (gl_phase_is_empty(event->migration->sql))
        fputs(_("      holds no statement: only its version was noted\n"), out);
    if (event->pass)
        show_passes(event, out);
}

static void show_event(const struct gl_migrate_event *event, FILE *out)
{
    const char *name = gl_path_base(event->migration->path);
    switch (event->kind) {
    case GL_MIGRATE_BEGIN:
        break;
    case GL_MIGRATE_DONE:
        show_done(event, out);
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

/* ---- what is kept ---- */

static int note(const struct gl_context *context, const char *kind, const json_t *data,
                struct gl_error *err)
{
    return gl_ledger_append(context->ledger, kind, gl_config_env(context->config), 0, data, NULL,
                            err);
}

void gl_migrate_noted_event(const struct gl_migrate_event *event, void *context)
{
    struct gl_migrate_noted *noted = context;
    if (!noted->context->format_json)
        show_event(event, noted->context->out);
    if (event->kind != GL_MIGRATE_DONE)
        return;
    gl_autojson json_t *record = gl_migration_record(event);
    gl_autoerr struct gl_error err = {0};
    const char *kind = noted->reverting ? "migrate.reverted" : "migrate.applied";
    if (note(noted->context, kind, record, &err) < 0 && !noted->unnoted.code)
        gl_error_move(&noted->unnoted, &err);
}

int gl_migrate_note_begin(const struct gl_context *context, const json_t *data,
                          struct gl_error *err)
{
    return note(context, "migrate.begin", data, err);
}

static json_t *end_json(const struct gl_migrate_noted *noted,
                        const struct gl_migrate_result *result, int failed,
                        const struct gl_error *cause)
{
    gl_autofree char *message = failed < 0 ? gl_migration_failure_text(cause) : NULL;
    json_t *data = json_object();
    gl_json_set_int(data, noted->reverting ? "reverted" : "applied", (int64_t)result->applied);
    if (!noted->reverting)
        gl_json_set_int(data, "held", (int64_t)result->held);
    gl_json_set_int(data, "rows", result->rows);
    gl_json_set_int(data, "longest_lock_us", result->longest_lock_us);
    gl_json_set_int(data, "lock_retries", (int64_t)result->lock_retries);
    gl_json_set_str(data, "error", failed < 0 ? gl_code_word(failed) : NULL);
    gl_json_set_str(data, "message", message);
    return data;
}

int gl_migrate_note_end(struct gl_migrate_noted *noted, const struct gl_migrate_result *result,
                        int failed, struct gl_error *cause, struct gl_error *err)
{
    if (failed == 0 && noted->unnoted.code) {
        failed = noted->unnoted.code;
        gl_error_move(cause, &noted->unnoted);
    }
    gl_autojson json_t *data = end_json(noted, result, failed, cause);
    int unnoted = note(noted->context, failed < 0 ? "migrate.failed" : "migrate.done", data,
                       failed < 0 ? NULL : err);
    if (failed < 0)
        gl_error_move(err, cause);
    return failed < 0 ? failed : unnoted;
}
