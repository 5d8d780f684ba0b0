/* What live sources need: the stacks as they are, and what was passed to them last. */
#include <string.h>

#include "infra/live_internal.h"

const char *const gl_live_looked_at[] = {"data", "frontend-ssr", "service", "service-apprunner",
                                         NULL};

const struct gl_live_stack *gl_live_of(const struct gl_live_question *q, const char *key)
{
    const struct gl_plan_stack *stack = gl_plan_find(q->plan, key);
    const struct gl_live_stack *live = stack ? &q->stacks[stack - q->plan->stacks] : NULL;
    return live && gl_live_stack_stands(live) ? live : NULL;
}

const char *gl_live_output(const struct gl_live_question *q, const char *key, const char *name)
{
    const struct gl_live_stack *live = gl_live_of(q, key);
    return live ? gl_value_str(live->outputs, name, NULL) : NULL;
}

const char *gl_live_last(const struct gl_live_question *q)
{
    const struct gl_live_stack *live = gl_live_of(q, q->stack->key);
    return live ? gl_value_str(live->parameters, q->parameter->name, NULL) : NULL;
}

const char *gl_live_adopt(const struct gl_live_question *q, const char *const *ids, size_t count)
{
    const char *last = gl_live_last(q);
    for (size_t i = 0; last && i < count; i++) {
        if (strcmp(ids[i], last) == 0)
            return last;
    }
    if (last && !*last)
        return NULL; /* what is there is the stack's own */
    return count ? ids[0] : NULL;
}

int gl_live_read_last(const struct gl_live_question *q, const char **ret_value,
                      struct gl_error *err)
{
    (void)err;
    *ret_value = gl_live_last(q);
    return 0;
}
