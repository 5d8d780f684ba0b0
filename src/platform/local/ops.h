/* Room-internal: the operations of the local platform that concern versions and their traffic; see
 * struct gl_platform_ops for what each promises. */
#ifndef GL_PLATFORM_LOCAL_OPS_H
#define GL_PLATFORM_LOCAL_OPS_H

#include "platform/local/slot.h"

extern const struct gl_platform_ops gl_local_ops;

/* The platform that an operation of gl_local_ops was called for. */
static inline struct gl_local *gl_local_cast(struct gl_platform *p)
{
    return (struct gl_local *)p;
}

gl_nodiscard int gl_local_open(const struct gl_config *config, const char *state_dir,
                               struct gl_platform **ret_platform, struct gl_error *err);

/* ---- versions.c --------------------------------------------------------------------------------
 */

int gl_local_preflight(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
int gl_local_place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err);
int gl_local_start(struct gl_platform *p, const struct gl_artifact *a, int64_t timeout_ms,
                   struct gl_error *err);
int gl_local_revive(struct gl_platform *p, int64_t release, int64_t timeout_ms,
                    struct gl_error *err);
int gl_local_stop(struct gl_platform *p, int64_t release, struct gl_error *err);

/* ---- prune.c -----------------------------------------------------------------------------------
 */

int gl_local_prune(struct gl_platform *p, const int64_t *keep, size_t count, struct gl_error *err);

/* ---- traffic.c ---------------------------------------------------------------------------------
 */

int gl_local_traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err);
int gl_local_endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                      struct gl_target *ret_target, struct gl_error *err);
int gl_local_shift(struct gl_platform *p, int64_t release, int pct, struct gl_error *err);
int gl_local_move_sessions(struct gl_platform *p, int64_t release, struct gl_error *err);
int gl_local_mark(struct gl_platform *p, int64_t release, json_t **ret_mark, struct gl_error *err);
int gl_local_observe(struct gl_platform *p, int64_t release, const json_t *mark,
                     struct gl_observation *ret_observation, struct gl_error *err);

#endif
