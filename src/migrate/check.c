/* The refusals before the first change, each with its way out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/batch_progress.h"
#include "migrate/edited.h"
#include "migrate/heavy.h"
#include "migrate/phase.h"
#include "migrate/session.h"

#define SHORT_CHECKSUM 4 /* bytes shown of a checksum: 8 digits */

bool gl_check_held(const struct gl_session *session, const struct gl_migration *migration)
{
    const struct gl_migrate_options *options = session->options;
    if (!options->expand_only || migration->phase != GL_PHASE_CONTRACT)
        return false;
    return !options->allow_contract || !options->allow_contract(migration, options->context);
}

/* ---- edited ---- */

/* The text with LF line ends, or with CRLF ones. */
static void convert_lines(const char *sql, bool crlf, struct gl_buf *converted)
{
    for (const char *c = sql; *c; c++) {
        if (c[0] == '\r' && c[1] == '\n')
            continue;
        if (*c == '\n' && crlf)
            gl_buf_putc(converted, '\r');
        gl_buf_putc(converted, *c);
    }
}

static bool differs_in_line_ends(const struct gl_migration *migration,
                                 const struct gl_applied *applied)
{
    for (int crlf = 0; crlf <= 1; crlf++) {
        gl_autobuf struct gl_buf converted = {0};
        unsigned char checksum[GL_SHA384_SIZE];
        convert_lines(migration->sql, crlf, &converted);
        gl_sha384(gl_buf_text(&converted), converted.len, checksum);
        if (memcmp(checksum, applied->checksum, sizeof checksum) == 0)
            return true;
    }
    return false;
}

/* Finds the first line that differs: in the text that is kept, else in the repository's history. */
static void find_line(const struct gl_migration *migration, const struct gl_applied *applied,
                      const char *text, struct gl_edited_line *edited)
{
    if (text && gl_edited_compare(text, migration->sql, edited))
        return;
    gl_edited_find(migration, applied->checksum, edited);
}

/* What is to be done stands behind the file to restore. */
static void name_line(const struct gl_migration *migration, const struct gl_edited_line *edited,
                      const char *then, struct gl_error *err)
{
    if (edited->commit)
        gl_error_hint(err,
                      _("Line %u was `%s` (commit %s) and is `%s`. Restore the file (git checkout "
                        "%s -- %s) %s"),
                      edited->line, edited->was, edited->commit, edited->is, edited->commit,
                      migration->path, then);
    else
        gl_error_hint(err, _("Line %u was `%s` and is `%s`. Restore the file %s"), edited->line,
                      edited->was, edited->is, then);
    gl_error_at(err, migration->path, edited->line, 1);
}

int gl_check_refuse_edited(const struct gl_migration *migration, const struct gl_applied *applied,
                           const char *text, struct gl_error *err)
{
    gl_autoeditedline struct gl_edited_line edited = {0};
    char was[2 * SHORT_CHECKSUM + 1];
    char is[2 * SHORT_CHECKSUM + 1];
    gl_hex(applied->checksum, SHORT_CHECKSUM, was);
    gl_hex(migration->checksum, SHORT_CHECKSUM, is);
    gl_fail(err, GL_E_REFUSED,
            _("migration %s was edited after it was applied (checksum %s then, %s now)"),
            gl_path_base(migration->path), was, is);
    gl_error_at(err, migration->path, 0, 0);
    if (differs_in_line_ends(migration, applied))
        return gl_error_hint(err, _("Only the line ends differ (CRLF and LF): restore the file and "
                                    "put `*.sql text eol=lf` into .gitattributes."));
    gl_error_hint(err,
                  _("Restore the file as it was (git log -p -- %s) and make the change in a new "
                    "migration."),
                  migration->path);
    find_line(migration, applied, text, &edited);
    if (edited.line)
        name_line(migration, &edited, _("and make the change in a new migration."), err);
    return GL_E_REFUSED;
}

/* ---- unfinished ---- */

static bool is_repairable(const struct gl_migration *migration)
{
    gl_autoindexbuild struct gl_index_build build = {0};
    if (!migration->no_transaction)
        return false;
    if (migration->batch)
        return true; /* its position was committed with each batch */
    if (gl_index_build_read(migration->sql, &build))
        return build.name && build.table;
    return gl_phase_repeatable(migration->sql);
}

