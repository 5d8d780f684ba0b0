/* Who serves what, read from ECS and the load balancer; and the ways to get there. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/service.h"

static void fill(const struct gl_ecs_version *version, int64_t deaths, struct gl_running *running)
{
    *running = (struct gl_running){
        .release = version->release,
        .weight_pct = version->weight_pct,
        /* A load balancer keeps long-lived connections where they are; new ones go with requests.
         */
        .sessions = version->weight_pct == 100,
        .healthy = version->health.healthy > 0 && version->health.unhealthy == 0,
        .deaths = deaths,
    };
    memcpy(running->digest, version->digest, sizeof running->digest);
}

int gl_service_traffic(struct gl_cloud *cloud, struct gl_traffic *ret_traffic, struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    struct gl_traffic traffic = {0};
    int failed = gl_ecs_view_read(cloud, &view, err);
    for (size_t i = 0; failed == 0 && i < view.count; i++) {
        gl_autoended struct gl_ecs_ended ended = {0};
        const struct gl_ecs_version *version = &view.versions[i];
        failed = gl_ecs_ended(cloud, version->task_definition, 0, &ended, err);
        if (failed == 0)
            fill(version, ended.deaths, &traffic.versions[traffic.count++]);
    }
    if (failed == 0)
        *ret_traffic = traffic;
    return failed;
}
