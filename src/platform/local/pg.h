/* Room-internal: PostgreSQL's programs, clusters, servers and connections.
 *
 * Who is who: the superuser `postgres` enters only through the socket in a directory of mode 0700,
 * by peer authentication; NAME_owner and NAME_app enter over TLS with passwords. */
#ifndef GL_PLATFORM_LOCAL_PG_H
#define GL_PLATFORM_LOCAL_PG_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/local/local.h"

#define GL_PG_SUPERUSER    "postgres"
#define GL_PG_AS_SUPERUSER "--username=postgres" /* for the programs */
#define GL_PG_SERVICE      "database"
#define GL_PG_MAJOR_MIN    15
#define GL_PG_MAJOR_MAX    18
#define GL_PG_NAME_BYTES   63 /* NAMEDATALEN - 1 */

/* ---- pg_programs.c: which PostgreSQL is installed -----------------------------------------------
 */

struct gl_pg_programs {
    int major;
    char *bin; /* directory that has initdb, postgres, pg_dump, pg_restore */
};

void gl_pg_programs_done(struct gl_pg_programs *programs);
#define gl_autopgprograms gl_cleanup(gl_pg_programs_done)

/* The newest supported version, or exactly `major` (0 = newest), among the directories that `globs`
 * (NULL-terminated; NULL = where distributions put them) match. GL_E_NOT_FOUND says what is
 * installed instead and what to install. */
gl_nodiscard int gl_pg_find(const char *const *globs, int major,
                            struct gl_pg_programs *ret_programs, struct gl_error *err);

/* Runs one of the programs as the service user to its end, with a clean environment. args[0] is the
 * program's name; `ret_out` may be NULL. A full disk is GL_E_IO. */
gl_nodiscard int gl_pg_tool(const struct gl_local *local, const struct gl_pg_programs *programs,
                            const char *const *args, char **ret_out, struct gl_error *err);

/* ---- pg_conn.c: connections ---------------------------------------------------------------------
 */

/* A server that is reached through its socket. The strings are borrowed. */
struct gl_pg_place {
    const char *socket_dir;
    uint16_t port;
};

/* Where the instance's own server listens. */
struct gl_pg_place gl_pg_live(const struct gl_local *local);

void gl_pg_close(PGconn **conn);
void gl_pg_clear(PGresult **result);
#define gl_autopgconn   gl_cleanup(gl_pg_close)
#define gl_autopgresult gl_cleanup(gl_pg_clear)

/* Connects as superuser. GL_E_DATABASE when nobody answers or the server refuses. */
gl_nodiscard int gl_pg_connect(const struct gl_pg_place *place, const char *database,
                               PGconn **ret_conn, struct gl_error *err);

/* Connects with a libpq string or URL, which the error does not show. */
gl_nodiscard int gl_pg_connect_url(const char *url, PGconn **ret_conn, struct gl_error *err);

/* Sends one or several statements; every result is then fetched by gl_pg_next(), and the server
 * works meanwhile. */
gl_nodiscard int gl_pg_send(PGconn *conn, const char *sql, struct gl_error *err);

/* 1 = a result, 0 = there are no more, negative = error (the statement's, or Ctrl-C). */
gl_nodiscard int gl_pg_next(PGconn *conn, PGresult **ret_result, struct gl_error *err);

/* Runs statements; the last result is kept (`ret_result` may be NULL). */
gl_nodiscard int gl_pg_run(PGconn *conn, const char *sql, PGresult **ret_result,
                           struct gl_error *err);

/* "name" and 'text' as SQL, added to a statement. */
void gl_pg_add_name(struct gl_buf *sql, const char *name);
void gl_pg_add_text(struct gl_buf *sql, const char *text);

/* ---- pg_cluster.c: the data directory -----------------------------------------------------------
 */

/* Makes a new cluster in `dir`, empty and owned by the service user. A throwaway one is neither
 * flushed to disk nor checksummed, and trusts whoever reaches its socket. */
