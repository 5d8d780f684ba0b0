/* Moving requests back: ECS takes its deployment back, or the release is deployed anew; or nobody
 * is left to have them. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/pace.h"

enum {
    /* ECS moves weights within seconds, the tasks of a rolling deployment within minutes. */
    MOVE_MS = 30 * 60 * 1000,
    CLEAN_UP_MS = 60 * 60 * 1000,
};

/* Whether the release has that share, with somebody to answer; its target group once it is known.
 */
static int has_share(struct gl_cloud *cloud, int64_t release, int pct, char **target_group,
                     bool *ret_has, struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    struct gl_alb_health health = {0};
    int weight = 0;
    if (*target_group) {
        int failed = gl_alb_weight(cloud, *target_group, &weight, err);
        if (failed == 0 && weight == pct)
            failed = gl_alb_health(cloud, *target_group, &health, err);
        *ret_has = failed == 0 && weight == pct && health.healthy > 0;
        return failed;
    }
    int failed = gl_ecs_view_read(cloud, &view, err);
    const struct gl_ecs_version *version = failed == 0 ? gl_ecs_view_find(&view, release) : NULL;
    *ret_has = version && version->weight_pct == pct && version->health.healthy > 0;
    /* With one group for all, only the view tells the versions apart. */
    if (version && version->target_group && gl_ecs_two_groups(cloud))
        *target_group = gl_strdup(version->target_group);
    return failed;
}

static int await_weight(struct gl_cloud *cloud, int64_t release, int pct, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + MOVE_MS};
    gl_autofree char *target_group = NULL;
    for (;;) {
        bool has = false;
        int failed = has_share(cloud, release, pct, &target_group, &has, err);
        if (failed < 0 || has)
            return failed;
        gl_platform_progress(&cloud->base, _("ECS gives the requests to release %" PRId64),
                             release);
        failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT)
            return gl_ecs_too_long(release, pct, err);
        if (failed < 0)
            return failed;
    }
}

/* Nothing is open that could be taken back: the release is deployed anew, with no pause, for nobody
 * would end it. */
int gl_ecs_deploy_again(struct gl_cloud *cloud, int64_t release, const char *definition,
                        struct gl_error *err)
{
    int64_t timeout_ms = gl_config_int(cloud->base.config, "backend.start_timeout_s") * 1000;
    gl_platform_progress(&cloud->base, _("release %" PRId64 " is started anew"), release);
    int failed = gl_ecs_bring(cloud, definition, false, timeout_ms, err);
    return failed < 0 ? failed : await_weight(cloud, release, 100, err);
}

static int await_end(struct gl_cloud *cloud, struct gl_ecs_deployment *d, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + CLEAN_UP_MS};
    int failed = 0;
    while (failed == 0 && !gl_ecs_is_over(d->phase)) {
        failed = gl_pace_wait(&pace, err);
        if (failed == 0)
            failed = gl_ecs_deployment_refresh(cloud, d, err);
    }
    return failed;
}

/* The open deployment is another release's. One that is at its end already, where ECS takes nothing
 * back any more, is waited for and then replaced. */
int gl_ecs_back(struct gl_cloud *cloud, int64_t release, const char *definition,
                struct gl_ecs_deployment *open, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    int failed = gl_ecs_deployment_stop(cloud, open, &own);
    if (failed == GL_E_REFUSED && open->stage && strcmp(open->stage, "CLEAN_UP") == 0)
        failed = await_end(cloud, open, err);
    else if (failed < 0 && err)
        gl_error_move(err, &own);
    if (failed == 0 && open->phase != GL_ECS_GOOD)
        failed = gl_ecs_deployment_refresh(cloud, open, err);
    if (failed < 0)
        return failed;
    return open->phase == GL_ECS_GOOD ? gl_ecs_deploy_again(cloud, release, definition, err)
                                      : await_weight(cloud, release, 100, err);
}

/* ---- nobody -----------------------------------------------------------------------------------
 */

static int await_no_tasks(struct gl_cloud *cloud, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + MOVE_MS};
    for (;;) {
        gl_autojson json_t *service = NULL;
        int failed = gl_ecs_service(cloud, &service, err);
        if (failed < 0 || gl_json_int(service, "runningCount", 0) == 0)
            return failed;
        failed = gl_pace_wait(&pace, err);
        if (failed < 0)
            return failed;
    }
}

/* While CloudFormation is still making the service, it takes it away again; afterwards the tasks
 * go, and the load balancer answers 503. */
int gl_ecs_take_all(struct gl_cloud *cloud, struct gl_ecs_deployment *open, struct gl_error *err)
{
    bool gone = false;
    if (open->arn && !open->first)
        return gl_ecs_take_back(cloud, open, err);
    int failed = gl_ecs_cancel_stack(cloud, &gone, err);
    if (failed < 0 || gone)
        return failed;
    failed = gl_ecs_update(cloud, json_pack("{si}", "desiredCount", 0), err);
    return failed < 0 ? failed : await_no_tasks(cloud, err);
}
