/* Statements that the runner runs outside of a transaction. */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "trace/internal.h"

/* What PostgreSQL says of a statement that must be outside, before it does anything:
 * active_sql_transaction, and of a procedure that commits, invalid_transaction_termination. */
static bool wants_outside(const struct gl_pq_outcome *outcome)
{
    return strcmp(outcome->sqlstate, "25001") == 0 || strcmp(outcome->sqlstate, "2D000") == 0;
}

/* ---- looking on -------------------------------------------------------------------------------
 */

/* Locks seen so far; they are gone when the statement has ended. */
struct sampling {
    struct gl_tracer *tracer;
    struct gl_moment seen;
};

static void sample(void *context)
{
    struct sampling *sampling = context;
    gl_autofree char *pid = gl_asprintf("%d", PQbackendPID(sampling->tracer->conn));
    const char *values[] = {pid};
    gl_autopqresult PGresult *rows = NULL;
    if (gl_pq_query_always(sampling->tracer->watch,
                           "select relation, mode from pg_catalog.pg_locks where pid = $1::int "
                           "and locktype = 'relation' and relation >= 16384 and granted",
                           1, values, &rows, NULL) < 0)
        return; /* the statement's own connection will tell */
    for (int i = 0; i < PQntuples(rows); i++)
        gl_moment_add_lock(&sampling->seen, (struct gl_held_lock){
                                                .relation = (unsigned)gl_pq_int(rows, i, 0),
                                                .mode = gl_lock_mode_read(gl_pq_text(rows, i, 1)),
                                            });
}

/* A table or materialised view gets a new file only under the strongest lock; a short statement
 * may have let go of it between two looks. */
static void infer_locks(const struct gl_moment *before, struct gl_moment *after,
                        const struct gl_moment *seen)
{
    for (size_t i = 0; i < seen->lock_count; i++)
        gl_moment_add_lock(after, seen->locks[i]);
    for (size_t i = 0; i < after->relation_count; i++) {
        const struct gl_relation *relation = &after->relations[i];
        const struct gl_relation *old = gl_moment_find(before, relation->oid);
        bool stored = relation->kind == 'r' || relation->kind == 'm';
        if (old && stored && old->filenode != relation->filenode)
            gl_moment_add_lock(after,
                               (struct gl_held_lock){relation->oid, GL_LOCK_ACCESS_EXCLUSIVE});
    }
}

/* ---- outside ----------------------------------------------------------------------------------
 */

/* Counts reach the shared statistics at the end of the next transaction when asked for (PostgreSQL
 * 15 and later); before, they come when they come. */
static int flush_counts(struct gl_tracer *tracer, struct gl_error *err)
{
    if (PQserverVersion(tracer->conn) < 150000)
        return 0;
    return gl_pq_exec(tracer->conn, "select pg_stat_force_next_flush()", NULL, NULL, err);
}

static int take(struct gl_tracer *tracer, struct gl_moment *ret_snapshot, struct gl_error *err)
{
    int failed = flush_counts(tracer, err);
    return failed < 0 ? failed : gl_moment_take(tracer->conn, true, ret_snapshot, err);
}

static int set_timeouts(struct gl_tracer *tracer, struct gl_error *err)
{
    gl_autofree char *sql = gl_asprintf("set lock_timeout = %" PRId64, tracer->lock_timeout_ms);
    return gl_pq_exec(tracer->conn, sql, NULL, NULL, err);
}

static int exec_watched(struct sampling *sampling, struct gl_trace_statement *statement,
                        struct gl_pq_outcome *outcome, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.tick_ms = 1, .tick = sample, .context = sampling};
    struct gl_meter begin = {0};
    struct gl_meter end = {0};
    int failed = gl_meter_read(sampling->tracer, &begin, err);
    if (failed == 0)
        failed = gl_pq_exec(sampling->tracer->conn, statement->text, &wait, outcome, err);
    if (failed == 0)
        failed = gl_meter_read(sampling->tracer, &end, err);
    if (failed < 0)
        return failed;
    statement->time_us = end.elapsed_us;
    statement->wal_bytes = end.wal_position - begin.wal_position;
    return 0;
}

static int run_outside(struct gl_tracer *tracer, struct gl_trace_statement *statement,
                       struct gl_pq_outcome *outcome, struct gl_error *err)
{
    gl_automoment struct gl_moment before = {0};
    gl_automoment struct gl_moment after = {0};
    struct sampling sampling = {.tracer = tracer};
    statement->outside = true;
    int failed = set_timeouts(tracer, err);
    if (failed == 0)
        failed = take(tracer, &before, err);
    if (failed == 0)
        failed = exec_watched(&sampling, statement, outcome, err);
    if (failed == 0)
        failed = take(tracer, &after, err);
    if (failed == 0) {
        infer_locks(&before, &after, &sampling.seen);
        gl_effects_read(&(struct gl_moments){&before, &before, &after}, statement);
        statement->verdict = gl_verdict(statement);
    }
    gl_moment_done(&sampling.seen);
    return failed;
}

/* ---- inside -----------------------------------------------------------------------------------
 */

/* *ret_refused: it must be outside, and nothing was done. */
static int run_inside(struct gl_tracer *tracer, struct gl_trace_statement *statement,
                      struct gl_pq_outcome *outcome, struct gl_error *err)
{
    gl_automoment struct gl_moment base = {0};
    gl_automoment struct gl_moment before = {0};
    gl_autofree char *begin =
        gl_asprintf("begin; set local lock_timeout = %" PRId64, tracer->lock_timeout_ms);
    int failed = gl_pq_exec(tracer->conn, begin, NULL, NULL, err);
    if (failed == 0)
        failed = gl_moment_take(tracer->conn, false, &base, err);
    if (failed == 0)
        failed = gl_moment_take(tracer->conn, false, &before, err);
    if (failed == 0)
        failed = gl_trace_one(tracer, &base, &before, statement, outcome, err);
    if (failed == 0)
        failed = gl_pq_exec(tracer->conn, "commit", NULL, outcome, err);
    if (failed < 0)
        gl_trace_roll_back(tracer);
    return failed;
}

int gl_trace_alone(struct gl_tracer *tracer, struct gl_trace_file *file, size_t index,
                   struct gl_error *err)
{
    struct gl_trace_statement *statement = &file->statements[index];
    struct gl_pq_outcome outcome = {0};
    gl_autoerr struct gl_error cause = {0};
    int failed = run_inside(tracer, statement, &outcome, &cause);
    if (failed == GL_E_DATABASE && wants_outside(&outcome)) {
        outcome = (struct gl_pq_outcome){0};
        gl_error_done(&cause);
        failed = run_outside(tracer, statement, &outcome, &cause);
    }
    if (gl_trace_is_finding(tracer, failed, &outcome)) {
        gl_trace_failed(file, statement, &outcome, &cause);
        return 0;
    }
    if (failed < 0)
        gl_error_move(err, &cause);
    return failed;
}
