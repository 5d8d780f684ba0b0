/* Room-internal: what was seen of a version lately. A release watches its version ten times a
 * second; AWS is asked at a rate that its limits and its own clock allow. */
#ifndef GL_PLATFORM_AWS_LOOK_H
#define GL_PLATFORM_AWS_LOOK_H

#include "platform/aws/metrics.h"

struct gl_cloud_look {
    int64_t release;
    int64_t state_ms, deaths_ms, metrics_ms; /* gl_mono_ms() of each; 0 = never */
    char *target_group;                      /* on ECS, once it is known */
    bool healthy;
    int64_t deaths;
    char *alarm;          /* what AWS itself calls a breach, or NULL */
    int64_t since_unix_s; /* of the metrics */
    bool counted;         /* there are metrics */
    struct gl_metrics metrics;
};

/* Forgets it: something was changed. NULL-safe. */
void gl_cloud_look_free(struct gl_cloud_look **look);

/* On ECS (observe.c), for struct gl_cloud_way. */
int gl_ecs_look_at_state(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err);
int gl_ecs_look_at_deaths(struct gl_cloud *cloud, struct gl_cloud_look *look, struct gl_error *err);
int gl_ecs_look_at_metrics(struct gl_cloud *cloud, struct gl_cloud_look *look, int64_t since_unix_s,
                           struct gl_error *err);

#endif
