/* Room-internal: the local platform, made of PostgreSQL, HAProxy, nginx and s6.
 *
 * Layout below `root` (.golive/local, or where it points):
 *   instance.json   ports and identity, written once      lock          held by `up` and `down`
 *   ca/ tls/        local authority and certificates      pg/           PostgreSQL data directory
 *   s6/NAME/        one service directory per service     logs/NAME/    s6-log output, `current`
 * newest edge/ web/      HAProxy and nginx configuration       www/          published frontends
 *   slots/blue|green/  what runs in a slot                images/       unpacked images by digest
 *   backups/        database dumps                        secrets.json  generated values, mode 0600
 * Sockets lie in `run_dir` below /tmp, because their paths may have only 107 bytes. */
#ifndef GL_PLATFORM_LOCAL_LOCAL_H
#define GL_PLATFORM_LOCAL_LOCAL_H

#include <stdint.h>
#include <sys/types.h>

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

struct gl_local {
    struct gl_platform base;
    char *root;    /* absolute, real path */
    char *run_dir; /* short absolute path, mode 0700, owned by the service user */
    char *name;    /* app.name */
    bool drop;     /* root started us: services run as uid/gid */
    uid_t uid;     /* the user that services run as */
    gid_t gid;
    uint16_t ports[GL_PORT_COUNT];
};

/* root/"relative"; the caller owns it. */
char *gl_local_path(const struct gl_local *local, const char *relative);

/* A spec that runs argv as the service user; fill in the rest. */
struct gl_proc_spec gl_local_proc(const struct gl_local *local, const char *const *argv);

/* ---- instance.c: directories, service user, ports ----------------------------------------------
 */

/* Reads or makes the instance. As root the services run as the user `postgres`; where that user
 * cannot reach `root`, the instance lies in /var/lib/golive/NAME-HASH and `root` is a link to it.
 * Ports that the configuration does not fix are chosen once among free ones and then kept. */
gl_nodiscard int gl_local_instance_open(struct gl_local *local, const char *state_dir,
                                        struct gl_error *err);
/* GL_E_BUSY when a port of ours is held by somebody else; names port, program and pid. */
gl_nodiscard int gl_local_ports_check(const struct gl_local *local, struct gl_error *err);

/* ---- s6.c: supervision -------------------------------------------------------------------------
 */

struct gl_service_state {
    bool supervised;
    bool up;
    bool ready; /* notified, or up where the service does not notify */
    pid_t pid;
    int64_t deaths; /* since gl_s6_start() */
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
gl_nodiscard int gl_s6_start(struct gl_local *local, const char *name, struct gl_error *err);
/* SIGTERM, after grace_ms SIGKILL; returns when it is down. Not running: nothing to do. */
gl_nodiscard int gl_s6_stop(struct gl_local *local, const char *name, int64_t grace_ms,
                            struct gl_error *err);
gl_nodiscard int gl_s6_signal(struct gl_local *local, const char *name, int signal,
                              struct gl_error *err);
gl_nodiscard int gl_s6_state(struct gl_local *local, const char *name,
                             struct gl_service_state *ret_state, struct gl_error *err);
/* The last lines of a service's log; the caller owns it. */
gl_nodiscard int gl_s6_log_tail(struct gl_local *local, const char *name, int lines,
                                char **ret_text, struct gl_error *err);

/* ---- ca.c: local certificate authority (ECDSA P-256, OpenSSL) -----------------------------------
 */

/* ca/ca.pem and ca/ca.key (0600); made once, valid 10 years. */
gl_nodiscard int gl_local_ca_ensure(struct gl_local *local, struct gl_error *err);
/* tls/NAME.crt, tls/NAME.key (0600) and tls/NAME.pem (chain and key, for HAProxy), readable by the
 * service user; valid 397 days, renewed when less than 30 are left or the names changed. */
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
