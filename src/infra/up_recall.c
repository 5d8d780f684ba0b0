/* `golive up --plan ID`: what the kept change sets would do. */
#include "infra/changeset_internal.h"
#include "infra/up.h"

int gl_up_describe_plans(struct gl_plan *plan, struct gl_account *account, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct gl_plan_stack *stack = &plan->stacks[i];
        if (stack->change.change_set)
            calls.items[i] = (struct gl_live_call){
                .service = "cloudformation",
                .operation = "DescribeChangeSet",
                .region = stack->region,
                .params = json_pack("{sssssb}", "StackName", stack->stack_name, "ChangeSetName",
                                    stack->change.change_set, "IncludePropertyValues", 1)};
    }
    int failed = gl_live_calls(gl_account_client(account), calls.items, plan->count, false, err);
    for (size_t i = 0; failed == 0 && i < plan->count; i++) {
        struct gl_plan_stack *stack = &plan->stacks[i];
        const char *change_set = stack->change.change_set;
        if (!calls.items[i].operation)
            continue;
        if (calls.items[i].code < 0)
            return gl_live_call_fail(&calls.items[i], gl_account_caller(account), err);
        gl_changeset_read(plan, stack, calls.items[i].result, stack->change.action);
        stack->change.change_set = change_set;
    }
    return failed;
}
