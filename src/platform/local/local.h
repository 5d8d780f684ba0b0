/* Room-internal: the local platform, made of PostgreSQL, HAProxy, nginx and s6.
 *
 * Layout below `root` (.golive/local, or where it points):
 *   instance.json   ports, name, ledger it belongs to     lock          held by `up` and `down`
 *   ca/ tls/        local authority and certificates      pg/           PostgreSQL data directory
 *   s6/NAME/        one service directory per service     logs/NAME/    s6-log output, `current`
 * newest edge/ web/      HAProxy and nginx configuration       www/          published frontends
 *   slots/blue|green/  what runs in a slot                images/       unpacked images by digest
 *   backups/        database dumps                        secrets.json  generated values, mode 0600
 * Sockets lie in `run_dir` and `edge_dir` below /tmp, because their paths may have only 107 bytes.
 */
#ifndef GL_PLATFORM_LOCAL_LOCAL_H
#define GL_PLATFORM_LOCAL_LOCAL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fs.h"
#include "platform/platform.h"
#include "proc/proc.h"

enum gl_local_port {
    GL_PORT_HTTPS, /* edge, TLS */
    GL_PORT_HTTP,  /* edge, redirects */
    GL_PORT_POSTGRES,
    GL_PORT_WEB, /* nginx */
    GL_PORT_BLUE,
    GL_PORT_GREEN,
    GL_PORT_COUNT,
};

/* Services that do not share the database's user: peer authentication makes that one superuser. */
enum gl_local_account {
    GL_LOCAL_ACCOUNT_EDGE, /* HAProxy: reads the certificate's key */
    GL_LOCAL_ACCOUNT_WEB,  /* nginx */
    GL_LOCAL_ACCOUNT_APP,  /* the application: owns nothing here */
    GL_LOCAL_ACCOUNT_COUNT,
};

struct gl_local {
    struct gl_platform base;
    char *state_dir; /* as given to gl_platform_open() */
    char *root;      /* absolute, real path; nothing there before the first `up` */
    char *run_dir;   /* the database's sockets: short absolute path, mode 0700, its user's */
    char *edge_dir;  /* HAProxy's sockets: the same, its user's */
    char *name;      /* app.name */
    bool drop;       /* root started us: each service runs as a user of its own */
    uid_t uid;       /* the database's user and group; ours unless `drop` */
    gid_t gid;
    struct gl_file_owner
        accounts[GL_LOCAL_ACCOUNT_COUNT]; /* of the other services; ours unless `drop` */
    uint16_t ports[GL_PORT_COUNT];
};

/* root/"relative"; the caller owns it. */
char *gl_local_path(const struct gl_local *local, const char *relative);

/* Adds text as one word of sh, in single quotes. */
void gl_sh_word(struct gl_buf *script, const char *text);

/* True if `release` is one of `keep`. */
bool gl_is_kept(int64_t release, const int64_t *keep, size_t count);

/* "s6-applyuidgid ... " to put before a program in a run script, so that it runs as that user; ""
 * when golive itself is an ordinary user. The caller owns it. */
char *gl_local_as(const struct gl_local *local, enum gl_local_account account);
/* The same for the database's user. */
char *gl_local_as_database(const struct gl_local *local);

/* A spec that runs argv as the database's user; fill in the rest. */
struct gl_proc_spec gl_local_proc(const struct gl_local *local, const char *const *argv);

/* ---- instance.c: directories, service user, ports ----------------------------------------------
 */

/* Finds the users that services run as; as root they are `postgres`, `haproxy`, `www-data` and, for
 * the application, the number that images run as. */
gl_nodiscard int gl_local_find_users(struct gl_local *local, struct gl_error *err);
/* Reads the instance; writes nothing. Where there is none yet, paths and ports are those that it
 * would get. GL_E_REFUSED when it is another user's. */
gl_nodiscard int gl_local_instance_open(struct gl_local *local, struct gl_error *err);
/* Makes its directories, or completes what a killed run left. As root everything above the
 * services' own directories belongs to root; where services cannot reach `root`, the instance lies
 * in /var/lib/golive/NAME-HASH and .golive/local is a link to it. */
gl_nodiscard int gl_local_instance_make(struct gl_local *local, struct gl_error *err);
/* Ports that the configuration does not fix are chosen once among free ones and then kept. To be
 * called with the instance's lock. */
