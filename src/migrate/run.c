/* Applies what is pending, in order. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "migrate/session.h"

#define DEFAULT_LOCK_TIMEOUT_MS      2000
#define DEFAULT_STATEMENT_TIMEOUT_MS 15000
#define DEFAULT_RETRIES              10

#define PAUSE_MIN_MS    100 /* with jitter up to twice of it, growing with the attempts */
#define PAUSE_GROWTH_TO 10

void gl_session_done(struct gl_session *session)
{
    gl_pq_close(&session->conn);
    gl_pq_close(&session->watch);
    free(session->blockers);
    *session = (struct gl_session){0};
}

void gl_session_tell(struct gl_session *session, struct gl_migrate_event event)
{
    if (!session->options->on_event || !session->current)
        return;
    event.migration = session->current;
    session->options->on_event(&event, session->options->context);
}

void gl_session_event(struct gl_session *session, enum gl_migrate_event_kind kind,
                      const char *detail, int64_t elapsed_us)
{
    struct gl_migrate_event event = {.detail = detail, .elapsed_us = elapsed_us};
    event.kind = kind;
    gl_session_tell(session, event);
}

/* ---- retrying ---- */

static bool is_lock_trouble(const struct gl_pq_outcome *outcome)
{
    return strcmp(outcome->sqlstate, "55P03") == 0 || strcmp(outcome->sqlstate, "40P01") == 0;
}

/* Jitter keeps two runners from meeting again and again. */
static void pause_before(int attempt)
{
    unsigned char random = 0;
    (void)!getrandom(&random, sizeof random, 0);
    int factor = attempt < PAUSE_GROWTH_TO ? attempt : PAUSE_GROWTH_TO;
    int pause_ms = (PAUSE_MIN_MS + random * PAUSE_MIN_MS / 255) * factor;
    gl_sleep_ms(pause_ms);
}

static int fail_locked(const struct gl_session *session, const struct gl_pq_outcome *outcome,
                       struct gl_error *err)
{
    if (strcmp(outcome->sqlstate, "55P03") != 0)
        return err ? err->code : GL_E_DATABASE;
    gl_autofree char *limit = gl_format_duration((double)session->lock_timeout_ms);
    gl_autoerr struct gl_error old = {0};
    gl_error_move(&old, err);
    gl_fail(err, GL_E_BUSY, _("%s did not get its lock in %d attempts of %s: %s"),
            gl_path_base(session->current->path), session->attempts, limit,
            session->blockers ? session->blockers : _("who holds it could not be seen"));
    gl_error_hint(err,
                  session->current->batch
                      ? _("Run it again when that session has ended, or end it: select "
                          "pg_terminate_backend(PROCESS). It goes on after the last batch.")
                      : _("Run it again when that session has ended, or end it: select "
                          "pg_terminate_backend(PROCESS). Nothing of the file stayed, except that "
                          "an index which could not be dropped yet is dropped then."));
    gl_error_at(err, old.file, old.line, old.column);
    return GL_E_BUSY;
}

static int attempt_once(struct gl_session *session, struct gl_pq_outcome *outcome,
                        int64_t *elapsed_us, struct gl_error *err)
{
    const struct gl_migration *migration = session->current;
    free(gl_steal(&session->blockers));
    if (session->reverting && migration->no_transaction)
        return gl_attempt_down_alone(session, migration, outcome, err);
    if (migration->batch && !session->reverting)
        return gl_attempt_batches(session, migration, outcome, elapsed_us, err);
    return migration->no_transaction
               ? gl_attempt_alone(session, migration, outcome, elapsed_us, err)
               : gl_attempt_transaction(session, migration, outcome, elapsed_us, err);
}

static void note_applied(struct gl_session *session, int64_t rows, int64_t elapsed_us)
{
    session->result->applied++;
    session->result->rows += rows;
    gl_session_tell(session, (struct gl_migrate_event){
                                 .kind = GL_MIGRATE_DONE,
                                 .rows = rows,
                                 .elapsed_us = elapsed_us,
                                 .pass = session->batches.pass,
                                 .left = session->batches.left,
                                 .once = session->batches.once,
                             });
}

