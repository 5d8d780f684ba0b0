/* Room-internal: the operations of the AWS platform; see struct gl_platform_ops for what each
 * promises. */
#ifndef GL_PLATFORM_AWS_OPS_H
#define GL_PLATFORM_AWS_OPS_H

#include "platform/platform.h"

struct gl_cloud;

extern const struct gl_platform_ops gl_cloud_ops;              /* the backend on ECS */
extern const struct gl_platform_ops gl_apprunner_ops;          /* on App Runner; apprunner_ops.c */
extern const struct gl_platform_sentence gl_cloud_sentences[]; /* sentences.c */

/* Opens the platform over an account; reads nothing yet. */
gl_nodiscard int gl_cloud_open(const struct gl_config *config, const char *state_dir,
                               struct gl_account *account, struct gl_platform **ret_platform,
                               struct gl_error *err);

/* ---- check.c: what a release needs of the account ----------------------------------------------
 */

int gl_cloud_up(struct gl_platform *p, struct gl_error *err);
int gl_cloud_down(struct gl_platform *p, bool purge, struct gl_error *err);
int gl_cloud_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);

/* ---- describe.c, logs.c ------------------------------------------------------------------------
 */

int gl_cloud_describe(struct gl_platform *p, json_t **ret_status, struct gl_error *err);
int gl_cloud_logs(struct gl_platform *p, const char *service, int64_t release, int lines,
                  char **ret_text, struct gl_error *err);

/* ---- place.c, fetch.c: ECR; backup.c: RDS snapshots; migrate.c: a task inside the VPC
 * -------------------
 */

int gl_cloud_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
int gl_cloud_fetch(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
int gl_cloud_backup(struct gl_platform *p, const char *label, struct gl_backup *ret_backup,
                    struct gl_error *err);
int gl_cloud_migration_status(struct gl_platform *p, const struct gl_migration_job *job,
                              struct gl_migrate_status *ret_status, struct gl_error *err);
int gl_cloud_migrate(struct gl_platform *p, const struct gl_migration_job *job,
                     struct gl_migrate_result *ret_result, struct gl_error *err);

/* endpoint.c: how a host is reached at the address that a stack gives out, before DNS names it. */
gl_nodiscard int gl_cloud_reach(struct gl_cloud *cloud, const char *host, const char *stack,
                                const char *output, struct gl_target *target, struct gl_error *err);

/* ---- start.c, shift.c, traffic.c, observe.c: ECS service deployments ---------------------------
 */

int gl_cloud_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err);
int gl_cloud_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                   struct gl_error *err);
int gl_cloud_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                      struct gl_target *ret_target, struct gl_error *err);
int gl_cloud_next_share_pct(struct gl_platform *p, int pct);
int gl_cloud_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err);
int gl_cloud_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_cloud_mark(struct gl_platform *p, int64_t release, json_t **ret_mark, struct gl_error *err);
int gl_cloud_observe(struct gl_platform *p, int64_t release, const json_t *mark,
                     struct gl_observation *ret_observation, struct gl_error *err);
int gl_cloud_conclude(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_cloud_stop(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_cloud_prune(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err);

/* ---- stored.c ----------------------------------------------------------------------------------
 */

int gl_cloud_stored_value(struct gl_platform *p, const char *name, int64_t timeout_ms,
                          char **ret_value, struct gl_error *err);

/* ---- site.c: S3 and CloudFront -----------------------------------------------------------------
 */

char *gl_cloud_log_place(struct gl_platform *p, const char *service, int64_t release);
int gl_cloud_check_variables(struct gl_platform *p, bool frontend, struct gl_error *err);
int gl_cloud_frontend_variables(struct gl_platform *p, json_t **ret_variables,
                                struct gl_error *err);
int gl_cloud_publish(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
int gl_cloud_activate(struct gl_platform *p, int64_t release, struct gl_error *err);
/* The release whose frontend is served, 0 = none: for gl_cloud_traffic(). */
gl_nodiscard int gl_cloud_site_release(struct gl_platform *p, int64_t *ret_release,
                                       struct gl_error *err);
/* The site's part of gl_cloud_prune(), and the backups' part. */
gl_nodiscard int gl_cloud_site_prune(struct gl_platform *p, const int64_t *keep, size_t count,
                                     struct gl_error *err);
gl_nodiscard int gl_cloud_backup_prune(struct gl_platform *p, const int64_t *keep, size_t count,
                                       struct gl_error *err);

#endif
