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
    const char *updated;               /* LastUpdatedTime; NULL = not since it was made */
    const char *reason;                /* AWS's words, or NULL */
    const struct gl_value *outputs;    /* map of name to text; NULL without stack */
    const struct gl_value *parameters; /* map of name to text, as passed last */
};

/* Reads every stack of the plan side by side (DescribeStacks) into ret_stacks[plan->count]. A stack
 * that does not exist is no error. */
gl_nodiscard int gl_live_stacks_read(struct gl_plan *plan, struct gl_account *account,
                                     struct gl_live_stack *ret_stacks, struct gl_error *err);

/* The same of the stacks with these keys (gl_plan_find()) into ret_stacks[count], in their order;
 * one that the plan has not is as one that does not exist. */
gl_nodiscard int gl_live_stacks_read_some(struct gl_plan *plan, const char *const *keys,
                                          size_t count, struct gl_account *account,
                                          struct gl_live_stack *ret_stacks, struct gl_error *err);

/* The same of what gl_plan_resolve() of this one stack needs: itself, the stacks whose outputs it
 * takes, and those that live sources look at, into ret_stacks[plan->count]; the others stay as they
 * are. */
gl_nodiscard int gl_live_stacks_read_for(struct gl_plan *plan, const struct gl_plan_stack *stack,
                                         struct gl_account *account,
                                         struct gl_live_stack *ret_stacks, struct gl_error *err);

/* True if the stack has resources: it exists, and not only as a plan (REVIEW_IN_PROGRESS) or as the
 * remains of a creation that failed. */
bool gl_live_stack_stands(const struct gl_live_stack *stack);

/* Fills in what offline planning did not know of one stack: outputs of the stacks before it and
 * values of live sources (live.h), and evaluates it again. What still does not exist stays unknown.
 * GL_E_REFUSED names the missing right when the account may not be asked for a value. */
gl_nodiscard int gl_plan_resolve(struct gl_plan *plan, struct gl_plan_stack *stack,
                                 struct gl_account *account, const struct gl_live_stack *stacks,
                                 struct gl_error *err);

/* The same for all stacks in their order; asks for all live sources side by side. */
gl_nodiscard int gl_plan_resolve_all(struct gl_plan *plan, struct gl_account *account,
                                     const struct gl_live_stack *stacks, struct gl_error *err);

/* True if every parameter that is passed is known: a change set can be made. If not, *ret_waits_for
 * (may be NULL) is the first source that is missing ("network.VpcId"). */
bool gl_plan_is_resolved(const struct gl_plan_stack *stack, const char **ret_waits_for);

/* Makes a change set of a resolved stack, waits until it is ready and fills stack->change from it;
 * GL_CHANGE_NONE when nothing would change (the change set is gone then). A template over 51,200
 * bytes goes through the artifact bucket of stack `bootstrap`. `name` must be unique for the stack
 * ([A-Za-z][A-Za-z0-9-]*, at most 128).
 *
 * GL_E_USAGE: a value is not known; GL_E_BUSY: an operation on the stack is under way;
 * GL_E_REFUSED: its state allows no change set (stack_status.h), or a right is missing;
 * GL_E_CONFIG: CloudFormation does not accept it (its reason, with the place in the template or
 * golive.yaml where it names one); GL_E_NOT_FOUND: no artifact bucket yet. After a failure the
 * caller calls gl_changeset_discard(). */
gl_nodiscard int gl_changeset_make(struct gl_plan *plan, struct gl_plan_stack *stack,
                                   struct gl_account *account, const char *name,
                                   struct gl_error *err);

/* The same for several stacks side by side; the first failure is reported, after all have been
 * waited for. A signal ends it with GL_E_INTERRUPTED as soon as it is known which change sets
 * exist; signals that came until then are forgotten, so that they can be discarded. */
gl_nodiscard int gl_changesets_make(struct gl_plan *plan, struct gl_plan_stack *const *stacks,
                                    size_t count, struct gl_account *account, const char *name,
                                    struct gl_error *err);

/* Starts the change set of stack->change. Deleting what is left of one (and of a stack that has
 * nothing but it) never fails because it is gone. */
gl_nodiscard int gl_changeset_execute(struct gl_plan_stack *stack, struct gl_account *account,
                                      struct gl_error *err);
gl_nodiscard int gl_changeset_discard(struct gl_plan_stack *stack, struct gl_account *account,
                                      struct gl_error *err);

/* Discards those of all stacks side by side; tries all, reports the first failure. Change sets of
 * these stacks that an earlier plan left and that are too old to be executed (plan_id.h) go with
 * them. */
gl_nodiscard int gl_changesets_discard(struct gl_plan_stack *const *stacks, size_t count,
                                       struct gl_account *account, struct gl_error *err);

#endif
