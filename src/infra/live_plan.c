/* A plan against the account. */
#include "infra/live_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/live_calls.h"
#include "infra/stack_status.h"

static void say(const struct gl_live_plan *live, const char *text)
{
    if (live->say)
        live->say(live->say_context, text);
}

/* ---- stacks without a change set ---------------------------------------------------------------
 */

/* What the template makes, as if nothing were there. */
static void plan_creation(struct gl_plan *plan, struct gl_plan_stack *stack, const char *note)
{
    gl_diff_stacks(&plan->arena, NULL, &stack->result, &stack->change);
    for (size_t i = 0; i < stack->change.resource_count; i++) {
        struct gl_resource_change *change = &stack->change.resources[i];
        change->data = gl_stack_holds_data(stack->def, change->id);
    }
    stack->change.note = note;
}

/* True if CloudFormation takes no change set of the stack now; sets what is to be said. */
static bool is_stuck(struct gl_plan *plan, struct gl_plan_stack *stack,
                     const struct gl_live_stack *live)
{
    const struct gl_stack_status *status = gl_stack_status_find(live->status);
    switch (status->way_out) {
    case GL_WAY_CREATE:
    case GL_WAY_REVIEW:
    case GL_WAY_UPDATE:
        return false;
    case GL_WAY_DELETE:
        plan_creation(plan, stack,
                      gl_arena_printf(&plan->arena, _("%s: golive up removes it and makes it anew"),
                                      live->status));
        return true;
    default:
        stack->change = (struct gl_stack_change){.action = GL_CHANGE_MODIFY};
        stack->change.note = gl_arena_printf(&plan->arena, _("cannot be planned: %s (%s)"),
                                             live->status, _(status->text));
        return true;
    }
}

/* What must be there before CloudFormation can be asked about a stack, or NULL. */
static const char *missing(const struct gl_live_plan *live, const struct gl_plan_stack *stack)
{
    const char *source = NULL;
    if (!gl_plan_is_resolved(stack, &source))
        return source;
    const struct gl_plan_stack *bootstrap = gl_plan_find(live->plan, "bootstrap");
    const struct gl_live_stack *bucket =
        bootstrap ? &live->stacks[bootstrap - live->plan->stacks] : NULL;
    bool large = stack->def->len > GL_TEMPLATE_INLINE_BYTES_MAX;
    return large && bucket && !gl_live_stack_stands(bucket) ? "bootstrap.ArtifactBucket" : NULL;
}

static bool waits(struct gl_live_plan *plan_live, struct gl_plan_stack *stack,
                  const struct gl_live_stack *live)
{
    struct gl_plan *plan = plan_live->plan;
    const char *source = missing(plan_live, stack);
    if (!source)
        return false;
    const char *note =
        gl_arena_printf(&plan->arena, _("planned without AWS: %s is known later"), source);
    if (!gl_live_stack_stands(live)) {
        plan_creation(plan, stack, note);
        return true;
    }
    stack->change = (struct gl_stack_change){.action = GL_CHANGE_MODIFY, .note = note};
    return true;
}

/* ---- making ------------------------------------------------------------------------------------
 */

static int make_change_sets(struct gl_live_plan *live, struct gl_error *err)
{
    struct gl_plan *plan = live->plan;
    size_t count = 0;
    struct gl_plan_stack **able =
        gl_arena_alloc(&plan->arena, plan->count * sizeof(struct gl_plan_stack *));
    for (size_t i = 0; i < plan->count; i++) {
        struct gl_plan_stack *stack = &plan->stacks[i];
        if (!is_stuck(plan, stack, &live->stacks[i]) && !waits(live, stack, &live->stacks[i]))
            able[count++] = stack;
    }
    gl_autofree char *text = gl_asprintf(_("asking CloudFormation about %zu stacks"), count);
    say(live, text);
    return gl_changesets_make(plan, able, count, live->account, live->change_set, err);
}

int gl_live_plan_make(struct gl_live_plan *live, struct gl_error *err)
{
    struct gl_plan *plan = live->plan;
    gl_autofree char *text = gl_asprintf(_("reading %zu stacks of account %s"), plan->count,
                                         gl_account_id(live->account));
    say(live, text);
    plan->live = true;
    live->stacks = gl_arena_alloc(&plan->arena, plan->count * sizeof *live->stacks);
    int failed = gl_live_stacks_read(plan, live->account, live->stacks, err);
    if (failed == 0)
        failed = gl_plan_resolve_all(plan, live->account, live->stacks, err);
    return failed < 0 ? failed : make_change_sets(live, err);
}

int gl_live_plan_discard(struct gl_live_plan *live, struct gl_error *err)
{
    struct gl_plan *plan = live->plan;
    struct gl_plan_stack **asked =
        gl_arena_alloc(&plan->arena, plan->count * sizeof(struct gl_plan_stack *));
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->stacks[i].asked_change_set)
            asked[count++] = &plan->stacks[i];
    }
    return count ? gl_changesets_discard(asked, count, live->account, err) : 0;
}

/* ---- before ------------------------------------------------------------------------------------
 */

static void ask_template(const struct gl_plan_stack *stack, struct gl_live_call *call)
{
    *call = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "GetTemplate",
        .region = stack->region,
        .params = json_pack("{ssss}", "StackName", stack->stack_name, "TemplateStage", "Original"),
    };
}

/* The stack as the account's template and parameters make it. */
static int evaluate_running(struct gl_plan *before, struct gl_plan_stack *stack,
                            const struct gl_live_stack *live, const json_t *answer,
                            struct gl_error *err)
{
    const char *text = gl_json_str(answer, "TemplateBody", "");
    struct gl_template template;
    gl_autofree char *file = gl_asprintf(_("template of the stack %s"), stack->stack_name);
    int failed = gl_template_read(&before->arena, text, strlen(text), file, &template, err);
    if (failed < 0)
        return failed;
    struct gl_eval_input input = {
        .template = gl_arena_alloc(&before->arena, sizeof template),
        .parameters = live->parameters,
        .account_id = before->account_id,
        .region = stack->region,
        .stack_name = stack->stack_name,
    };
    *(struct gl_template *)input.template = template;
    return gl_eval_template(&before->arena, &input, &stack->result, err);
}

int gl_live_plan_before(struct gl_live_plan *live, struct gl_plan *ret_before, struct gl_error *err)
{
    const struct gl_plan *plan = live->plan;
    gl_autoplan struct gl_plan before = *plan;
    before.arena = (struct gl_arena){0};
    before.count = 0;
    before.stacks = gl_arena_alloc(&before.arena, plan->count * sizeof *before.stacks);
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        if (gl_live_stack_stands(&live->stacks[i]) &&
            plan->stacks[i].change.action != GL_CHANGE_NONE)
            ask_template(&plan->stacks[i], &calls.items[i]);
    }
    int failed =
        gl_live_calls(gl_account_client(live->account), calls.items, calls.count, false, err);
    for (size_t i = 0; failed == 0 && i < plan->count; i++) {
        if (!gl_live_stack_stands(&live->stacks[i]))
            continue;
        struct gl_plan_stack *stack = &before.stacks[before.count++];
        *stack = plan->stacks[i];
        stack->change = (struct gl_stack_change){0};
        if (calls.items[i].operation && calls.items[i].code < 0)
            failed = gl_live_call_fail(&calls.items[i], gl_account_caller(live->account), err);
        else if (calls.items[i].operation)
            failed = evaluate_running(&before, stack, &live->stacks[i], calls.items[i].result, err);
    }
    if (failed < 0)
        return failed;
    *ret_before = before;
    before = (struct gl_plan){0};
    return 0;
}
