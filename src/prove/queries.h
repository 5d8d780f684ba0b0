/* The queries of an application, each with the place that sends it. */
#ifndef GL_PROVE_QUERIES_H
#define GL_PROVE_QUERIES_H

#include <libpq-fe.h>

#include "base/error.h"
#include "base/strv.h"

struct gl_query {
    char *sql;
    char *file;    /* where it was found, relative to what was searched; NULL = a running server */
    unsigned line; /* 1-based; 0 = the file as a whole */
};

struct gl_queries {
    struct gl_query *items; /* each text once, in the order in which they were found */
    size_t count;
    struct gl_strv unread; /* "src/search.rs:41": calls whose text is made at run time */
};

void gl_queries_done(struct gl_queries *queries);
#define gl_autoqueries gl_cleanup(gl_queries_done)

/* Adds a text that is not there yet; `file` may be NULL. */
void gl_queries_add(struct gl_queries *queries, const char *sql, const char *file, unsigned line);

/* Adds what the .rs files and the .sqlx/query-*.json files below `dir` send to the database.
 * Directories named target and node_modules are passed over. */
gl_nodiscard int gl_queries_read(const char *dir, struct gl_queries *queries, struct gl_error *err);

/* Adds what a server remembers of its current database (pg_stat_statements). GL_E_DATABASE when the
 * extension is not there. */
gl_nodiscard int gl_queries_ask(PGconn *conn, struct gl_queries *queries, struct gl_error *err);

/* ---- room-internal ---- */

/* Adds the queries of one Rust source: sqlx::query("..."), query_as!(T, "..."), query_file!("...").
 * `root` is where the paths of query_file!() begin, `relative` names the source below it.
 * Source: https://docs.rs/sqlx/0.8 */
void gl_queries_read_rust(const char *text, size_t len, const char *root, const char *relative,
                          struct gl_queries *queries);

#endif
