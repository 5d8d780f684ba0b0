/* Change sets: CloudFormation's own plan of one stack.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html */
#ifndef GL_INFRA_CHANGESET_H
#define GL_INFRA_CHANGESET_H

#include "infra/account.h"
#include "infra/plan.h"

/* A stack as it is in the account. Belongs to the plan's arena. */
struct gl_live_stack {
    const char *stack_id;              /* NULL = it does not exist */
    const char *status;                /* "UPDATE_COMPLETE", or NULL */
    const char *reason;                /* AWS's words, or NULL */
    const struct gl_value *outputs;    /* map of name to text; NULL without stack */
    const struct gl_value *parameters; /* map of name to text, as passed last */
};

/* Reads every stack of the plan side by side (DescribeStacks) into ret_stacks[plan->count]. */
gl_nodiscard int gl_live_stacks_read(struct gl_plan *plan, struct gl_account *account,
                                     struct gl_live_stack *ret_stacks, struct gl_error *err);

/* Fills in what offline planning did not know of one stack: outputs of the stacks before it and
 * values of live sources (live.h), and evaluates it again. What still does not exist stays unknown.
 */
gl_nodiscard int gl_plan_resolve(struct gl_plan *plan, struct gl_plan_stack *stack,
                                 struct gl_account *account, const struct gl_live_stack *stacks,
                                 struct gl_error *err);

/* Makes a change set of a resolved stack (every value known), waits until it is ready and fills
 * stack->change from it; GL_CHANGE_NONE when nothing would change (the change set is gone then).
 * A template over 51,200 bytes goes through the artifact bucket of stack `bootstrap`. `name` must
 * be unique for the stack ([A-Za-z][A-Za-z0-9-]*, at most 128). */
gl_nodiscard int gl_changeset_make(struct gl_plan *plan, struct gl_plan_stack *stack,
                                   struct gl_account *account, const char *name,
                                   struct gl_error *err);

/* Starts the change set of stack->change. Deleting what is left of one (and of a stack that has
 * nothing but it) never fails because it is gone. */
gl_nodiscard int gl_changeset_execute(struct gl_plan_stack *stack, struct gl_account *account,
                                      struct gl_error *err);
gl_nodiscard int gl_changeset_discard(struct gl_plan_stack *stack, struct gl_account *account,
                                      struct gl_error *err);

#endif
