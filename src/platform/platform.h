/* Where releases run. The release engine knows versions by their release number and never asks how
 * a platform keeps them: two process slots behind HAProxy here, task sets behind a load balancer on
 * AWS.
 *
 * Every operation may be called again after a crash at any point and then completes the same
 * effect. */
#ifndef GL_PLATFORM_PLATFORM_H
#define GL_PLATFORM_PLATFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/strv.h"
#include "config/config.h"
#include "infra/account.h"
#include "migrate/migrate.h"
#include "oci/image.h"

/* What a release ships. */
struct gl_artifact {
    int64_t release;
    const char *version;      /* short commit or tag: RELEASE_VERSION of the application */
    const char *tag;          /* version that the commit is tagged with ("v1.2.3"), for people; NULL
                                 = none, or of no concern to the operation */
    const char *layout_dir;   /* OCI layout that has the image */
    const char *image_digest; /* "sha256:..."; NULL = there is none yet */
    const char *processor; /* "amd64", "arm64": what will be built, where that is known; or NULL */
    const char *frontend_dir; /* built frontend, NULL if there is none */
    /* The same of the service that makes pages (gl_platform_has_pages()); else NULL. */
    const char *pages_digest, *pages_processor;
};

/* One running (or retained) version. */
struct gl_running {
    int64_t release;
    char digest[GL_DIGEST_SIZE];
    int weight_pct; /* share of new requests it gets, 0..100 */
    bool sessions;  /* new long-lived connections (WebSocket) go here */
    bool healthy;   /* ready by the platform's own health check */
    int64_t deaths; /* times its process ended by itself since it was started */
    uint64_t memory_bytes;
};

struct gl_traffic {
    struct gl_running versions[4];
    size_t count;
    int64_t frontend_release; /* 0 = none published */
};

/* How to reach something for probes, before and beside public DNS. */
struct gl_target {
    char *base_url; /* "https://api.glanceflow.localhost:8443" or "http://127.0.0.1:31001" */
    char *resolve;  /* "HOST:PORT:ADDRESS[:PORT]" for gl_http_request, or NULL */
    char *ca_file;  /* or NULL */
    char *host;     /* Host header the application expects; NULL = as in base_url */
    char *header;   /* "Name: value" that a probe must send to get there; or NULL */
};

void gl_target_done(struct gl_target *target);
#define gl_autotarget gl_cleanup(gl_target_done)

enum gl_endpoint {
    GL_ENDPOINT_API,     /* the public API name at the edge */
    GL_ENDPOINT_APP,     /* the public frontend name at the edge */
    GL_ENDPOINT_VERSION, /* one version itself, past the edge's routing */
    GL_ENDPOINT_PAGES,   /* the pages of one version itself; only with gl_platform_has_pages() */
};

/* What the edge counted for one version since a mark. */
struct gl_observation {
    uint64_t requests;   /* attempts sent to the version, retried ones included */
    uint64_t errors_5xx; /* answers 5xx */
    uint64_t
        failures; /* attempts without an answer: refused, reset, timed out (retried elsewhere) */
    double p50_ms, p95_ms, p99_ms; /* time to answer, measured at the edge; 0 without requests */
    int64_t deaths;                /* process deaths since start */
    bool healthy;
    char *worst; /* most frequent failing request, "POST /api/statuses 500 x37"; or NULL */
    char *alarm; /* what the platform itself calls a breach: an alarm's name and reason; or NULL */
};

void gl_observation_done(struct gl_observation *observation);
#define gl_autoobservation gl_cleanup(gl_observation_done)

struct gl_backup {
    char *id;       /* name that gl_platform restore and the ledger use */
    char *location; /* path or ARN */
    uint64_t size_bytes;
    int64_t elapsed_ms;
    char sha256[GL_SHA256_HEX_SIZE]; /* "" where the platform has none */
};

void gl_backup_done(struct gl_backup *backup);
#define gl_autobackup gl_cleanup(gl_backup_done)

/* Tells a person what an operation is doing ("waiting for /readyz, 3 s"); may be called often. */
typedef void gl_progress_fn(const char *text, void *context);

/* The migrations of one release. Everything is borrowed. */
struct gl_migration_job {
    const char *dir; /* of the files */
    const struct gl_migrations *list;
    bool expand_only;  /* contract migrations stay pending, but those in `due` */
    const json_t *due; /* array of versions; NULL = none */
    int64_t lock_timeout_ms, statement_timeout_ms; /* 0 = as in migrate.h */
    gl_migrate_event_fn *on_event;
    void *context;
};