int gl_session_apply(struct gl_session *session, const struct gl_migration *migration,
                     struct gl_error *err)
{
    session->current = migration;
    session->batches = (struct gl_session_batches){0};
    gl_session_event(session, GL_MIGRATE_BEGIN, NULL, 0);
    for (int attempt = 1;; attempt++) {
        struct gl_pq_outcome outcome = {0};
        int64_t elapsed_us = 0;
        session->moved = false;
        int failed = attempt_once(session, &outcome, &elapsed_us, err);
        if (failed == 0) {
            gl_error_done(err); /* of the attempts before, or of a batch that was halved */
            note_applied(session, outcome.rows, elapsed_us);
            return 0;
        }
        if (failed != GL_E_DATABASE || !is_lock_trouble(&outcome))
            return failed;
        attempt = session->moved ? 1 : attempt;
        if (attempt >= session->attempts)
            return fail_locked(session, &outcome, err);
        session->result->lock_retries++;
        gl_session_event(session, GL_MIGRATE_RETRY, session->blockers, 0);
        pause_before(attempt);
        failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
    }
}

/* ---- the whole run ---- */

void gl_session_init(struct gl_session *session, const char *conninfo,
                     const struct gl_migrations *list, struct gl_migrate_result *result)
{
    const struct gl_migrate_options *options = session->options;
    session->conninfo = conninfo;
    session->list = list;
    session->format = list && list->format ? list->format : &gl_format_sqlx;
    session->result = result;
    session->lock_timeout_ms =
        options->lock_timeout_ms ? options->lock_timeout_ms : DEFAULT_LOCK_TIMEOUT_MS;
    session->statement_timeout_ms = options->statement_timeout_ms ? options->statement_timeout_ms
                                                                  : DEFAULT_STATEMENT_TIMEOUT_MS;
    session->attempts = 1 + (options->retries ? options->retries : DEFAULT_RETRIES);
}

static bool has_work(const struct gl_session *session, const struct gl_applied_list *applied,
                     const struct gl_migration *migration)
{
    enum gl_migration_state state =
        gl_migration_state_of(migration, gl_table_find(applied, migration->version));
    return state == GL_MIGRATION_DIRTY ||
           (state == GL_MIGRATION_PENDING && !gl_check_held(session, migration));
}

/* How many of the list may be looked at: where one row says which was the last, none behind one
 * that is held. */
static size_t reachable(const struct gl_session *session, const struct gl_applied_list *applied)
{
    size_t count = 0;
    while (count < session->list->count) {
        const struct gl_migration *migration = &session->list->items[count];
        if (session->format->in_order && !gl_table_find(applied, migration->version) &&
            gl_check_held(session, migration))
            break;
        count++;
    }
    return count;
}

/* Reads and checks; the first migration with work in *ret_first (NULL = nothing to do). */
static int plan(struct gl_session *session, struct gl_applied_list *applied,
                const struct gl_migration **ret_first, struct gl_error *err)
{
    gl_applied_list_done(applied);
    int failed = gl_format_read_applied(session->conn, session->list, applied, err);
    if (failed == 0)
        failed = gl_check_all(session, applied, err);
    if (failed < 0)
        return failed;
    size_t reach = reachable(session, applied);
    *ret_first = NULL;
    session->result->held = 0;
    for (size_t i = 0; i < session->list->count; i++) {
        const struct gl_migration *migration = &session->list->items[i];
        if (!*ret_first && i < reach && has_work(session, applied, migration))
            *ret_first = migration;
        session->result->held +=
            !gl_table_find(applied, migration->version) && gl_check_held(session, migration);
    }
    return 0;
}

/* With the lock held: what was planned before it may have been done by another. */
static int run_locked(struct gl_session *session, struct gl_error *err)
{
    gl_autoapplied struct gl_applied_list applied = {0};
    const struct gl_migration *first = NULL;
    int failed = session->format->ensure(session->conn, err);
    if (failed == 0)
        failed = plan(session, &applied, &first, err);
    size_t reach = failed < 0 ? 0 : reachable(session, &applied);
    for (size_t i = 0; failed == 0 && first && i < reach; i++) {
        if (has_work(session, &applied, &session->list->items[i]))
            failed = gl_session_apply(session, &session->list->items[i], err);
    }
    return failed;
}

int gl_migrate_run(const char *conninfo, const struct gl_migrations *list,
                   const struct gl_migrate_options *options, struct gl_migrate_result *ret_result,
                   struct gl_error *err)
{
    *ret_result = (struct gl_migrate_result){0};
    gl_autosession struct gl_session session = {.options = options};
    gl_autoapplied struct gl_applied_list applied = {0};
    gl_session_init(&session, conninfo, list, ret_result);
    int failed = gl_pq_connect(conninfo, "golive migrate", &session.conn, err);
    if (failed == 0)
        failed = plan(&session, &applied, &session.current, err);
    if (failed < 0 || !session.current)
        return failed;
    failed = gl_lock_take(&session, err);
    if (failed < 0)
        return failed;
    failed = run_locked(&session, err);
    gl_lock_release(&session);
    return failed;
}
