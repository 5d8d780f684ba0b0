/* One migration: split into statements, each run and looked at, in the transaction that the runner
 * would give it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/phase.h"
#include "migrate/sqltext.h"
#include "trace/internal.h"

/* ---- splitting --------------------------------------------------------------------------------
 */

static unsigned column_of(const char *text, size_t offset)
{
    unsigned column = 1;
    for (size_t i = offset; i > 0 && text[i - 1] != '\n'; i--)
        column += ((unsigned char)text[i - 1] & 0xC0) != 0x80;
    return column;
}

static void split(const struct gl_migration *migration, struct gl_trace_file *file)
{
    const char *sql = migration->sql;
    gl_autostatement struct gl_sql_statement tokens = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    file->path = gl_strdup(migration->path);
    file->no_transaction = migration->no_transaction;
    file->batch = migration->batch;
    while (gl_sql_statement_next(&scanner, &tokens)) {
        const struct gl_sql_token *last = &tokens.tokens[tokens.count - 1];
        const char *start = tokens.tokens[0].text;
        size_t offset = (size_t)(start - sql);
        file->statements =
            gl_realloc_array(file->statements, file->count + 1, sizeof *file->statements);
        file->statements[file->count++] = (struct gl_trace_statement){
            .line = gl_sql_line(sql, offset),
            .column = column_of(sql, offset),
            .text = gl_strndup(start, (size_t)(last->text + last->len - start)),
            .verdict = GL_TRACE_NOT_RUN,
        };
    }
}

/* ---- one statement ----------------------------------------------------------------------------
 */

/* The place in the file: that of the statement, and in it what PostgreSQL points at. */
static void place(const struct gl_trace_file *file, const struct gl_trace_statement *statement,
                  const struct gl_pq_outcome *outcome, struct gl_error *cause)
{
    size_t offset = outcome->position ? gl_sql_offset(statement->text, outcome->position) : 0;
    unsigned lines = gl_sql_line(statement->text, offset) - 1;
    unsigned column = column_of(statement->text, offset);
    gl_error_at(cause, file->path, statement->line + lines,
                lines ? column : statement->column + column - 1);
}

bool gl_trace_is_finding(const struct gl_tracer *tracer, int failed,
                         const struct gl_pq_outcome *outcome)
{
    return failed == GL_E_DATABASE && outcome->sqlstate[0] &&
           PQstatus(tracer->conn) == CONNECTION_OK;
}

void gl_trace_failed(struct gl_trace_file *file, struct gl_trace_statement *statement,
                     const struct gl_pq_outcome *outcome, struct gl_error *cause)
{
    statement->verdict = GL_TRACE_FAILED;
    memcpy(statement->sqlstate, outcome->sqlstate, sizeof statement->sqlstate);
    if (outcome->table[0])
        statement->broken_table = gl_table_name(outcome->schema, outcome->table);
    place(file, statement, outcome, cause);
    if (strcmp(outcome->sqlstate, "42601") == 0)
        gl_error_hint(cause, _("Correct the SQL at that line. If it is of a newer PostgreSQL, give "
                               "that server's programs: --server-bin DIR."));
    gl_error_move(&statement->problem, cause);
}

/* Reads what came of a statement that has run. */
static int look(struct gl_tracer *tracer, const struct gl_moment *base, struct gl_moment *before,
                struct gl_trace_statement *statement, struct gl_error *err)
{
    gl_automoment struct gl_moment after = {0};
    int failed = gl_moment_take(tracer->conn, false, &after, err);
    if (failed < 0)
        return failed;
    gl_effects_read(&(struct gl_moments){base, before, &after}, statement);
    statement->verdict = gl_verdict(statement);
    gl_moment_done(before);
    *before = after;
    after = (struct gl_moment){0};
    return 0;
}

int gl_trace_one(struct gl_tracer *tracer, const struct gl_moment *base, struct gl_moment *before,
                 struct gl_trace_statement *statement, struct gl_pq_outcome *outcome,
                 struct gl_error *err)
{
    struct gl_meter begin = {0};
    struct gl_meter end = {0};
    int failed = gl_meter_read(tracer, &begin, err);
    if (failed == 0)
        failed = gl_pq_exec(tracer->conn, statement->text, NULL, outcome, err);
    if (failed == 0)
        failed = gl_meter_read(tracer, &end, err);
    if (failed < 0)
        return failed;
    statement->time_us = end.elapsed_us;
    statement->wal_bytes = end.wal_position - begin.wal_position;
    return look(tracer, base, before, statement, err);
}

