/* One statement of SQL that a person runs by hand: read-only unless said otherwise. */
#ifndef GL_MIGRATE_ADHOC_H
#define GL_MIGRATE_ADHOC_H

#include "migrate/conn.h"

struct gl_adhoc {
    const char *sql;
    bool write; /* else in a transaction that cannot write, which is rolled back */
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
};

/* The statement with every literal replaced by `?` and without comments, for a log: what was asked,
 * not about whom. The caller owns it. */
char *gl_adhoc_mask(const char *sql);

/* GL_E_USAGE unless the text is one statement that leaves its transaction alone. */
gl_nodiscard int gl_adhoc_check(const char *sql, struct gl_error *err);

/* Runs it on a connection without a transaction. The extended protocol takes one statement only,
 * and a transaction that has run a query cannot be made writable any more, so that no text gets out
 * of it. *ret_result has the rows. */
gl_nodiscard int gl_adhoc_run(PGconn *conn, const struct gl_adhoc *adhoc, PGresult **ret_result,
                              struct gl_error *err);

#endif
