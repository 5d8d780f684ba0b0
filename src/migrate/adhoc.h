/* One statement of SQL that a person runs by hand: read-only unless said otherwise. */
#ifndef GL_MIGRATE_ADHOC_H
#define GL_MIGRATE_ADHOC_H

#include "migrate/conn.h"

struct gl_adhoc {
    const char *sql;
    bool write; /* else in a transaction that cannot write, which is rolled back */
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
    gl_pq_row_fn *on_row; /* gets each row as it comes */
    void *context;
};

/* The statement with every literal replaced by `?` and without comments, for a log: what was asked,
 * not about whom. The caller owns it. */
char *gl_adhoc_mask(const char *sql);

/* GL_E_USAGE unless all `len` bytes are text that PostgreSQL would see as it is here: behind a NUL
 * byte it would see nothing, and a byte order mark is no SQL. `path` (NULL = the command line) and
 * the byte are named. */
gl_nodiscard int gl_adhoc_check_bytes(const char *text, size_t len, const char *path,
                                      struct gl_error *err);

/* GL_E_USAGE unless the text is one statement that leaves its transaction alone. */
gl_nodiscard int gl_adhoc_check(const char *sql, struct gl_error *err);

/* Runs it on a connection without a transaction. The extended protocol takes one statement only,
 * and a transaction that has run a query cannot be made writable any more, so that no text gets out
 * of it. The rows are handed over before the transaction ends; *ret_end has their columns and
 * count. */
gl_nodiscard int gl_adhoc_run(PGconn *conn, const struct gl_adhoc *adhoc, PGresult **ret_end,
                              struct gl_error *err);

#endif
