/* A file in batches: an UPDATE or DELETE goes through its table in the order of a key, so many rows
 * a transaction. Each row that was there in the beginning is met once, whatever its condition says
 * afterwards, because the position is committed together with the rows.
 *
 * Rows that come in meanwhile behind the position, or behind the last key, are met by a further
 * pass, until a pass changes nothing. That is right only when no row can be changed twice, which is
 * measured: each batch counts the rows that it changed and for which the condition still holds. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "migrate/batch_key.h"
#include "migrate/batch_progress.h"
#include "migrate/batch_text.h"
#include "migrate/session.h"

/* Not more often: a log should not hold thousands of them. */
#define EVENT_EVERY_US 1000000

struct backfill {
    struct gl_session *session;
    const struct gl_migration *migration;
    struct gl_pq_outcome *outcome;
    struct gl_batch_text text;
    struct gl_batch_key key;
    struct gl_batch_progress progress;
    int64_t started_us;
    int64_t told_us;       /* when an event was sent last */
    int64_t looked_before; /* in this pass, by earlier runs */
    int64_t pass_us;       /* when this run began with the pass */
};

static void backfill_done(struct backfill *b)
{
    gl_batch_text_done(&b->text);
    gl_batch_key_done(&b->key);
    gl_batch_progress_done(&b->progress);
}

static void tell(struct backfill *b, bool always)
{
    int64_t now_us = gl_mono_us();
    int64_t elapsed_us = now_us - b->started_us;
    int64_t looked = b->progress.looked - b->looked_before;
    int64_t pass_us = now_us - b->pass_us;
    if (!always && now_us - b->told_us < EVENT_EVERY_US)
        return;
    b->told_us = now_us;
    gl_session_tell(b->session, (struct gl_migrate_event){
                                    .kind = GL_MIGRATE_PROGRESS,
                                    .elapsed_us = elapsed_us,
                                    .rows = b->progress.rows,
                                    .looked = b->progress.looked,
                                    .estimate = b->key.estimate,
                                    .rate_per_s = pass_us > 0 ? looked * 1000000 / pass_us : 0,
                                    .pass = b->progress.pass,
                                });
}

/* ---- before it runs ---- */

static int is_there(PGconn *conn, const char *table, bool *ret_there, struct gl_error *err)
{
    gl_autopqresult PGresult *found = NULL;
    int failed =
        gl_pq_query(conn, "select to_regclass($1::text) is not null", 1, &table, &found, err);
    if (failed == 0)
        *ret_there = gl_pq_bool(found, 0, 0);
    return failed;
}

int gl_batch_look(PGconn *conn, const struct gl_migration *migration, const struct gl_strv *changed,
                  struct gl_error *ret_problem, bool *ret_mended, struct gl_error *err)
{
    gl_autobatchtext struct gl_batch_text text = {0};
    gl_autobatchkey struct gl_batch_key key = {0};
    gl_autoerr struct gl_error unread = {0}; /* gl_phase_check() says that */
    gl_autoerr struct gl_error problem = {0};
    bool there = false;
    if (gl_batch_text_read(migration->sql, migration->path, &text, &unread) < 0)
        return 0;
    int failed = is_there(conn, text.table, &there, err);
    if (failed < 0 || (!there && changed))
        return failed;
    failed = gl_batch_key_find(conn, &text, migration->path, &key, &problem);
    if (failed < 0 && failed != GL_E_REFUSED) {
        gl_error_move(err, &problem);
        return failed;
    }
    gl_error_move(ret_problem, &problem);
    *ret_mended = changed && gl_strv_has(changed, text.table);
    return 0;
}

/* ---- beginning, or going on ---- */

/* The values of a row that begin at its first column. */
static void take_key(const struct backfill *b, const PGresult *row, struct gl_strv *values)
{
    gl_strv_done(values);
    for (size_t i = 0; i < b->key.columns.count; i++)
        gl_strv_add(values, gl_pq_text(row, 0, (int)i));
}

static int find_last(struct backfill *b, struct gl_strv *ret_last, struct gl_error *err)
{
    gl_autopqresult PGresult *row = NULL;
    gl_autofree char *columns = gl_batch_key_list(&b->key, "t", true, "");
    gl_autofree char *order = gl_batch_key_list(&b->key, "t", false, " desc");
    gl_autofree char *sql = gl_asprintf("select %s from %s%s t order by %s limit 1", columns,
                                        b->text.only ? "only " : "", b->text.table, order);
    int failed = gl_pq_query(b->session->conn, sql, 0, NULL, &row, err);
    if (failed == 0 && PQntuples(row) > 0)
        take_key(b, row, ret_last);
    return failed;
}

/* Whatever the database's default is: in a stricter one each batch would fail on rows that somebody
 * changed since it began. */
#define BEGIN "begin isolation level read committed"