/* gl_migrate_run() of a job on a database that can be reached from here. */
gl_nodiscard int gl_migration_job_run(const struct gl_migration_job *job, const char *conninfo,
                                      struct gl_migrate_result *ret_result, struct gl_error *err);

/* How a step of a release is told on a platform. */
struct gl_platform_sentence {
    const char *step; /* its name: "backup" */
    const char *plan; /* N_(): what it will do; NULL = the step's own words */
    const char *done; /* N_(): its result in one line; NULL = the step's own words */
};

struct gl_platform;

struct gl_platform_ops {
    const char *name; /* "local", "aws" */
    /* Ends with a NULL step. NULL = the steps' own words are right. */
    const struct gl_platform_sentence *sentences;

    /* Makes base services run (database, edge, supervision, certificates) and verifies them. What
     * carries traffic is not restarted for new settings unless `may_interrupt`. */
    int (*up)(struct gl_platform *p, struct gl_error *err);
    /* Stops everything; `purge` also removes data. Not an error when nothing runs. */
    int (*down)(struct gl_platform *p, bool purge, struct gl_error *err);
    /* Services with state, pid, ports and addresses; for `golive local status` and `golive status`.
     */
    int (*describe)(struct gl_platform *p, json_t **ret_status, struct gl_error *err);
    /* The last lines of a service's log ("backend", "edge", "database", ...; release 0 = current).
     */
    int (*logs)(struct gl_platform *p, const char *service, int64_t release, int lines,
                char **ret_text, struct gl_error *err);

    /* In the user's language, where logs() looks for the lines of a service, and since when: "the
     * log group X, since 2026-11-20 ...". The caller owns it; NULL if there is no such service. */
    char *(*log_place)(struct gl_platform *p, const char *service, int64_t release);

