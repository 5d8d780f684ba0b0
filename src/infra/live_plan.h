/* A plan against the account: what CloudFormation says every stack would become. */
#ifndef GL_INFRA_LIVE_PLAN_H
#define GL_INFRA_LIVE_PLAN_H

#include "infra/changeset.h"

/* Told what is being done; any thread-free text, not kept. */
typedef void gl_live_say_fn(void *context, const char *text);

struct gl_live_plan {
    struct gl_plan *plan; /* made by gl_plan_make(); gets live */
    struct gl_account *account;
    const char *change_set; /* name for all change sets, see gl_changeset_make() */
    gl_live_say_fn *say;    /* NULL = nobody listens */
    void *say_context;
    struct gl_live_stack *stacks; /* filled in: plan->count, belong to the plan's arena */
};

/* Reads all stacks, resolves them and makes a change set of each that can have one. The others are
 * planned without: stack->change.note says why. The change sets stay in the account: the caller
 * calls gl_live_plan_discard(), also after a failure or signal, unless they are to be kept. */
gl_nodiscard int gl_live_plan_make(struct gl_live_plan *live, struct gl_error *err);

/* Removes the change sets, and the stacks that exist only for them. */
gl_nodiscard int gl_live_plan_discard(struct gl_live_plan *live, struct gl_error *err);

/* The environment as it is, evaluated from the templates and parameters that the account has: a
 * plan without changes, for its cost. Only after gl_live_plan_make(); the caller calls
 * gl_plan_done(). */
gl_nodiscard int gl_live_plan_before(struct gl_live_plan *live, struct gl_plan *ret_before,
                                     struct gl_error *err);

#endif
