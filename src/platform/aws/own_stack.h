/* Room-internal: the stack that makes a part's service. A release touches this one only, and only
 * where there is no service yet or where the first one goes again. */
#ifndef GL_PLATFORM_AWS_OWN_STACK_H
#define GL_PLATFORM_AWS_OWN_STACK_H

#include "infra/changeset.h"
#include "infra/stack_status.h"
#include "platform/aws/aws.h"

struct gl_own_stack {
    struct gl_cloud *cloud;
    struct gl_plan *plan; /* belongs to the platform */
    struct gl_plan_stack *stack;
};

/* Of the part's stack. GL_E_CONFIG if the environment has none. */
gl_nodiscard int gl_own_stack_open(struct gl_cloud *cloud, struct gl_own_stack *ret_own,
                                   struct gl_error *err);

/* This stack as it is; what *ret_live points to belongs to the plan. */
gl_nodiscard int gl_own_stack_read(struct gl_own_stack *own, struct gl_live_stack *ret_live,
                                   struct gl_error *err);

/* What its status comes to. */
enum gl_outcome gl_own_stack_outcome(const struct gl_live_stack *live);

/* Whether an update may begin now. *ret_waits: one is under way already, which is ours, from before
 * a crash, for preflight refuses any other. GL_E_REFUSED names the way out of any other state. */
gl_nodiscard int gl_own_stack_may_update(const struct gl_own_stack *own,
                                         const struct gl_live_stack *live, bool *ret_waits,
                                         struct gl_error *err);

/* Begins an update by one change set, with what the caller has put into the plan; no change is no
 * failure. */
gl_nodiscard int gl_own_stack_update(struct gl_own_stack *own, struct gl_error *err);

/* Asks CloudFormation to take an update back; one that is over, or being taken back already, is no
 * failure. */
gl_nodiscard int gl_own_stack_cancel(struct gl_own_stack *own, struct gl_error *err);

/* Until nothing is under way on it, whatever came of it. */
gl_nodiscard int gl_own_stack_await_over(struct gl_own_stack *own, int64_t timeout_ms,
                                         struct gl_live_stack *ret_live, struct gl_error *err);

/* The same, as an operation of its own; GL_E_UNHEALTHY if CloudFormation could neither end it nor
 * take it back. */
gl_nodiscard int gl_own_stack_settle(struct gl_cloud *cloud, int64_t timeout_ms,
                                     struct gl_error *err);

#endif