gl_nodiscard int gl_pg_initdb(const struct gl_local *local, const struct gl_pg_programs *programs,
                              const char *dir, bool throwaway, struct gl_error *err);

/* Makes root/pg unless it is there (complete or absent), and finds the programs of its version. */
gl_nodiscard int gl_pg_cluster_ensure(const struct gl_local *local,
                                      struct gl_pg_programs *ret_programs, struct gl_error *err);

/* The programs of the version that made root/pg. */
gl_nodiscard int gl_pg_cluster_programs(const struct gl_local *local,
                                        struct gl_pg_programs *ret_programs, struct gl_error *err);

/* Makes a data directory ready for a new postmaster after a crash or a reboot: stops a server that
 * nobody supervises, waits for its processes, removes a postmaster.pid that names a stranger. */
gl_nodiscard int gl_pg_cluster_release(const char *data_dir, struct gl_error *err);

/* GL_E_REFUSED when the instance's server runs on another port than the configuration says. */
gl_nodiscard int gl_pg_check_port(const struct gl_local *local, struct gl_error *err);

/* True for a process of PostgreSQL, whatever it calls itself. */
bool gl_pg_is_process(pid_t pid);

/* ---- pg_conf.c: golive.conf, pg_hba.conf, pg_ident.conf -----------------------------------------
 */

struct gl_pg_settings {
    int64_t memory_mb;       /* shared_buffers */
    int64_t slow_ms;         /* log_min_duration_statement; -1 = off */
    int64_t max_connections; /* superuser's reserve included */
};

/* Writes the three files where they differ. `ret_changed` = something was written. */
gl_nodiscard int gl_pg_conf_write(const struct gl_local *local,
                                  const struct gl_pg_settings *settings, bool *ret_changed,
                                  struct gl_error *err);

/* ---- pg_server.c: a server process --------------------------------------------------------------
 */

/* Asked while waiting for a server: 0, or an error when waiting on is pointless. */
typedef int gl_pg_alive_fn(void *context, struct gl_error *err);

/* Waits until a server takes connections; `alive` may be NULL. */
gl_nodiscard int gl_pg_wait(const struct gl_pg_place *place, int64_t timeout_ms,
                            gl_pg_alive_fn *alive, void *context, struct gl_error *err);

struct gl_pg_launch {
    const struct gl_pg_programs *programs;
    const char *data_dir;
    const char *log_path;
    const char *const *settings; /* NULL, or name, value, name, value, ..., NULL */
    struct gl_pg_place place;
};

/* Starts a server that nobody supervises, as the service user, and waits until it answers. The
 * caller ends it with gl_pg_server_stop(). */
gl_nodiscard int gl_pg_server_start(const struct gl_local *local, const struct gl_pg_launch *launch,
                                    pid_t *ret_pid, struct gl_error *err);

/* Fast shutdown: sessions end, data is complete. No-op for pid 0. */
void gl_pg_server_stop(pid_t *pid);

/* ---- pg_secrets.c, pg_roles.c -------------------------------------------------------------------
 */

/* Makes the two passwords in secrets.json unless they are there (mode 0600; other entries stay). */
gl_nodiscard int gl_pg_secrets_ensure(const struct gl_local *local, struct gl_error *err);

/* One role's password; the caller owns it and wipes it. */
gl_nodiscard int gl_pg_password(const struct gl_local *local, enum gl_database_role role,
                                char **ret_password, struct gl_error *err);

/* NAME_owner or NAME_app; the caller owns it. */
char *gl_pg_role_name(const struct gl_local *local, enum gl_database_role role);

/* Verifies by logging in over TLS that database, roles, passwords and privileges are right; makes
 * or repairs them where not. */
gl_nodiscard int gl_pg_roles_ensure(struct gl_local *local, struct gl_error *err);

/* ---- pg_service.c -------------------------------------------------------------------------------
 */

/* gl_local_postgres_up() with these settings. */
gl_nodiscard int gl_pg_service_up(struct gl_local *local, const struct gl_pg_settings *settings,
                                  struct gl_error *err);

#endif
