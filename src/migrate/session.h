/* One run of migrations: its connections, limits and what it found. */
#ifndef GL_MIGRATE_SESSION_H
#define GL_MIGRATE_SESSION_H

#include "migrate/conn.h"
#include "migrate/format.h"
#include "migrate/migrate.h"
#include "migrate/table.h"

/* How a file in batches ended; see struct gl_migrate_event. */
struct gl_session_batches {
    int64_t pass; /* 0 = the current file is in no batches */
    int64_t left;
    bool once;
};

struct gl_session {
    const char *conninfo;
    const struct gl_migrate_options *options;
    const struct gl_migrations *list;
    const struct gl_format *format; /* of the list, or sqlx's */
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
    int attempts;
    PGconn *conn;
    PGconn *watch;     /* second connection, made when a statement waits */
    bool watch_failed; /* it could not be made; not tried again */
    char *blockers;    /* who was seen blocking last, or NULL */
    const struct gl_migration *current;
    bool reverting; /* the current one is a down file: its row goes */
    bool moved;     /* a batch of the current one was committed: attempts are counted anew */
    struct gl_session_batches batches;
    struct gl_migrate_result *result;
};

void gl_session_done(struct gl_session *session);
#define gl_autosession gl_cleanup(gl_session_done)

/* Takes limits and defaults over from session->options, which is set. */
void gl_session_init(struct gl_session *session, const char *conninfo,
                     const struct gl_migrations *list, struct gl_migrate_result *result);

/* Applies one migration, or takes it back, trying again while its locks are not free. */
gl_nodiscard int gl_session_apply(struct gl_session *session, const struct gl_migration *migration,
                                  struct gl_error *err);

/* Calls on_event, if there is one, about the current migration. */
void gl_session_event(struct gl_session *session, enum gl_migrate_event_kind kind,
                      const char *detail, int64_t elapsed_us);

/* The same about any event; its migration is filled in. */
void gl_session_tell(struct gl_session *session, struct gl_migrate_event event);

/* ---- scan.c ---- */

/* Reads a file's text and what its header says; version and description are not set. */
gl_nodiscard int gl_migration_load(const char *path, struct gl_migration *migration,
                                   struct gl_error *err);
void gl_migration_done(struct gl_migration *migration);

/* ---- status.c ---- */

/* `applied` is the migration's row, or NULL. */
enum gl_migration_state gl_migration_state_of(const struct gl_migration *migration,
                                              const struct gl_applied *applied);

/* ---- check.c ---- */

/* True if the options leave this pending contract migration for a later release. */
bool gl_check_held(const struct gl_session *session, const struct gl_migration *migration);

/* Refuses a pending one that golive does not apply in the folder of this tool. */
gl_nodiscard int gl_check_format(const struct gl_format *format,
                                 const struct gl_migration *migration, struct gl_error *err);

/* PostgreSQL runs a statement only outside a transaction: says how, where this tool's files cannot
 * say so. Returns err->code. */
int gl_check_hint_alone(const struct gl_format *format, struct gl_error *err);

/* Refuses an applied migration whose file is missing (NULL), edited or that is unfinished. */
gl_nodiscard int gl_check_applied(const struct gl_migration *migration,
                                  const struct gl_applied *applied, struct gl_error *err);

/* Refuses an applied migration whose file was edited: names the line, from `text` (as it was
 * applied; NULL = not kept) or the repository's history. */
int gl_check_refuse_edited(const struct gl_migration *migration, const struct gl_applied *applied,
                           const char *text, struct gl_error *err);

/* Refuses an unfinished migration, unless golive can go on with it or repair it without a person.
 * `text` as above: what was begun is not gone on with by another text. */
gl_nodiscard int gl_check_unfinished(const struct gl_format *format,
                                     const struct gl_migration *migration,
                                     const struct gl_applied *applied, const char *text,
                                     struct gl_error *err);

