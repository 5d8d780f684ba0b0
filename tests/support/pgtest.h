/* A private PostgreSQL server for tests: a new cluster in a directory of its own, reachable by a
 * Unix socket (every role, no password) and by 127.0.0.1 (scram passwords). As root it runs as the
 * user postgres. It ends with the test program, even when that is killed. */
#ifndef GL_TESTS_SUPPORT_PGTEST_H
#define GL_TESTS_SUPPORT_PGTEST_H

#include <sys/types.h>

#include "base/error.h"

struct gl_pgtest {
    char *dir;      /* everything is below it; its name has a space and Japanese characters */
    char *programs; /* directory of initdb, postgres, psql */
    int port;       /* of 127.0.0.1 and in the socket's name */
    pid_t pid;      /* the postmaster */
    pid_t guard;    /* ends the server should this program die */
    int guard_fd;   /* its life line */
};

/* Makes and starts a cluster (UTF-8, C.UTF-8, superuser postgres); takes about a second. */
gl_nodiscard int gl_pgtest_start(struct gl_pgtest *ret_server, struct gl_error *err);

/* The same with more lines for its postgresql.conf. */
gl_nodiscard int gl_pgtest_start_with(const char *settings, struct gl_pgtest *ret_server,
                                      struct gl_error *err);

/* Makes a standby of a server by pg_basebackup, which streams from it under the name `standby`, and
 * starts it. It is stopped like any other server. */
gl_nodiscard int gl_pgtest_start_standby(const struct gl_pgtest *primary,
                                         struct gl_pgtest *ret_server, struct gl_error *err);

/* Stops the server and removes its directory. NULL-safe on a server that was never started. */
void gl_pgtest_stop(struct gl_pgtest *server);

/* A libpq string for a database by the Unix socket; `user` NULL = postgres. Caller owns it. */
char *gl_pgtest_conninfo(const struct gl_pgtest *server, const char *user, const char *database);

/* A URL for a database by 127.0.0.1; caller owns it. The role needs a password there. */
char *gl_pgtest_url(const struct gl_pgtest *server, const char *user, const char *password,
                    const char *database);

/* Runs SQL (one or more statements) as postgres in a database. */
gl_nodiscard int gl_pgtest_sql(const struct gl_pgtest *server, const char *database,
                               const char *sql, struct gl_error *err);

/* The first field of the first row of a query, "" for null or no row; NULL on an error. The caller
 * owns it. */
char *gl_pgtest_value(const struct gl_pgtest *server, const char *database, const char *sql,
                      struct gl_error *err);

#endif
