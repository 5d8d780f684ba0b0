/* Room-internal: making a plan step by step. */
#ifndef GL_INFRA_PLAN_INTERNAL_H
#define GL_INFRA_PLAN_INTERNAL_H

#include "infra/plan.h"

/* ---- plan_choose.c: fills plan->stacks with those whose `when` holds, in any order */
gl_nodiscard int gl_plan_choose(struct gl_plan *plan, struct gl_error *err);

/* Whether the `when` of a stack holds. */
gl_nodiscard int gl_plan_applies(const struct gl_plan *plan, const struct gl_stack_def *def,
                                 bool *ret_applies, struct gl_error *err);

/* ---- plan_order.c: sorts them so that what is needed comes first; sets needs and wave */
gl_nodiscard int gl_plan_sort(struct gl_plan *plan, struct gl_error *err);

/* The stack that "network.VpcId" or "certificate@global.CertificateArn" speaks of, and the output's
 * name; NULL if this plan has no such stack. */
struct gl_plan_stack *gl_plan_producer(const struct gl_plan *plan, const char *source,
                                       const char **ret_output);

/* ---- plan_given.c: the parameters that are passed to a stack */
gl_nodiscard int gl_plan_give(struct gl_plan *plan, const struct gl_plan_stack *stack,
                              const struct gl_value **ret_given, struct gl_error *err);

#endif