/* Waits for the table here, where blockers are seen and a lock that is not free is tried again. */
static int begin_with_lock(struct backfill *b, const char *mode, struct gl_error *err)
{
    struct gl_pq_wait wait = gl_watch_wait(b->session);
    gl_autofree char *sql = gl_asprintf(BEGIN "; lock table %s%s in %s mode",
                                        b->text.only ? "only " : "", b->text.table, mode);
    return gl_pq_exec(b->session->conn, sql, &wait, b->outcome, err);
}

/* The unfinished row and the position come to be together. */
static int begin_file(struct backfill *b, struct gl_error *err)
{
    PGconn *conn = b->session->conn;
    int64_t version = b->migration->version;
    free(b->progress.text);
    b->progress.batch = b->migration->batch;
    b->progress.pass = 1;
    b->progress.again = b->text.condition && !b->key.rules;
    b->progress.estimate = b->key.estimate;
    b->progress.text = gl_strdup(b->migration->sql);
    int failed = begin_with_lock(b, "access share", err);
    if (failed == 0)
        failed = find_last(b, &b->progress.last, err);
    if (failed == 0)
        failed = gl_table_insert(conn, b->migration, -1, err);
    if (failed == 0)
        failed = gl_batch_progress_begin(conn, version, &b->progress, err);
    if (failed == 0)
        failed = gl_pq_exec(conn, "commit", NULL, NULL, err);
    return failed;
}

static int begin_or_go_on(struct backfill *b, struct gl_error *err)
{
    PGconn *conn = b->session->conn;
    int64_t version = b->migration->version;
    bool unfinished = false;
    bool found = false;
    int failed = gl_table_is_dirty(conn, version, &unfinished, err);
    if (failed == 0)
        failed = gl_batch_progress_read(conn, version, &b->progress, &found, err);
    if (failed == 0 && unfinished && !found)
        return gl_check_refuse_unknown(b->migration, err);
    /* Somebody took the unfinished row away to begin anew. */
    if (failed == 0 && found && !unfinished) {
        gl_batch_progress_done(&b->progress);
        failed = gl_batch_progress_forget(conn, version, b->outcome, err);
    }
    if (failed == 0 && !unfinished)
        failed = begin_file(b, err);
    else if (failed == 0)
        failed = gl_batch_progress_renew(conn, err);
    b->looked_before = b->progress.looked;
    return failed;
}

/* ---- one batch ---- */

/* The condition on rows behind the position, up to `to`. */
static char *range(const struct backfill *b, const char *name, const struct gl_strv *to)
{
    PGconn *conn = b->session->conn;
    gl_autofree char *below = gl_batch_key_compare(conn, &b->key, name, "<=", to);
    if (!b->progress.position.count)
        return gl_steal(&below);
    gl_autofree char *above = gl_batch_key_compare(conn, &b->key, name, ">", &b->progress.position);
    return above && below ? gl_asprintf("%s and %s", above, below) : NULL;
}

static int fail_quoting(struct gl_error *err)
{
    gl_fail(err, GL_E_DATABASE, _("a value of the table's key cannot be written as SQL"));
    return gl_error_hint(err, _("Is it no valid UTF-8? Run the file without batches."));
}

/* Where this batch ends: the key of its last row in *ret_to, and how many rows are looked at (0 =
 * there is none left). */
static int find_end(struct backfill *b, struct gl_strv *ret_to, int64_t *ret_rows,
                    struct gl_error *err)
{
    gl_autopqresult PGresult *row = NULL;
    gl_autofree char *where = range(b, "t", &b->progress.last);
    if (!where)
        return fail_quoting(err);
    gl_autofree char *inner = gl_batch_key_list(&b->key, "t", false, "");
    gl_autofree char *outer = gl_batch_key_list(&b->key, "s", true, "");
    gl_autofree char *sql = gl_asprintf(
        "select %s, s.golive_row from (select %s, row_number() over (order by %s) as golive_row "
        "from %s%s t where %s order by %s limit %" PRId64 ") s order by s.golive_row desc limit 1",
        outer, inner, inner, b->text.only ? "only " : "", b->text.table, where, inner,
        b->progress.batch);
    int failed = gl_pq_query_told(b->session->conn, sql, b->outcome, &row, err);
    *ret_rows = 0;
    if (failed < 0 || PQntuples(row) == 0)
        return failed;
    take_key(b, row, ret_to);
    *ret_rows = gl_pq_int(row, 0, (int)b->key.columns.count);
    return 0;
}