/* GL_E_REFUSED for batches of which it is not known how far they came. */
int gl_check_refuse_unknown(const struct gl_migration *migration, struct gl_error *err);

/* Refuses what must not go on: edited, missing, dirty and out-of-order migrations, and pending
 * files that hold what cannot be applied. */
gl_nodiscard int gl_check_all(const struct gl_session *session,
                              const struct gl_applied_list *applied, struct gl_error *err);

/* ---- lock.c ---- */

/* The key of sqlx's advisory lock for a database of that name. */
int64_t gl_lock_key(const char *database);

/* Takes sqlx's advisory lock; waits up to lock_timeout_ms * attempts, then GL_E_BUSY names the
 * holder. It is polled, not waited for: a waiting statement would keep a snapshot, for which the
 * holder's CREATE INDEX CONCURRENTLY would have to wait in turn. */
gl_nodiscard int gl_lock_take(struct gl_session *session, struct gl_error *err);

/* Who holds the lock that runs in this tool's folders take, or NULL. The caller owns it. */
char *gl_lock_holder(PGconn *conn, const struct gl_format *format);

/* Releases it; closing the connection would do the same. */
void gl_lock_release(struct gl_session *session);

/* GL_E_REFUSED for an expand migration that is older than `newest`, which is applied. */
int gl_check_refuse_late(const struct gl_migration *migration, int64_t newest,
                         struct gl_error *err);

/* ---- watch.c ---- */

/* The gl_pq_wait that looks for blockers while a statement of the session waits. */
struct gl_pq_wait gl_watch_wait(struct gl_session *session);

/* One line about sessions; `where` is a condition on pg_stat_activity with $1 = `value`. NULL if
 * there are none or they cannot be seen. The caller owns it. */
char *gl_watch_describe(PGconn *conn, const char *where, const char *value);

/* ---- attempt.c, alone.c, batch.c, revert.c: one attempt at a migration ---- */

/* Runs the file and its row in one transaction. *ret_elapsed_us: how long it ran. */
gl_nodiscard int gl_attempt_transaction(struct gl_session *session,
                                        const struct gl_migration *migration,
                                        struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                                        struct gl_error *err);

/* Runs a no-transaction file between an unfinished row and the finished one; completes or takes
 * back first what an interrupted run left. */
gl_nodiscard int gl_attempt_alone(struct gl_session *session, const struct gl_migration *migration,
                                  struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                                  struct gl_error *err);

/* Runs a file in batches, each in its transaction together with the position it came to; goes on
 * after the last one that an interrupted run committed. */
gl_nodiscard int gl_attempt_batches(struct gl_session *session,
                                    const struct gl_migration *migration,
                                    struct gl_pq_outcome *ret_outcome, int64_t *ret_elapsed_us,
                                    struct gl_error *err);

/* Looks before anything runs whether a file in batches would be refused as its table is now:
 * *ret_problem (code 0 = it would not). `changed` has the tables that files change which are
 * pending before it, NULL = there are none: *ret_mended is set where one of those may mend it, and
 * a table that is not there yet is no problem behind them. */
gl_nodiscard int gl_batch_look(PGconn *conn, const struct gl_migration *migration,
                               const struct gl_strv *changed, struct gl_error *ret_problem,
                               bool *ret_mended, struct gl_error *err);

/* Runs a no-transaction down file, which can be run again, and then removes the row. */
gl_nodiscard int gl_attempt_down_alone(struct gl_session *session, const struct gl_migration *down,
                                       struct gl_pq_outcome *ret_outcome, struct gl_error *err);

/* Ends an open transaction, if there is a connection left that has one. */
void gl_attempt_roll_back(struct gl_session *session);

/* Names the failing place in the file: from PostgreSQL's position, else the statement. Returns
 * err->code. */
int gl_attempt_place(const struct gl_migration *migration, const struct gl_pq_outcome *outcome,
                     struct gl_error *err);

#endif
