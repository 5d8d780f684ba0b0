/* The stack that makes a part's service: opened, looked at, updated, cancelled, waited for. */
#include "platform/aws/own_stack.h"

#include <assert.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "infra/plan_id.h"
#include "platform/aws/pace.h"

/* ---- looking -----------------------------------------------------------------------------------
 */

int gl_own_stack_open(struct gl_cloud *cloud, struct gl_own_stack *ret_own, struct gl_error *err)
{
    struct gl_own_stack own = {.cloud = cloud};
    int failed = gl_cloud_plan(cloud, &own.plan, err);
    if (failed < 0)
        return failed;
    own.stack = gl_plan_find(own.plan, cloud->part->stack);
    if (!own.stack)
        return gl_fail(err, GL_E_CONFIG, _("%s has no stack `%s`"), cloud->env, cloud->part->stack);
    *ret_own = own;
    return 0;
}

/* The stack alone: it is looked at often, and others need not be. */
int gl_own_stack_read(struct gl_own_stack *own, struct gl_live_stack *ret_live,
                      struct gl_error *err)
{
    assert(own->cloud); /* only what is open is read */
    const char *const keys[] = {own->cloud->part->stack};
    return gl_live_stacks_read_some(own->plan, keys, 1, own->cloud->account, ret_live, err);
}

enum gl_outcome gl_own_stack_outcome(const struct gl_live_stack *live)
{
    return gl_stack_status_find(live->status)->outcome;
}

/* ---- updating ----------------------------------------------------------------------------------
 */

int gl_own_stack_may_update(const struct gl_own_stack *own, const struct gl_live_stack *live,
                            bool *ret_waits, struct gl_error *err)
{
    const struct gl_stack_status *status = gl_stack_status_find(live->status);
    if (status->way_out == GL_WAY_UPDATE || status->way_out == GL_WAY_WAIT) {
        *ret_waits = status->way_out == GL_WAY_WAIT;
        return 0;
    }
    gl_fail(err, GL_E_REFUSED, _("the stack %s cannot be updated: %s (%s)"), own->stack->stack_name,
            _(status->text), live->status ? live->status : "?");
    return gl_error_hint(err, _("golive up --env %s knows the way out."), own->cloud->env);
}

static int resolve(struct gl_own_stack *own, struct gl_error *err)
{
    struct gl_plan *plan = own->plan;
    struct gl_account *account = own->cloud->account;
    struct gl_live_stack *stacks = gl_arena_alloc(&plan->arena, (plan->count + 1) * sizeof *stacks);
    int failed = gl_live_stacks_read_for(plan, own->stack, account, stacks, err);
    return failed < 0 ? failed : gl_plan_resolve(plan, own->stack, account, stacks, err);
}

int gl_own_stack_update(struct gl_own_stack *own, struct gl_error *err)
{
    struct gl_account *account = own->cloud->account;
    char id[GL_PLAN_ID_SIZE];
    gl_plan_id_new(id);
    gl_autofree char *name = gl_plan_change_set_name(id);
    int failed = resolve(own, err);
    if (failed < 0)
        return failed;
    failed = gl_changeset_make(own->plan, own->stack, account, name, err);
    if (failed == 0 && own->stack->change.action != GL_CHANGE_NONE)
        failed = gl_changeset_execute(own->stack, account, err);
    if (failed < 0 && failed != GL_E_INTERRUPTED &&
        gl_changeset_discard(own->stack, account, NULL) < 0)
        gl_platform_progress(&own->cloud->base, _("a change set %s may be left"), name);
    return failed;
}

int gl_own_stack_cancel(struct gl_own_stack *own, struct gl_error *err)
{
    gl_autojson json_t *answer = NULL;
    gl_autoerr struct gl_error refusal = {0};
    int failed =
        gl_aws_ask(own->cloud->client, "cloudformation", "CancelUpdateStack",
                   json_pack("{ss}", "StackName", own->stack->stack_name), &answer, &refusal);
    if (failed == 0 || failed == GL_E_REFUSED)
        return 0;
    if (err)
        gl_error_move(err, &refusal);
    return failed;
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

int gl_own_stack_await_over(struct gl_own_stack *own, int64_t timeout_ms,
                            struct gl_live_stack *ret_live, struct gl_error *err)
{
    struct gl_pace pace = {.end_ms = gl_mono_ms() + timeout_ms};
    for (;;) {
        struct gl_live_stack live = {0};
        int failed = gl_own_stack_read(own, &live, err);
        if (failed == 0 && gl_own_stack_outcome(&live) != GL_OUTCOME_RUNNING) {
            *ret_live = live;
            return 0;
        }
        if (failed == 0) {
            gl_platform_progress(&own->cloud->base, _("CloudFormation works on the stack %s (%s)"),
                                 own->stack->stack_name, live.status);
            failed = gl_pace_wait(&pace, err);
        }
        if (failed < 0)
            return failed;
    }
}

int gl_own_stack_settle(struct gl_cloud *cloud, int64_t timeout_ms, struct gl_error *err)
{
    struct gl_own_stack own = {0};
    struct gl_live_stack live = {0};
    int failed = gl_own_stack_open(cloud, &own, err);
    if (failed == 0)
        failed = gl_own_stack_await_over(&own, timeout_ms, &live, err);
    if (failed < 0 || gl_own_stack_outcome(&live) == GL_OUTCOME_GOOD ||
        gl_own_stack_outcome(&live) == GL_OUTCOME_UNDONE)
        return failed;
    assert(own.stack);
    return gl_fail(err, GL_E_UNHEALTHY, _("CloudFormation could not end its work on %s"),
                   own.stack->stack_name);
}