    /* Room for one more version: memory, disk, a free slot; and, for a release that was never
     * placed here, base services that run with the present settings. GL_E_REFUSED says what is
     * short. */
    int (*preflight)(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
    /* Who serves what, read from the running system, not from memory of it. */
    int (*traffic)(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err);

    /* Brings the image to where versions start from (unpack; push to a registry). */
    int (*place)(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
    /* Brings an image that was placed here back into the artifact's layout, as it is: the digest is
     * the same. NULL where versions start from the layout itself. */
    int (*fetch)(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
    int (*backup)(struct gl_platform *p, const char *label, struct gl_backup *ret_backup,
                  struct gl_error *err);
    /* libpq string of the role that owns the schema. The caller owns it; secret. NULL where the
     * database cannot be reached from here (inside a VPC). */
    int (*database_url)(struct gl_platform *p, char **ret_conninfo, struct gl_error *err);
    /* What the database has against the job's list; and applies what is pending (migrate.h). Where
     * the database cannot be reached from here, both run beside it. */
    int (*migration_status)(struct gl_platform *p, const struct gl_migration_job *job,
                            struct gl_migrate_status *ret_status, struct gl_error *err);
    int (*migrate)(struct gl_platform *p, const struct gl_migration_job *job,
                   struct gl_migrate_result *ret_result, struct gl_error *err);

    /* Starts a version that gets no traffic and waits until it is ready; GL_E_UNHEALTHY with its
     * last log lines when it dies or is not ready in time. Running already: verified and done. */
    int (*start)(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                 struct gl_error *err);
    /* For a version that served and is to have its traffic back, and that may have been left while
     * it was restarted, or was not kept warm: unless it has traffic or is ready, it is started as
     * it was and awaited like one of start(). NULL where versions are not left so, or shift()
     * starts them itself. */
    int (*revive)(struct gl_platform *p, int64_t release, int64_t timeout_ms, struct gl_error *err);
    int (*endpoint)(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                    struct gl_target *ret_target, struct gl_error *err);
    /* Share of new requests that a version is to get and to be watched with after it had `pct`
     * (0 = none yet), percent; 100 = no share comes between. */
    int (*next_share_pct)(struct gl_platform *p, int pct);
    /* Gives `release` pct of new requests and the serving one the rest. Refuses (GL_E_UNHEALTHY) to
     * give traffic to a version that is not healthy. 0 takes all from it, also where nobody else
     * serves (its sessions too, then). Takes effect before it returns. */
    int (*shift)(struct gl_platform *p, int64_t release, int pct, struct gl_error *err);
    /* New long-lived connections go to `release`; open ones of other versions are asked to
     * reconnect (the application's own shutdown), never cut. The other version stays warm. */
    int (*move_sessions)(struct gl_platform *p, int64_t release, struct gl_error *err);
    /* Starts counting for a version, and reads what was counted since. */
    int (*mark)(struct gl_platform *p, int64_t release, json_t **ret_mark, struct gl_error *err);
    int (*observe)(struct gl_platform *p, int64_t release, const json_t *mark,
                   struct gl_observation *ret_observation, struct gl_error *err);
    /* Whether required variables have a value here, as far as the configuration says: GL_E_CONFIG
     * names those that have none, with their places. Those of the frontend count only with
     * `frontend`. Changes nothing. */
    int (*check_variables)(struct gl_platform *p, bool frontend, struct gl_error *err);
    /* The public variables of the frontend in this environment as an object of texts: its build may
     * read them ($env/static/public). GL_E_CONFIG names those that have no value. */
    int (*frontend_variables)(struct gl_platform *p, json_t **ret_variables, struct gl_error *err);
    /* The value of a stored variable that golive itself uses
     * (observability.notify[].endpoint_secret) by its name in the store; it is masked from then on.
     * GL_E_NOT_FOUND says how it gets one, GL_E_TIMEOUT that the store did not answer within
     * `timeout_ms` (1 or more). The caller owns it; secret. */
    int (*stored_value)(struct gl_platform *p, const char *name, int64_t timeout_ms,
                        char **ret_value, struct gl_error *err);
    /* Puts a release's frontend in place beside the old ones, without serving it; then serves it
     * atomically. Hashed assets of earlier releases stay reachable. Activating release 0 serves no
     * frontend, as before the first one was published. */
    int (*publish)(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
    int (*activate)(struct gl_platform *p, int64_t release, struct gl_error *err);
    /* Nothing more will be undone: ends what was kept to undo it, and succeeds only once the
     * platform itself says that this release, and no other, is the one that serves. */
    int (*conclude)(struct gl_platform *p, int64_t release, struct gl_error *err);
    /* Ends a version that has no traffic: lets requests in flight finish, then stops it. */
    int (*stop)(struct gl_platform *p, int64_t release, struct gl_error *err);
    /* Removes what only releases not in `keep` need (images, frontends, backups); count of kept
     * newest first. Where the configuration keeps no version warm, stops the one without traffic.
     */
    int (*prune)(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err);

    void (*free)(struct gl_platform *p);
};

/* Every implementation begins with this. */
struct gl_platform {
    const struct gl_platform_ops *ops;
    const struct gl_config *config;
    bool may_interrupt; /* `up` may restart what serves; a release never may, a person may ask */
    const char *despite_alarm; /* name of an alarm that does not count for what is done now: what is
                                  replaced makes it fire. NULL = all count. Borrowed */
    gl_progress_fn *on_progress; /* NULL = silent */
    void *progress_context;
};

void gl_platform_progress(const struct gl_platform *p, const char *fmt, ...) gl_printf(2, 3);

/* GL_E_CONFIG that names the variables without a value and their lines in golive.yaml, and how they
 * get one: an entry of env_vars as it is written. `missing` has their numbers in env_vars; 0 if it
 * is empty. */
gl_nodiscard int gl_platform_need_values(const struct gl_config *config, const json_t *missing,
                                         struct gl_error *err);

/* The platform's words for a step; all of its texts are NULL where the step's own ones are right.
 * Never NULL. */
const struct gl_platform_sentence *gl_platform_sentence(const struct gl_platform *p,
                                                        const char *step);

/* Whether the configuration's environment is on AWS, and so needs an account. */
bool gl_platform_is_aws(const struct gl_config *config);

/* GL_E_REFUSED, naming the command ("golive local up"), where that is so: what it does is for this
 * machine. */
gl_nodiscard int gl_platform_need_local(const struct gl_config *config, const char *command,
                                        struct gl_error *err);

/* Whether pages come from a service of their own (frontend.mode ssr, on AWS): a release has an
 * image of the frontend then, and no step of its own for it. */
bool gl_platform_has_pages(const struct gl_config *config);

/* The platform of the configuration's environment; state under `state_dir` (".golive"). `account`
 * is borrowed; NULL unless gl_platform_is_aws(). */
gl_nodiscard int gl_platform_open(const struct gl_config *config, const char *state_dir,
                                  struct gl_account *account, struct gl_platform **ret_platform,
                                  struct gl_error *err);
void gl_platform_free(struct gl_platform **platform);
#define gl_autoplatform gl_cleanup(gl_platform_free)

#endif