/* Changes the rows and counts those that a further pass would change again. */
static int measure_rows(struct backfill *b, const char *where, int64_t *ret_still,
                        struct gl_error *err)
{
    gl_autopqresult PGresult *counts = NULL;
    size_t shift = 0;
    gl_autofree char *sql = gl_batch_text_measured(&b->text, where, &shift);
    struct gl_pq_wait wait = gl_watch_wait(b->session);
    int failed = gl_pq_exec_told(b->session->conn, sql, &wait, b->outcome, &counts, err);
    b->outcome->position -= b->outcome->position > shift ? shift : b->outcome->position;
    if (failed < 0)
        return failed;
    b->outcome->rows = gl_pq_int(counts, 0, 0);
    *ret_still = gl_pq_int(counts, 0, 1);
    return 0;
}

static int change_rows(struct backfill *b, const struct gl_strv *to, bool *ret_again,
                       struct gl_error *err)
{
    int64_t still = 0;
    int failed = 0;
    gl_autofree char *where = range(b, b->text.name, to);
    if (!where)
        return fail_quoting(err);
    if (b->progress.again && !b->text.removes) {
        failed = measure_rows(b, where, &still, err);
    } else {
        gl_autofree char *sql = gl_batch_text_sql(&b->text, where);
        struct gl_pq_wait wait = gl_watch_wait(b->session);
        failed = gl_pq_exec(b->session->conn, sql, &wait, b->outcome, err);
    }
    if (failed == GL_E_DATABASE)
        gl_attempt_place(b->migration, b->outcome, err);
    *ret_again = b->progress.again && still == 0;
    return failed;
}

/* Commits `next` with what was done. Nothing moves before it is known that it stays: a deferred
 * constraint may still take rows back. */
static int commit_progress(struct backfill *b, const struct gl_batch_progress *next,
                           struct gl_error *err)
{
    int failed =
        gl_batch_progress_commit(b->session->conn, b->migration->version, next, b->outcome, err);
    if (failed == GL_E_DATABASE)
        gl_error_at(err, b->migration->path, 1, 1);
    if (failed == 0)
        b->session->moved = true;
    return failed;
}

static int commit_batch(struct backfill *b, struct gl_strv *to, int64_t looked, bool again,
                        struct gl_error *err)
{
    struct gl_batch_progress next = b->progress; /* borrows both keys */
    next.position = *to;
    next.looked += looked;
    next.rows += b->outcome->rows;
    next.again = again;
    int failed = commit_progress(b, &next, err);
    if (failed < 0)
        return failed;
    gl_strv_done(&b->progress.position);
    b->progress = next;
    *to = (struct gl_strv){0};
    return 0;
}

static int run_batch(struct backfill *b, bool *ret_more, struct gl_error *err)
{
    gl_autostrv struct gl_strv to = {0};
    int64_t rows = 0;
    bool again = false;
    int failed = begin_with_lock(b, "row exclusive", err);
    int64_t locked_us = gl_mono_us();
    if (failed == 0)
        failed = find_end(b, &to, &rows, err);
    if (failed == 0 && rows == 0) {
        *ret_more = false;
        return gl_pq_exec(b->session->conn, "commit", NULL, NULL, err);
    }
    if (failed == 0)
        failed = change_rows(b, &to, &again, err);
    if (failed < 0)
        return failed;
    failed = commit_batch(b, &to, rows, again, err);
    int64_t held_us = gl_mono_us() - locked_us;
    if (held_us > b->session->result->longest_lock_us)
        b->session->result->longest_lock_us = held_us;
    return failed;
}

/* A batch that takes longer than a statement may is tried with half as many rows. */
static bool make_smaller(struct backfill *b, int failed)
{
    if (failed != GL_E_DATABASE || strcmp(b->outcome->sqlstate, "57014") != 0 ||
        b->progress.batch <= 1)
        return false;
    b->progress.batch /= 2;
    return true;
}

/* A further pass reads the most of the time: only what changes rows has to leave others room. */
static bool wants_pause(const struct backfill *b, int64_t rows_before)
{
    return b->migration->sleep_ms && (b->progress.pass == 1 || b->progress.rows > rows_before);
}

static int run_batches(struct backfill *b, struct gl_error *err)
{
    bool more = b->progress.last.count > 0;
    int failed = 0;
    while (more && failed == 0) {
        int64_t rows_before = b->progress.rows;
        failed = run_batch(b, &more, err);
        if (failed < 0)
            gl_attempt_roll_back(b->session);
        if (failed == 0)
            tell(b, !more);
        if (make_smaller(b, failed)) {
            gl_error_done(err);
            failed = 0;
        } else if (more && failed == 0 && wants_pause(b, rows_before))
            gl_sleep_ms(b->migration->sleep_ms);
        if (failed == 0)
            failed = gl_interrupt_check(err);
    }
    return failed;
}

/* ---- passes ---- */

static int64_t changed_in_pass(const struct backfill *b)
{
    return b->progress.rows - b->progress.before;
}

