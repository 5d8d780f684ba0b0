/* A part of a plan: one stack and what it needs. */
#include "base/i18n.h"
#include "infra/up.h"

int gl_up_choose(struct gl_plan *plan, const char *key, struct gl_error *err)
{
    const struct gl_plan_stack *only = gl_plan_find(plan, key);
    if (!only && gl_catalog_find(plan->catalog, key)) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s has no stack %s"), plan->env, key);
        return gl_error_hint(err, _("Its `when` does not hold for this environment."));
    }
    if (!only)
        return gl_catalog_no_stack(plan->catalog, key, err);
    gl_autofree bool *chosen = gl_alloc(plan->count);
    gl_autofree size_t *place = gl_alloc(plan->count * sizeof *place);
    size_t count = 0;
    chosen[only - plan->stacks] = true;
    for (size_t i = plan->count; i-- > 0;) { /* needs stand before those that need them */
        for (size_t n = 0; chosen[i] && n < plan->stacks[i].need_count; n++)
            chosen[plan->stacks[i].needs[n]] = true;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct gl_plan_stack *stack = &plan->stacks[i];
        if (!chosen[i])
            continue;
        for (size_t n = 0; n < stack->need_count; n++)
            stack->needs[n] = place[stack->needs[n]];
        place[i] = count;
        plan->stacks[count++] = *stack;
    }
    plan->count = count;
    return 0;
}