/* Half of the rows are as the other text wanted them. */
static int refuse_edited_begun(const struct gl_migration *migration,
                               const struct gl_applied *applied, const char *text,
                               struct gl_error *err)
{
    gl_autoeditedline struct gl_edited_line edited = {0};
    gl_autofree char *then =
        gl_asprintf(_("and run golive migrate up: it goes on. To begin anew with the new text, "
                      "whatever the old one did already: delete from _sqlx_migrations where "
                      "version = %" PRId64 "."),
                    migration->version);
    gl_fail(err, GL_E_REFUSED, _("migration %s was edited after it was begun, and is not finished"),
            gl_path_base(migration->path));
    gl_error_at(err, migration->path, 0, 0);
    gl_error_hint(err, _("Restore the file (git log -p -- %s) %s"), migration->path, then);
    find_line(migration, applied, text, &edited);
    if (edited.line)
        name_line(migration, &edited, then, err);
    return GL_E_REFUSED;
}

int gl_check_refuse_unknown(const struct gl_migration *migration, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("it is not known how far the batches of this migration came"));
    gl_error_hint(err,
                  _("Its row in _sqlx_migrations is unfinished, but none is in "
                    "_golive_migration_progress. To begin anew, which changes rows twice that were "
                    "changed already: delete from _sqlx_migrations where version = %" PRId64 "."),
                  migration->version);
    gl_error_at(err, migration->path, 1, 1);
    return GL_E_REFUSED;
}

static int refuse_dirty(const struct gl_format *format, const struct gl_migration *migration,
                        struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED,
            _("migration %s was started, and it is not known whether it "
              "finished"),
            gl_path_base(migration->path));
    gl_error_at(err, migration->path, 0, 0);
    if (format->dirty)
        return gl_error_hint(err, "%s", _(format->dirty));
    gl_error_hint(
        err,
        _("Look whether its statement took effect. If it did: update _sqlx_migrations set "
          "success = true where version = %" PRId64 ". If not, undo what is left of it "
          "and: delete from _sqlx_migrations where version = %" PRId64 "."),
        migration->version, migration->version);
    return GL_E_REFUSED;
}

int gl_check_unfinished(const struct gl_format *format, const struct gl_migration *migration,
                        const struct gl_applied *applied, const char *text, struct gl_error *err)
{
    if (!format->alone || !applied->checksum_ok)
        return refuse_dirty(format, migration, err);
    if (memcmp(applied->checksum, migration->checksum, GL_SHA384_SIZE) != 0)
        return refuse_edited_begun(migration, applied, text, err);
    return is_repairable(migration) ? 0 : refuse_dirty(format, migration, err);
}

/* ---- missing, out of order ---- */

static int refuse_missing(const struct gl_applied *applied, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED,
            _("migration %" PRId64 " (%s) was applied to the database, but there is no such file"),
            applied->version, applied->description);
    gl_error_hint(err,
                  _("Is this checkout older than the database? Take a newer one, or bring the "
                    "file back (git log --all -- '*%" PRId64 "_*.sql')."),
                  applied->version);
    return GL_E_REFUSED;
}

static const char *why_not(const struct gl_format *format, const struct gl_migration *migration)
{
    if (format->no_up)
        return _(format->no_up);
    if (migration->batch && !format->alone)
        return _("batches are many transactions, and the table has no mark for a run that was "
                 "interrupted");
    return _("it runs outside a transaction, and the table has no mark for a run that was "
             "interrupted");
}

/* Only the tool itself can, and it applies what is pending before it as well. */
static void hint_other_tool(const struct gl_format *format, struct gl_error *err)
{
    gl_error_hint(err,
                  _("Apply it, and what is pending before it, by %s itself, which does not go on "
                    "with it when it is interrupted; golive migrate up goes on behind it. Files "
                    "of sqlx (migrations.tool) can hold such a statement."),
                  format->name);
}

int gl_check_format(const struct gl_format *format, const struct gl_migration *migration,
                    struct gl_error *err)
{
    bool whole = !migration->no_transaction && !migration->batch;
    if (!format || (!format->no_up && (format->alone || whole)))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("golive does not apply %s of %s: %s"),
            gl_path_base(migration->path), format->name, why_not(format, migration));
    if (format->no_up)
        gl_error_hint(err,
                      _("Apply it by %s itself; golive migrate status and plan read its folder all "
                        "the same."),
                      format->name);
    else
        hint_other_tool(format, err);
    gl_error_at(err, migration->path, 0, 0);
    return GL_E_REFUSED;
}

int gl_check_hint_alone(const struct gl_format *format, struct gl_error *err)
{
    if (!format->alone)
        hint_other_tool(format, err);
    return err ? err->code : GL_E_DATABASE;
}

