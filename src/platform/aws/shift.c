/* Moving requests between the two target groups: forward by ending a pause, back by having ECS take
 * its deployment back. ECS moves the weights itself; golive waits until the load balancer says so.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/look.h"
#include "platform/aws/pace.h"
#include "platform/aws/service.h"

enum {
    /* ECS moves weights within seconds, the tasks of a rolling deployment within minutes. */
    MOVE_MS = 30 * 60 * 1000,
};

/* As ECS makes its steps: CANARY has one, LINEAR as many as there is room for. */
int gl_cloud_next_share_pct(struct gl_platform *p, int pct)
{
    const char *strategy = gl_config_str(p->config, "release.strategy");
    int step = (int)gl_config_int(p->config, "release.canary.percent");
    if (step < 1)
        return 100;
    if (strcmp(strategy, "canary") == 0)
        return pct < step ? step : 100;
    if (strcmp(strategy, "linear") == 0)
        return (pct / step + 1) * step < 100 ? (pct / step + 1) * step : 100;
    return 100;
}

/* Traffic never moves to a group without healthy targets: ECS would let it. */
static int require_healthy(struct gl_cloud *cloud, const char *target_group, int64_t release,
                           struct gl_error *err)
{
    struct gl_alb_health health = {0};
    if (!target_group)
        return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " has no target group yet"),
                       release);
    int failed = gl_alb_health(cloud, target_group, &health, err);
    if (failed < 0 || health.healthy > 0)
        return failed;
    gl_fail(err, GL_E_UNHEALTHY,
            _("release %" PRId64 " has no healthy target and gets no traffic %s"), release,
            health.reason);
    return gl_error_hint(err, _("See why: golive logs %s --env %s --release %" PRId64),
                         cloud->part->name, cloud->env, release);
}

int gl_ecs_too_long(int64_t release, int pct, struct gl_error *err)
{
    gl_fail(err, GL_E_TIMEOUT,
            _("release %" PRId64 " did not get %d %% of the requests within 30 min"), release, pct);
    return gl_error_hint(err, _("The service's events in ECS say what it waits for."));
}

/* ---- forward -----------------------------------------------------------------------------------
 */

static bool is_leaving(const struct gl_ecs_deployment *d)
{
    return d->phase == GL_ECS_LEAVING || d->phase == GL_ECS_BACK || d->phase == GL_ECS_BROKEN;
}

/* Targets are looked at after the deployment: ECS may have taken it back in between, and notes that
 * before it stops anything. Then that is why, and not the targets that it left. */
static int require_targets(struct gl_cloud *cloud, struct gl_ecs_deployment *d, int64_t release,
                           struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    int failed = require_healthy(cloud, d->target_group, release, &own);
    if (failed == GL_E_UNHEALTHY) {
        int unread = gl_ecs_deployment_refresh(cloud, d, err);
        if (unread < 0)
            return unread;
        if (is_leaving(d))
            return gl_ecs_fail_deployment(d, err);
    }
    if (failed < 0 && err)
        gl_error_move(err, &own);
    return failed;
}

/* One look; *ret_done once the load balancer gives the release that share. A pause is ended only
 * while both the load balancer and ECS say that the share is still to be given: the pause after it
 * is left alone. */
static int step_forward(struct gl_cloud *cloud, struct gl_ecs_deployment *d, int64_t release,
                        int pct, bool *ret_done, struct gl_error *err)
{
    int weight = 0;
    if (is_leaving(d))
        return gl_ecs_fail_deployment(d, err);
    int failed = require_targets(cloud, d, release, err);
    if (failed == 0)
        failed = gl_alb_weight(cloud, d->target_group, &weight, err);
    if (failed < 0)
        return failed;
    *ret_done = weight >= pct;
    if (*ret_done || d->phase != GL_ECS_PAUSED || d->weight_pct >= pct)
        return 0;
    return gl_ecs_deployment_continue(cloud, d, err);
}

static int forward(struct gl_cloud *cloud, struct gl_ecs_deployment *d, int64_t release, int pct,
                   struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + MOVE_MS};
    for (;;) {
        bool done = false;
        int failed = step_forward(cloud, d, release, pct, &done, err);
        if (failed < 0 || done)
            return failed;
        failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT)
            return gl_ecs_too_long(release, pct, err);
        if (failed == 0)
            failed = gl_ecs_deployment_refresh(cloud, d, err);
        if (failed < 0)
            return failed;
    }
}

/* ---- the operation -----------------------------------------------------------------------------
 */

static bool is_of(const struct gl_ecs_deployment *open, const char *definition)
{
    return open->task_definition && strcmp(open->task_definition, definition) == 0;
}

static int move(struct gl_cloud *cloud, int64_t release, int pct, const char *definition,
                struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    const struct gl_ecs_version *own = gl_ecs_view_find(&view, release);
    if (!view.service)
        return pct == 0
                   ? 0
                   : gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not run"), release);
    if (pct == 0)
        return gl_ecs_take_all(cloud, &view.open, err);
    if (view.open.arn && !is_of(&view.open, definition))
        return gl_ecs_back(cloud, release, definition, &view.open, err);
    if (view.open.arn && gl_ecs_two_groups(cloud))
        return forward(cloud, &view.open, release, pct, err);
    if (own && own->weight_pct >= pct)
        return require_healthy(cloud, own->target_group, release, err);
    return gl_ecs_deploy_again(cloud, release, definition, err);
}

int gl_service_shift(struct gl_cloud *cloud, int64_t release, int pct, struct gl_error *err)
{
    const char *definition = NULL;
    if (pct < 0 || pct > 100)
        return gl_fail(err, GL_E_USAGE, _("a share of requests is 0..100 percent, not %d"), pct);
    gl_cloud_look_free(&cloud->look);
    int failed = gl_ecs_definition_of(cloud, release, &definition, err);
    if (failed < 0)
        return failed;
    if (!definition && pct > 0)
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("release %" PRId64 " has no task definition in this account"), release);
    return move(cloud, release, pct, definition ? definition : "", err);
}

/* A load balancer keeps open connections (WebSocket) on the tasks they are on; new ones follow the
 * weights. When the old tasks go (conclude), the application's own shutdown asks its clients to
 * reconnect, within backend.stop_timeout_s. */
int gl_service_move_sessions(struct gl_cloud *cloud, int64_t release, struct gl_error *err)
{
    gl_autoview struct gl_ecs_view view = {0};
    int failed = gl_ecs_view_read(cloud, &view, err);
    if (failed < 0)
        return failed;
    const struct gl_ecs_version *version = gl_ecs_view_find(&view, release);
    if (version && version->weight_pct == 100)
        return 0;
    failed = gl_service_may_conclude(cloud, release, err); /* says why ECS took it back */
    if (failed < 0)
        return failed;
    return gl_fail(err, GL_E_UNHEALTHY, _("release %" PRId64 " does not have all traffic"),
                   release);
}
