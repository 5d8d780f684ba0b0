/* Drift: what was changed since the stacks were made, by hand or by other programs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html */
#ifndef GL_INFRA_DRIFT_H
#define GL_INFRA_DRIFT_H

#include "infra/changeset.h"
#include "infra/render.h"

/* One stack. `change` holds the resources that drifted: MODIFY, or REMOVE if somebody deleted it;
 * `before` of a property is what the stack made, `after` what is there now. */
struct gl_drift_stack {
    const struct gl_plan_stack *stack;
    const char *not_checked; /* why, or NULL */
    struct gl_stack_change change;
};

/* Belongs to the plan's arena. */
struct gl_drift {
    struct gl_drift_stack *stacks;
    size_t count;
    size_t checked;
    size_t found;    /* resources with drift that golive does not make itself */
    size_t expected; /* resources with only such as its releases make */
};

/* Told how many stacks are ready of how many. */
typedef void gl_drift_say_fn(void *context, size_t ready, size_t all);

/* Checks all stacks side by side (DetectStackDrift) and waits. `stacks` = gl_live_stacks_read().
 * A stack that cannot be checked is no failure: it says why. `say` may be NULL. */
struct gl_drift_options {
    struct gl_plan *plan;
    struct gl_account *account;
    const struct gl_live_stack *stacks;
    gl_drift_say_fn *say;
    void *say_context;
};

gl_nodiscard int gl_drift_detect(const struct gl_drift_options *options, struct gl_drift *ret_drift,
                                 struct gl_error *err);

/* ---- drift_text.c */

/* Findings first, then what golive's own releases changed, then what was not checked. */
void gl_drift_text(const struct gl_render *how, const struct gl_drift *drift, struct gl_buf *out);
/* {checked, found, expected, stacks: [{stack, stack_name, not_checked, change}]}. Caller owns it.
 */
json_t *gl_drift_json(const struct gl_drift *drift);

/* True if every property of the resource is of that kind (gl_diff_is_expected). */
bool gl_drift_is_expected(const struct gl_resource_change *change);

#endif