/* ---- the transaction --------------------------------------------------------------------------
 */

static int begin(struct gl_tracer *tracer, struct gl_error *err)
{
    gl_autofree char *sql =
        gl_asprintf("begin; set local lock_timeout = %" PRId64, tracer->lock_timeout_ms);
    return gl_pq_exec(tracer->conn, sql, NULL, NULL, err);
}

void gl_trace_roll_back(struct gl_tracer *tracer)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autoerr struct gl_error ignored = {0};
    if (PQtransactionStatus(tracer->conn) != PQTRANS_IDLE &&
        gl_pq_exec(tracer->conn, "rollback", &wait, NULL, &ignored) < 0)
        return; /* the connection is gone, and with it the transaction */
}

static bool blocks(const struct gl_trace_statement *statement)
{
    return statement->verdict == GL_TRACE_BRIEF || statement->verdict == GL_TRACE_DANGEROUS;
}

/* Runs the statements up to one that fails; *ret_failed says whether one did. */
static int run_statements(struct gl_tracer *tracer, struct gl_trace_file *file, bool *ret_failed,
                          struct gl_error *err)
{
    gl_automoment struct gl_moment base = {0};
    gl_automoment struct gl_moment before = {0};
    int failed = gl_moment_take(tracer->conn, false, &base, err);
    if (failed == 0)
        failed = gl_moment_take(tracer->conn, false, &before, err);
    for (size_t i = 0; failed == 0 && i < file->count; i++) {
        struct gl_trace_statement *statement = &file->statements[i];
        struct gl_pq_outcome outcome = {0};
        failed = gl_trace_one(tracer, &base, &before, statement, &outcome, err);
        if (gl_trace_is_finding(tracer, failed, &outcome)) {
            gl_trace_failed(file, statement, &outcome, err);
            *ret_failed = true;
            return 0;
        }
        file->time_us += statement->time_us;
        if (file->blocked_us || blocks(statement))
            file->blocked_us += statement->time_us;
    }
    return failed;
}

/* Deferred constraints are checked here. */
static int end(struct gl_tracer *tracer, struct gl_trace_file *file, bool keep,
               struct gl_error *err)
{
    struct gl_pq_outcome outcome = {0};
    int failed = gl_pq_exec(tracer->conn, keep ? "commit" : "rollback", NULL, &outcome, err);
    if (gl_trace_is_finding(tracer, failed, &outcome)) {
        gl_error_at(err, file->path, 0, 0);
        gl_error_move(&file->problem, err);
        failed = 0;
    }
    return failed;
}

static int run_transaction(struct gl_tracer *tracer, struct gl_trace_file *file, bool keep,
                           struct gl_error *err)
{
    bool stopped = false;
    int failed = begin(tracer, err);
    if (failed == 0)
        failed = run_statements(tracer, file, &stopped, err);
    if (failed == 0 && !stopped)
        failed = end(tracer, file, keep, err);
    if (failed < 0 || stopped)
        gl_trace_roll_back(tracer);
    return failed;
}

static int run_alone(struct gl_tracer *tracer, const struct gl_migration *migration,
                     struct gl_trace_file *file, struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < file->count; i++) {
        struct gl_trace_statement *statement = &file->statements[i];
        failed = gl_trace_alone(tracer, file, i, err);
        if (failed == 0 && migration->batch && statement->verdict != GL_TRACE_FAILED)
            failed = gl_trace_in_batches(tracer, migration, statement, err);
        file->time_us += statement->time_us;
        file->blocked_us += blocks(statement) ? statement->time_us : 0;
        if (statement->verdict == GL_TRACE_FAILED)
            break;
    }
    return failed;
}

int gl_trace_migration(struct gl_tracer *tracer, const struct gl_migration *migration, bool keep,
                       struct gl_trace_file *ret_file, struct gl_error *err)
{
    struct gl_trace_file file = {0};
    split(migration, &file);
    if (gl_phase_check(migration, &file.problem) < 0) { /* the runner would not run it either */
        *ret_file = file;
        return 0;
    }
    int failed = migration->no_transaction ? run_alone(tracer, migration, &file, err)
                                           : run_transaction(tracer, &file, keep, err);
    if (failed < 0) {
        gl_trace_file_done(&file);
        return failed;
    }
    *ret_file = file;
    return 0;
}
