/* The first release: there is no ECS service yet. The part's stack makes it, with the task
 * definition that the release registered; only this stack is touched.
 *
 * CloudFormation waits until the service is stable. A version that cannot run is not waited for:
 * the update is cancelled, and CloudFormation takes it back. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/own_stack.h"
#include "platform/aws/pace.h"

enum {
    TASKS_LOOK_MS = 2000,
    SETTLE_MS = 60 * 60 * 1000,  /* bake and what is behind the service in the stack */
    PLACING_MS = 10 * 60 * 1000, /* as in bring.c, and for the other resources of the stack */
};

struct making {
    struct gl_own_stack own;
    const char *task_definition;
    double begun_unix_s; /* by AWS's clock: nothing of this stack ran before */
    int64_t next_tasks_ms;
    bool cancelled;
    bool made; /* the service is there */
};

/* ---- following ---------------------------------------------------------------------------------
 */

/* CloudFormation waits for the deployment it began: that one goes first. */
static int cancel(struct making *m, struct gl_error *err)
{
    gl_autoerr struct gl_error own = {0};
    gl_autodeployment struct gl_ecs_deployment open = {0};
    m->cancelled = true;
    if (gl_ecs_deployment_open(m->own.cloud, &open, NULL) == 0 && open.arn &&
        gl_ecs_deployment_stop(m->own.cloud, &open, &own) < 0)
        gl_platform_progress(&m->own.cloud->base, "%s", own.message);
    return gl_own_stack_cancel(&m->own, err);
}

static int look_at_tasks(struct making *m, struct gl_error *err)
{
    gl_autoended struct gl_ecs_ended ended = {0};
    if (m->cancelled || gl_mono_ms() < m->next_tasks_ms)
        return 0;
    m->next_tasks_ms = gl_mono_ms() + TASKS_LOOK_MS;
    gl_autojson json_t *service = NULL;
    int failed = gl_ecs_service(m->own.cloud, &service, err);
    if (failed < 0 || !service)
        return failed; /* not made yet */
    m->made = true;
    m->begun_unix_s = json_number_value(json_object_get(service, "createdAt"));
    failed = gl_ecs_ended(m->own.cloud, m->task_definition, m->begun_unix_s, &ended, err);
    if (failed == 0)
        failed = gl_ecs_no_place(m->own.cloud, m->begun_unix_s, &ended, err);
    if (failed < 0 || !ended.fatal)
        return failed;
    gl_platform_progress(&m->own.cloud->base, "%s", ended.fatal);
    return cancel(m, err);
}

static int taken_back(struct making *m, const struct gl_live_stack *live, struct gl_error *err)
{
    gl_autofree char *why =
        gl_asprintf(_("CloudFormation took the stack %s back: %s"), m->own.stack->stack_name,
                    live->reason ? live->reason : live->status);
    return gl_ecs_explain(m->own.cloud, m->task_definition, m->begun_unix_s, why, err);
}

/* True once the version has all traffic: what CloudFormation still waits for is ECS's own bake. */
static int has_traffic(struct making *m, bool *ret_has, struct gl_error *err)
{
    gl_autodeployment struct gl_ecs_deployment d = {0};
    struct gl_alb_health health = {0};
    int weight = 0;
    int failed = gl_ecs_deployment_of(m->own.cloud, m->task_definition, &d, err);
    if (failed < 0 || d.phase != GL_ECS_MOVING || !d.target_group ||
        !gl_ecs_two_groups(m->own.cloud))
        return failed;
    bool shifted = d.stage && (strcmp(d.stage, "POST_PRODUCTION_TRAFFIC_SHIFT") == 0 ||
                               strcmp(d.stage, "BAKE_TIME") == 0);
    failed = gl_alb_weight(m->own.cloud, d.target_group, &weight, err);
    if (failed == 0)
        failed = gl_alb_health(m->own.cloud, d.target_group, &health, err);
    if (failed == 0)
        *ret_has = shifted && weight == 100 && health.healthy > 0;
    return failed;
}

/* One look at the stack; *ret_done once the version serves. */
static int look(struct making *m, bool *ret_done, struct gl_error *err)
{
    struct gl_live_stack live = {0};
    int failed = gl_own_stack_read(&m->own, &live, err);
    if (failed < 0)
        return failed;
    enum gl_outcome outcome = gl_own_stack_outcome(&live);
    if (outcome == GL_OUTCOME_UNDONE || outcome == GL_OUTCOME_BAD)
        return taken_back(m, &live, err);
    gl_platform_progress(&m->own.cloud->base, _("the stack %s makes the service (%s)"),
                         m->own.stack->stack_name, live.status ? live.status : "?");
    *ret_done = outcome == GL_OUTCOME_GOOD;
    failed = *ret_done ? 0 : look_at_tasks(m, err);
    return failed < 0 || *ret_done || !m->made ? failed : has_traffic(m, ret_done, err);
}

static int follow(struct making *m, int64_t timeout_ms, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + timeout_ms + PLACING_MS};
    for (;;) {
        bool done = false;
        int failed = look(m, &done, err);
        if (failed < 0 || done)
            return failed;
        failed = gl_pace_wait(&pace, err);
        if (failed == GL_E_TIMEOUT) {
            failed = m->cancelled ? failed : cancel(m, err);
            pace = (struct gl_pace){.end_ms = gl_mono_ms() + PLACING_MS};
        }
        if (failed < 0)
            return failed;
    }
}

static int begin(struct making *m, struct gl_error *err)
{
    struct gl_live_stack live = {0};
    bool waits = false;
    int failed = gl_own_stack_read(&m->own, &live, err);
    if (failed == 0)
        failed = gl_own_stack_may_update(&m->own, &live, &waits, err);
    if (failed < 0 || waits)
        return failed;
    struct gl_plan *plan = m->own.plan;
    plan->first_task_definition = gl_arena_strdup(&plan->arena, m->task_definition);
    return gl_own_stack_update(&m->own, err);
}

int gl_ecs_bring_first(struct gl_cloud *cloud, const char *task_definition, int64_t timeout_ms,
                       struct gl_error *err)
{
    struct making m = {.task_definition = task_definition};
    int failed = gl_own_stack_open(cloud, &m.own, err);
    if (failed == 0)
        failed = begin(&m, err);
    if (failed == 0)
        failed = follow(&m, timeout_ms, err);
    if (failed == 0)
        gl_cloud_outputs_forget(cloud);
    return failed;
}

/* ---- afterwards --------------------------------------------------------------------------------
 */

int gl_ecs_await_stack(struct gl_cloud *cloud, struct gl_error *err)
{
    return gl_own_stack_settle(cloud, SETTLE_MS, err);
}

int gl_ecs_cancel_stack(struct gl_cloud *cloud, bool *ret_cancelled, struct gl_error *err)
{
    struct making m = {0};
    struct gl_live_stack live = {0};
    int failed = gl_own_stack_open(cloud, &m.own, err);
    if (failed == 0)
        failed = gl_own_stack_read(&m.own, &live, err);
    if (failed < 0 || gl_own_stack_outcome(&live) != GL_OUTCOME_RUNNING)
        return failed;
    failed = cancel(&m, err);
    if (failed == 0)
        failed = gl_own_stack_await_over(&m.own, SETTLE_MS, &live, err);
    if (failed == 0)
        *ret_cancelled = gl_own_stack_outcome(&live) == GL_OUTCOME_UNDONE;
    return failed;
}
