/* One run of migrations: its connections, limits and what it found. */
#ifndef GL_MIGRATE_SESSION_H
#define GL_MIGRATE_SESSION_H

#include "migrate/conn.h"
#include "migrate/migrate.h"
#include "migrate/table.h"

struct gl_session {
    const char *conninfo;
    const struct gl_migrate_options *options;
    const struct gl_migrations *list;
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
    int attempts;
    PGconn *conn;
    PGconn *watch;     /* second connection, made when a statement waits */
    bool watch_failed; /* it could not be made; not tried again */
    char *blockers;    /* who was seen blocking last, or NULL */
    const struct gl_migration *current;
    struct gl_migrate_result *result;
};

void gl_session_done(struct gl_session *session);
#define gl_autosession gl_cleanup(gl_session_done)

/* Calls on_event, if there is one, about the current migration. */
void gl_session_event(struct gl_session *session, enum gl_migrate_event_kind kind,
                      const char *detail, int64_t elapsed_us);

/* ---- status.c ---- */

/* `applied` is the migration's row, or NULL. */
enum gl_migration_state gl_migration_state_of(const struct gl_migration *migration,
                                              const struct gl_applied *applied);

/* ---- check.c ---- */

/* True if the options leave this pending contract migration for a later release. */
bool gl_check_held(const struct gl_session *session, const struct gl_migration *migration);

/* True if an unfinished run of this migration can be repaired without a person. */
bool gl_check_repairable(const struct gl_migration *migration, const struct gl_applied *applied);

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

/* Releases it; closing the connection would do the same. */
void gl_lock_release(struct gl_session *session);

/* ---- watch.c ---- */

/* The gl_pq_wait that looks for blockers while a statement of the session waits. */
struct gl_pq_wait gl_watch_wait(struct gl_session *session);

/* One line about sessions; `where` is a condition on pg_stat_activity with $1 = `value`. NULL if
 * there are none or they cannot be seen. The caller owns it. */
char *gl_watch_describe(PGconn *conn, const char *where, const char *value);

/* ---- attempt.c, alone.c: one attempt at a migration ---- */

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

/* Names the failing place in the file: from PostgreSQL's position, else the statement. Returns
 * err->code. */
int gl_attempt_place(const struct gl_migration *migration, const struct gl_pq_outcome *outcome,
                     struct gl_error *err);

#endif