int gl_check_refuse_late(const struct gl_migration *migration, int64_t newest, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED,
            _("migration %s comes before version %" PRId64 ", which is applied already"),
            gl_path_base(migration->path), newest);
    gl_error_at(err, migration->path, 0, 0);
    gl_error_hint(err,
                  _("It would run in another order here than in a new database. Give it a "
                    "version above %" PRId64 "; it was not applied here yet."),
                  newest);
    return GL_E_REFUSED;
}

static const struct gl_migration *find_file(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return &list->items[i];
    }
    return NULL;
}

static int check_files(const struct gl_session *session, const struct gl_applied_list *applied,
                       struct gl_error *err)
{
    for (size_t i = 0; i < applied->count; i++) {
        if (!find_file(session->list, applied->items[i].version))
            return refuse_missing(&applied->items[i], err);
    }
    return 0;
}

int gl_check_applied(const struct gl_migration *migration, const struct gl_applied *applied,
                     struct gl_error *err)
{
    if (!migration)
        return refuse_missing(applied, err);
    switch (gl_migration_state_of(migration, applied)) {
    case GL_MIGRATION_EDITED:
        return gl_check_refuse_edited(migration, applied, NULL, err);
    case GL_MIGRATION_DIRTY:
        return refuse_dirty(&gl_format_sqlx, migration, err);
    default:
        return 0;
    }
}

static int check_pending(const struct gl_session *session, const struct gl_migration *migration,
                         const struct gl_applied_list *applied, struct gl_error *err)
{
    if (gl_check_held(session, migration))
        return 0;
    /* A contract migration was held while later ones went ahead: its turn is late by design. */
    int64_t newest = applied->count ? applied->items[applied->count - 1].version : INT64_MIN;
    bool late = migration->version < newest && !session->format->any_order;
    if (late && migration->phase == GL_PHASE_EXPAND)
        return gl_check_refuse_late(migration, newest, err);
    int failed = gl_check_format(session->format, migration, err);
    return failed < 0 ? failed : gl_phase_check(migration, err);
}

/* The text that batches began with is kept while they are under way. */
static int check_unfinished(const struct gl_session *session, const struct gl_migration *migration,
                            const struct gl_applied *row, struct gl_error *err)
{
    gl_autobatchprogress struct gl_batch_progress progress = {0};
    gl_autoerr struct gl_error ignored = {0};
    bool found = false;
    (void)!gl_batch_progress_read(session->conn, migration->version, &progress, &found, &ignored);
    return gl_check_unfinished(session->format, migration, row, progress.text, err);
}

/* What a batch would be refused for when its turn comes is refused before the first change. */
static int check_batches(const struct gl_session *session, const struct gl_applied_list *applied,
                         struct gl_error *err)
{
    gl_autostrv struct gl_strv changed = {0};
    bool before = false;
    size_t last = session->list->count; /* text before it is read only where it matters */
    while (last > 0 && !session->list->items[last - 1].batch)
        last--;
    for (size_t i = 0; i < last; i++) {
        const struct gl_migration *migration = &session->list->items[i];
        gl_autoerr struct gl_error problem = {0};
        bool mended = false;
        if (gl_table_find(applied, migration->version) || gl_check_held(session, migration))
            continue;
        int failed = migration->batch
                         ? gl_batch_look(session->conn, migration, before ? &changed : NULL,
                                         &problem, &mended, err)
                         : 0;
        if (failed == 0 && problem.code && !mended) {
            failed = problem.code;
            gl_error_move(err, &problem);
        }
        if (failed < 0)
            return failed;
        gl_heavy_tables(migration, &changed);
        before = true;
    }
    return 0;
}

int gl_check_all(const struct gl_session *session, const struct gl_applied_list *applied,
                 struct gl_error *err)
{
    int failed = check_files(session, applied, err);
    for (size_t i = 0; failed == 0 && i < session->list->count; i++) {
        const struct gl_migration *migration = &session->list->items[i];
        const struct gl_applied *row = gl_table_find(applied, migration->version);
        switch (gl_migration_state_of(migration, row)) {
        case GL_MIGRATION_PENDING:
            failed = check_pending(session, migration, applied, err);
            break;
        case GL_MIGRATION_EDITED:
            failed = gl_check_refuse_edited(migration, row, NULL, err);
            break;
        case GL_MIGRATION_DIRTY:
            failed = check_unfinished(session, migration, row, err);
            break;
        case GL_MIGRATION_APPLIED:
        case GL_MIGRATION_MISSING:
        case GL_MIGRATION_LATE: /* told by gl_migrate_status() only */
            break;
        }
    }
    return failed < 0 ? failed : check_batches(session, applied, err);
}
