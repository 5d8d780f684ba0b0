/* PostgreSQL by libpq, with ownership attributes, interruptible waiting and errors that say what to
 * do. */
#ifndef GL_MIGRATE_CONN_H
#define GL_MIGRATE_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

void gl_pq_close(PGconn **conn);
void gl_pq_clear(PGresult **result);
#define gl_autopq       gl_cleanup(gl_pq_close)
#define gl_autopqresult gl_cleanup(gl_pq_clear)

/* Connects and sets UTF-8, UTC and ISO dates, as sqlx does, so that a migration means the same.
 * `conninfo` is a libpq string or URL; its password is remembered as a secret. Waits up to 10 s (or
 * its connect_timeout) and ends early at a Ctrl-C. GL_E_CONFIG (unreadable string), GL_E_NET (no
 * answer, TLS), GL_E_TIMEOUT, GL_E_DATABASE (the server refused), GL_E_INTERRUPTED. */
gl_nodiscard int gl_pq_connect(const char *conninfo, const char *application, PGconn **ret_conn,
                               struct gl_error *err);

/* What happens while a statement runs. Zero-initialise. */
struct gl_pq_wait {
    bool uninterruptible; /* a Ctrl-C does not cancel it: COMMIT, cleaning up */
    int64_t tick_ms;      /* with `tick`: how often it is called while the statement waits */
    void (*tick)(void *context);
    void *context;
};

/* How it went. */
struct gl_pq_outcome {
    size_t completed; /* statements that succeeded before the failing one */
    char sqlstate[6]; /* of the failure; "" if there is none */
    size_t position;  /* 1-based, in characters of the text that was sent; 0 = unknown */
    char schema[64];  /* of the table that a broken constraint belongs to; "" = none is named */
    char table[64];
    int64_t rows; /* inserted, changed or deleted by those that succeeded */
};

/* Runs one or more statements that return nothing anybody wants. `wait` and `ret_outcome` may be
 * NULL; the outcome is filled on failure too. */
gl_nodiscard int gl_pq_exec(PGconn *conn, const char *sql, const struct gl_pq_wait *wait,
                            struct gl_pq_outcome *ret_outcome, struct gl_error *err);

/* gl_pq_exec() whose last result is wanted. */
gl_nodiscard int gl_pq_exec_told(PGconn *conn, const char *sql, const struct gl_pq_wait *wait,
                                 struct gl_pq_outcome *ret_outcome, PGresult **ret_result,
                                 struct gl_error *err);

/* Runs one statement with `count` text parameters ($1, ...); `ret_result` may be NULL. */
gl_nodiscard int gl_pq_query(PGconn *conn, const char *sql, int count, const char *const *values,
                             PGresult **ret_result, struct gl_error *err);

/* A row of a statement's result, which is gone afterwards. */
typedef void gl_pq_row_fn(const PGresult *row, void *context);

/* Runs one statement and hands over each row as it comes, so that no result is too large for
 * memory. *ret_end (not NULL) has the columns and the count, and no rows. A Ctrl-C ends it between
 * two rows too. */
gl_nodiscard int gl_pq_stream(PGconn *conn, const char *sql, gl_pq_row_fn *on_row, void *context,
                              PGresult **ret_end, struct gl_error *err);

/* gl_pq_query() without parameters, which tells how it went, on failure too. */
gl_nodiscard int gl_pq_query_told(PGconn *conn, const char *sql, struct gl_pq_outcome *ret_outcome,
                                  PGresult **ret_result, struct gl_error *err);

/* gl_pq_query() that a Ctrl-C does not cancel. */
gl_nodiscard int gl_pq_query_always(PGconn *conn, const char *sql, int count,
                                    const char *const *values, PGresult **ret_result,
                                    struct gl_error *err);

/* A field as text ("" for null; belongs to the result), as integer, as boolean. */
const char *gl_pq_text(const PGresult *result, int row, int column);
int64_t gl_pq_int(const PGresult *result, int row, int column);
bool gl_pq_bool(const PGresult *result, int row, int column);

/* ---- connerror.c ---- */

/* Fills `err` from a failed result (or, with NULL, from the connection) and, for known SQLSTATEs,
 * says what to do. Returns GL_E_DATABASE, or GL_E_NET when the connection was lost. */
int gl_pq_fail(const PGconn *conn, const PGresult *result, struct gl_error *err);

/* The same for a connection that could not be made. */
int gl_pq_fail_connect(const PGconn *conn, struct gl_error *err);

#endif
