/* Room-internal: what an operation of the platform does for the ECS service of one part; services.c
 * makes the whole operation of these. Each may be called again after a crash, as those of struct
 * gl_platform_ops, which say more. */
#ifndef GL_PLATFORM_AWS_SERVICE_H
#define GL_PLATFORM_AWS_SERVICE_H

#include "platform/aws/ecs.h"

/* Nothing of somebody else's is under way, no alarm would undo the release at once, its image is
 * one that the tasks can run, and its secrets have values. */
gl_nodiscard int gl_service_preflight(struct gl_cloud *cloud, const struct gl_artifact *a,
                                      struct gl_error *err);

/* services.c: the same for each part that the environment has. */
gl_nodiscard int gl_services_preflight(struct gl_cloud *cloud, const struct gl_artifact *a,
                                       struct gl_error *err);

/* The image (a->image_digest) goes to the part's repository. */
gl_nodiscard int gl_service_place(struct gl_cloud *cloud, const struct gl_artifact *a,
                                  struct gl_error *err);

gl_nodiscard int gl_service_start(struct gl_cloud *cloud, const struct gl_artifact *a,
                                  int64_t timeout_ms, struct gl_error *err);
gl_nodiscard int gl_service_stop(struct gl_cloud *cloud, int64_t release, struct gl_error *err);
gl_nodiscard int gl_service_shift(struct gl_cloud *cloud, int64_t release, int pct,
                                  struct gl_error *err);
/* GL_E_UNHEALTHY unless the release has all traffic. */
gl_nodiscard int gl_service_move_sessions(struct gl_cloud *cloud, int64_t release,
                                          struct gl_error *err);
/* The versions; not which frontend is served. */
gl_nodiscard int gl_service_traffic(struct gl_cloud *cloud, struct gl_traffic *ret_traffic,
                                    struct gl_error *err);
gl_nodiscard int gl_service_mark(struct gl_cloud *cloud, int64_t release, json_t **ret_mark,
                                 struct gl_error *err);
gl_nodiscard int gl_service_observe(struct gl_cloud *cloud, int64_t release, const json_t *mark,
                                    struct gl_observation *ret_observation, struct gl_error *err);
/* GL_E_UNHEALTHY if AWS has taken the release back, or is about to. */
gl_nodiscard int gl_service_may_conclude(struct gl_cloud *cloud, int64_t release,
                                         struct gl_error *err);
gl_nodiscard int gl_service_conclude(struct gl_cloud *cloud, int64_t release, struct gl_error *err);
/* Task definitions of releases that are not in `keep`. */
gl_nodiscard int gl_service_prune(struct gl_cloud *cloud, const int64_t *keep, size_t count,
                                  struct gl_error *err);
/* Adds to the members "services" and "versions" of a description; *ret_deployment is the one that
 * is under way, null if none is. The caller owns it. */
gl_nodiscard int gl_service_describe(struct gl_cloud *cloud, json_t *status,
                                     json_t **ret_deployment, struct gl_error *err);

/* ---- both.c: what two services come to together ------------------------------------------------
 */

/* What the version of a release comes to once its pages count, too: `pages` is NULL where they
 * should run and do not. All requests are given only when both give all. Pure. */
void gl_both_running(struct gl_running *version, const struct gl_running *pages);

/* The same of what was observed: counts together, the slower time to answer, the first alarm. Takes
 * the texts of `pages`. Pure. */
void gl_both_observed(struct gl_observation *seen, struct gl_observation *pages);

#endif
