/* Reading stacks as they are in the account. */
#include <string.h>

#include "base/i18n.h"
#include "infra/changeset_internal.h"
#include "infra/live_internal.h"
#include "infra/plan_internal.h"
#include "infra/stack_status.h"

/* [{OutputKey, OutputValue}] as a map. */
static const struct gl_value *pairs(struct gl_arena *arena, const json_t *list, const char *key,
                                    const char *value)
{
    struct gl_value *map = gl_value_new(arena, GL_VALUE_MAP, NULL);
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = gl_json_str(item, key, NULL);
        if (name)
            gl_value_append(map, gl_value_text(arena, gl_json_str(item, value, ""), NULL),
                            gl_arena_strdup(arena, name));
    }
    return map;
}

void gl_live_stack_ask(const struct gl_plan_stack *stack, struct gl_live_call *call)
{
    *call = (struct gl_live_call){
        .service = "cloudformation",
        .operation = "DescribeStacks",
        .region = stack->region,
        .params = json_pack("{ss}", "StackName", stack->stack_name),
    };
}

/* CloudFormation has no code of its own for it. */
bool gl_live_stack_is_absent(const struct gl_live_call *call)
{
    return gl_aws_failure_is(&call->failure, "ValidationError") &&
           strstr(call->failure.message, "does not exist") != NULL;
}

static bool is_same_text(const json_t *found, const char *key, const char *held)
{
    const char *text = gl_json_str(found, key, NULL);
    return text && held ? strcmp(text, held) == 0 : text == held;
}

bool gl_live_stack_is_same(const struct gl_live_call *call, const struct gl_live_stack *stack)
{
    const json_t *found = json_array_get(json_object_get(call->result, "Stacks"), 0);
    return call->code == 0 && stack->status && is_same_text(found, "StackStatus", stack->status) &&
           is_same_text(found, "StackId", stack->stack_id) &&
           is_same_text(found, "LastUpdatedTime", stack->updated);
}

int gl_live_stack_take(struct gl_arena *arena, struct gl_live_call *call, const char *caller,
                       struct gl_live_stack *ret_stack, struct gl_error *err)
{
    struct gl_live_stack stack = {0};
    if (call->code < 0 && !gl_live_stack_is_absent(call))
        return gl_live_call_fail(call, caller, err);
    const json_t *found = json_array_get(json_object_get(call->result, "Stacks"), 0);
    const char *status = gl_json_str(found, "StackStatus", NULL);
    if (status && strcmp(status, "DELETE_COMPLETE") != 0) {
        stack.stack_id = gl_arena_strdup(arena, gl_json_str(found, "StackId", ""));
        stack.status = gl_arena_strdup(arena, status);
        stack.updated = gl_arena_strdup(arena, gl_json_str(found, "LastUpdatedTime", NULL));
        stack.reason = gl_arena_strdup(arena, gl_json_str(found, "StackStatusReason", NULL));
        stack.outputs = pairs(arena, json_object_get(found, "Outputs"), "OutputKey", "OutputValue");
        stack.parameters =
            pairs(arena, json_object_get(found, "Parameters"), "ParameterKey", "ParameterValue");
    }
    *ret_stack = stack;
    return 0;
}

int gl_live_stacks_read(struct gl_plan *plan, struct gl_account *account,
                        struct gl_live_stack *ret_stacks, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(plan->count);
    for (size_t i = 0; i < plan->count; i++)
        gl_live_stack_ask(&plan->stacks[i], &calls.items[i]);
    int failed = gl_live_calls(gl_account_client(account), calls.items, calls.count, false, err);
    for (size_t i = 0; failed == 0 && i < plan->count; i++)
        failed = gl_live_stack_take(&plan->arena, &calls.items[i], gl_account_caller(account),
                                    &ret_stacks[i], err);
    return failed;
}

int gl_live_stacks_read_some(struct gl_plan *plan, const char *const *keys, size_t count,
                             struct gl_account *account, struct gl_live_stack *ret_stacks,
                             struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(count);
    for (size_t i = 0; i < count; i++) {
        const struct gl_plan_stack *stack = gl_plan_find(plan, keys[i]);
        if (stack)
            gl_live_stack_ask(stack, &calls.items[i]);
    }
    int failed = gl_live_calls(gl_account_client(account), calls.items, count, false, err);
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = gl_live_stack_take(&plan->arena, &calls.items[i], gl_account_caller(account),
                                    &ret_stacks[i], err);
    return failed;
}

static bool takes_output(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                         const struct gl_plan_stack *from)
{
    const char *output = NULL;
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        const struct gl_stack_parameter *parameter = &stack->def->parameters[i];
        if (parameter->kind == GL_SOURCE_OUTPUT &&
            gl_plan_producer(plan, parameter->source, &output) == from)
            return true;
    }
    return false;
}

static bool has_live_source(const struct gl_plan_stack *stack)
{
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        if (stack->def->parameters[i].kind == GL_SOURCE_LIVE)
            return true;
    }
    return false;
}

static bool is_needed(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                      const struct gl_plan_stack *other)
{
    if (other == stack || takes_output(plan, stack, other))
        return true;
    for (const char *const *key = gl_live_looked_at; has_live_source(stack) && *key; key++) {
        if (gl_plan_find(plan, *key) == other)
            return true;
    }
    return false;
}

int gl_live_stacks_read_for(struct gl_plan *plan, const struct gl_plan_stack *stack,
                            struct gl_account *account, struct gl_live_stack *ret_stacks,
                            struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        if (is_needed(plan, stack, &plan->stacks[i]))
            gl_live_stack_ask(&plan->stacks[i], &calls.items[i]);
    }
    int failed = gl_live_calls(gl_account_client(account), calls.items, calls.count, false, err);
    for (size_t i = 0; failed == 0 && i < plan->count; i++) {
        if (calls.items[i].operation)
            failed = gl_live_stack_take(&plan->arena, &calls.items[i], gl_account_caller(account),
                                        &ret_stacks[i], err);
    }
    return failed;
}

bool gl_live_stack_stands(const struct gl_live_stack *stack)
{
    enum gl_way_out way = gl_stack_status_find(stack->status)->way_out;
    return way != GL_WAY_CREATE && way != GL_WAY_REVIEW && way != GL_WAY_DELETE;
}
