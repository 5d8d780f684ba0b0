/* One attempt at a migration in a transaction. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/session.h"
#include "migrate/sqltext.h"

/* Where the statement begins that failed after `completed` others. */
static size_t statement_offset(const char *sql, size_t completed)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    for (size_t i = 0; gl_sql_statement_next(&scanner, &statement); i++) {
        if (i == completed)
            return (size_t)(statement.tokens[0].text - sql);
    }
    return 0;
}

int gl_attempt_place(const struct gl_migration *migration, const struct gl_pq_outcome *outcome,
                     struct gl_error *err)
{
    const char *sql = migration->sql;
    size_t offset = outcome->position ? gl_sql_offset(sql, outcome->position)
                                      : statement_offset(sql, outcome->completed);
    unsigned column = 1;
    for (size_t i = offset; i > 0 && sql[i - 1] != '\n'; i--)
        column += ((unsigned char)sql[i - 1] & 0xC0) != 0x80;
    return gl_error_at(err, migration->path, gl_sql_line(sql, offset), column);
}

static int begin(const struct gl_session *session, struct gl_error *err)
{
    gl_autofree char *sql = gl_asprintf("begin; set local lock_timeout = %" PRId64 "; "
                                        "set local statement_timeout = %" PRId64,
                                        session->lock_timeout_ms, session->statement_timeout_ms);
    return gl_pq_exec(session->conn, sql, NULL, NULL, err);
}

/* Something is not there: perhaps an earlier contract migration that waits would have made it. */
static void explain(const struct gl_session *session, const struct gl_migration *migration,
                    const struct gl_pq_outcome *outcome, struct gl_error *err)
{
    static const char *const undefined[] = {"42703", "42P01", "42704", "42883"};
    gl_attempt_place(migration, outcome, err);
    if (strcmp(outcome->sqlstate, "25001") == 0)
        (void)gl_check_hint_alone(session->format, err);
    for (size_t i = 0; i < GL_COUNT(undefined) && session->result->held; i++) {
        if (strcmp(outcome->sqlstate, undefined[i]) == 0)
            gl_error_hint(err,
                          _("%zu contract migrations wait for a later release; this one must "
                            "not need what they do. Declare `-- golive: phase=contract` here, "
                            "or phase=expand there if nothing that serves would break."),
                          session->result->held);
    }
}

/* The same statement worked for earlier files, so this one changed the session. */
static int explain_row(const struct gl_session *session, const struct gl_migration *migration,
                       struct gl_error *err)
{
    gl_error_wrap(err, _("after the file ran, its row in %s could not be written"),
                  session->format->table);
    gl_error_hint(err, _("Does the file change search_path or the role? Take that out (pg_dump "
                         "writes such a line: set_config('search_path', ...))."));
    gl_error_at(err, migration->path, 0, 0);
    return GL_E_DATABASE;
}

static int run_file(struct gl_session *session, const struct gl_migration *migration,
                    struct gl_pq_outcome *outcome, struct gl_error *err)
{
    struct gl_pq_wait wait = gl_watch_wait(session);
    int64_t started_us = gl_mono_us();
    int failed = gl_pq_exec(session->conn, migration->sql, &wait, outcome, err);
    if (failed == GL_E_DATABASE)
        explain(session, migration, outcome, err);
    if (failed < 0)
        return failed;
    if (PQtransactionStatus(session->conn) != PQTRANS_INTRANS) {
        gl_fail(err, GL_E_DATABASE, _("the migration ended its own transaction"));
        gl_error_hint(err, _("Take COMMIT and ROLLBACK out of the file, restore what it changed, "
                             "and run it again."));
        gl_error_at(err, migration->path, 0, 0);
        return GL_E_DATABASE;
    }
    failed = session->reverting ? gl_table_delete(session->conn, migration->version, err)
                                : session->format->note(session->conn, migration,
                                                        (gl_mono_us() - started_us) * 1000, err);
    return failed == GL_E_DATABASE ? explain_row(session, migration, err) : failed;
}

static int commit(struct gl_session *session, const struct gl_migration *migration,
                  struct gl_pq_outcome *outcome, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    int64_t rows =
        outcome->rows; /* the outcome is COMMIT's from here on, the rows are the file's */
    int failed = gl_pq_exec(session->conn, "commit", &wait, outcome, err);
    outcome->rows = rows;
    if (failed == GL_E_DATABASE)
        gl_error_at(err, migration->path, 0, 0);
    return failed;
}

void gl_attempt_roll_back(struct gl_session *session)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autoerr struct gl_error ignored = {0};
    if (PQtransactionStatus(session->conn) != PQTRANS_IDLE &&
        gl_pq_exec(session->conn, "rollback", &wait, NULL, &ignored) < 0)
        return; /* the connection is gone, and with it the transaction */
}

int gl_attempt_transaction(struct gl_session *session, const struct gl_migration *migration,
                           struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                           struct gl_error *err)
{
    int failed = begin(session, err);
    int64_t started_us = gl_mono_us();
    if (failed == 0)
        failed = run_file(session, migration, ret_outcome, err);
    if (failed == 0)
        failed = commit(session, migration, ret_outcome, err);
    if (failed < 0)
        gl_attempt_roll_back(session);
    int64_t elapsed_us = gl_mono_us() - started_us;
    /* A failed attempt counts: others queued behind it as long. */
    if (elapsed_us > session->result->longest_lock_us)
        session->result->longest_lock_us = elapsed_us;
    if (failed < 0)
        return failed;
    *ret_elapsed_us = elapsed_us;
    return 0;
}