/* From the first key on once more, up to what is the last one now. */
static int begin_pass(struct backfill *b, struct gl_error *err)
{
    struct gl_batch_progress next = b->progress; /* borrows the text */
    next.position = (struct gl_strv){0};
    next.last = (struct gl_strv){0};
    next.looked = 0;
    next.before = next.rows;
    next.pass++;
    int failed = begin_with_lock(b, "access share", err);
    if (failed == 0)
        failed = find_last(b, &next.last, err);
    if (failed == 0)
        failed = commit_progress(b, &next, err);
    if (failed < 0) {
        gl_strv_done(&next.last);
        return failed;
    }
    gl_strv_done(&b->progress.position);
    gl_strv_done(&b->progress.last);
    b->progress = next;
    b->looked_before = 0;
    b->pass_us = gl_mono_us();
    return 0;
}

static int run_passes(struct backfill *b, struct gl_error *err)
{
    int failed = run_batches(b, err);
    while (failed == 0 && b->progress.again && changed_in_pass(b) > 0 &&
           b->progress.pass < GL_MIGRATE_PASSES) {
        failed = begin_pass(b, err);
        if (failed == 0)
            failed = run_batches(b, err);
    }
    return failed;
}

/* ---- the end ---- */

static int finish(struct backfill *b, int64_t elapsed_us, struct gl_error *err)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    PGconn *conn = b->session->conn;
    int64_t version = b->migration->version;
    int failed = gl_pq_exec(conn, BEGIN, &wait, b->outcome, err);
    if (failed == 0)
        failed = gl_table_finish(conn, version, elapsed_us * 1000, err);
    if (failed == 0)
        failed = gl_batch_progress_forget(conn, version, b->outcome, err);
    return failed < 0 ? failed : gl_pq_exec(conn, "commit", &wait, b->outcome, err);
}

/* Before the first batch nothing of the file stays, so that its text may still be mended. */
static void forget_file(struct backfill *b)
{
    const struct gl_pq_wait wait = {.uninterruptible = true};
    gl_autoerr struct gl_error ignored = {0};
    PGconn *conn = b->session->conn;
    int64_t version = b->migration->version;
    if (gl_pq_exec(conn, BEGIN, &wait, NULL, &ignored) < 0 ||
        gl_table_remove_dirty(conn, version, &ignored) < 0 ||
        gl_batch_progress_forget(conn, version, NULL, &ignored) < 0 ||
        gl_pq_exec(conn, "commit", &wait, NULL, &ignored) < 0)
        gl_attempt_roll_back(b->session);
}

static int explain(struct backfill *b, int failed, struct gl_error *err)
{
    gl_attempt_roll_back(b->session);
    if (b->progress.pass == 1 && !b->progress.looked) {
        forget_file(b);
        return failed;
    }
    gl_error_hint(err,
                  _("%" PRId64 " rows are changed and stay so, %" PRId64 " were looked at in pass "
                    "%" PRId64 "; run it again, and it goes on there. To begin anew, with another "
                    "text: delete from _sqlx_migrations where version = %" PRId64 "."),
                  b->progress.rows, b->progress.looked, b->progress.pass, b->migration->version);
    return failed;
}

static int set_limits(struct gl_session *session, struct gl_error *err)
{
    gl_autofree char *sql =
        gl_asprintf("set lock_timeout = %" PRId64 "; set statement_timeout = %" PRId64,
                    session->lock_timeout_ms, session->statement_timeout_ms);
    return gl_pq_exec(session->conn, sql, NULL, NULL, err);
}

int gl_attempt_batches(struct gl_session *session, const struct gl_migration *migration,
                       struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                       struct gl_error *err)
{
    gl_cleanup(backfill_done) struct backfill b = {
        .session = session,
        .migration = migration,
        .outcome = ret_outcome,
        .started_us = gl_mono_us(),
    };
    int failed = gl_batch_text_read(migration->sql, migration->path, &b.text, err);
    if (failed == 0)
        failed = set_limits(session, err);
    if (failed == 0)
        failed = gl_batch_key_find(session->conn, &b.text, migration->path, &b.key, err);
    if (failed == 0)
        failed = begin_or_go_on(&b, err);
    if (failed < 0) {
        gl_attempt_roll_back(session);
        return failed;
    }
    b.pass_us = gl_mono_us();
    failed = run_passes(&b, err);
    int64_t elapsed_us = gl_mono_us() - b.started_us;
    if (failed == 0)
        failed = finish(&b, elapsed_us, err);
    if (failed < 0)
        return explain(&b, failed, err);
    ret_outcome->rows = b.progress.rows;
    session->batches = (struct gl_session_batches){
        .pass = b.progress.pass,
        .left = b.progress.again ? changed_in_pass(&b) : 0,
        .once = !b.progress.again && b.progress.rows > 0,
    };
    *ret_elapsed_us = elapsed_us;
    return 0;
}