gl_nodiscard int gl_local_instance_keep(struct gl_local *local, struct gl_error *err);
/* Binds the instance to the ledger beside it: GL_E_MISMATCH when it was made under another one, for
 * release numbers then mean other releases. To be called with the instance's lock. */
gl_nodiscard int gl_local_instance_bind(struct gl_local *local, struct gl_error *err);
/* GL_E_BUSY when a port of ours is held by somebody else; names port, program and pid. */
gl_nodiscard int gl_local_ports_check(const struct gl_local *local, struct gl_error *err);

/* ---- s6.c: supervision -------------------------------------------------------------------------
 */

struct gl_service_state {
    bool supervised;
    bool up;
    bool ending; /* runs, but was told to end, and will not be started again by itself */
    bool ready;  /* notified, or up where the service does not notify */
    pid_t pid;
    int64_t deaths; /* since gl_s6_start() started it */
    int64_t uptime_ms;
};

/* Starts the supervision tree if it does not run, detached from this process and its terminal. */
gl_nodiscard int gl_s6_tree_up(struct gl_local *local, struct gl_error *err);
/* Stops every service (in reverse order of dependency) and the tree; nothing of ours runs
 * afterwards. */
gl_nodiscard int gl_s6_tree_down(struct gl_local *local, struct gl_error *err);
/* Writes s6/NAME with this `run` script (and its logger) and makes the tree know it, state down. */
gl_nodiscard int gl_s6_install(struct gl_local *local, const char *name, const char *run_script,
                               struct gl_error *err);
/* Running already: nothing to do. One that runs but was told to end (by somebody who was killed,
 * say; s6 would leave it down) ends first, as in gl_s6_stop(), and is started again. */
gl_nodiscard int gl_s6_start(struct gl_local *local, const char *name, int64_t grace_ms,
                             struct gl_error *err);
/* SIGTERM, after grace_ms SIGKILL; returns when it is down. Not running: nothing to do. */
gl_nodiscard int gl_s6_stop(struct gl_local *local, const char *name, int64_t grace_ms,
                            struct gl_error *err);
gl_nodiscard int gl_s6_signal(struct gl_local *local, const char *name, int signal,
                              struct gl_error *err);
gl_nodiscard int gl_s6_state(struct gl_local *local, const char *name,
                             struct gl_service_state *ret_state, struct gl_error *err);
/* The last lines of a service's log, known secrets masked; the caller owns it. */
gl_nodiscard int gl_s6_log_tail(struct gl_local *local, const char *name, int lines,
                                char **ret_text, struct gl_error *err);

/* ---- ca.c: local certificate authority (ECDSA P-256, OpenSSL) -----------------------------------
 */

/* ca/ca.pem and ca/ca.key (0600); made once, valid 10 years. */
gl_nodiscard int gl_local_ca_ensure(struct gl_local *local, struct gl_error *err);
/* tls/NAME.crt, tls/NAME.key (0600) and tls/NAME.pem (chain and key, for HAProxy), owned by the
 * user of the service NAME (`database`, else the edge's); valid 397 days, renewed when less than 30
 * are left or the names changed. */
gl_nodiscard int gl_local_cert_ensure(struct gl_local *local, const char *name,
                                      const char *const *dns_names, struct gl_error *err);

/* ---- postgres.c, backup.c, restore.c -----------------------------------------------------------
 */

/* Makes the cluster (initdb, TLS, scram-sha-256), installs and starts its service, waits until it
 * answers, makes database, owner role and application role with generated passwords. Complete or
 * retried. */
gl_nodiscard int gl_local_postgres_up(struct gl_local *local, struct gl_error *err);

enum gl_database_role {
    GL_ROLE_OWNER, /* owns the schema: migrations */
    GL_ROLE_APP,   /* select, insert, update, delete: the application */
};

/* postgresql:// URL over TLS (verify-full) on 127.0.0.1; a secret; the caller owns it. */
gl_nodiscard int gl_local_postgres_url(struct gl_local *local, enum gl_database_role role,
                                       char **ret_url, struct gl_error *err);

/* pg_dump in custom format to backups/LABEL.dump with a .json beside it (sha256, tables, rows,
 * time); complete or absent; checked by pg_restore --list before it counts. */
gl_nodiscard int gl_local_postgres_backup(struct gl_local *local, const char *label,
                                          struct gl_backup *ret_backup, struct gl_error *err);

/* ---- slots, edge, web: see edge.h, slot.h, web.h ------------------------------------------------
 */

#endif
