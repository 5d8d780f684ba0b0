/* Room-internal: evaluated stacks as rows. */
#ifndef GL_FACTS_TEMPLATE_ROWS_H
#define GL_FACTS_TEMPLATE_ROWS_H

#include "facts/internal.h"
#include "infra/plan.h"

struct gl_template_rows {
    const struct gl_collecting *c;
    const struct gl_plan *plan; /* tags of its stacks */
    const char *prefix;         /* of the ids: the environment, or "given" */
    const char *env;            /* that the stacks count for */
    const char *origin;         /* NULL = by the stack */
    struct gl_rows stacks, tags, parameters, resources, outputs, waivers;
    struct gl_property_rows properties;
};

/* Begins writing for `prefix`, which stands in `w` already. */
void gl_template_rows_open(struct gl_template_rows *w, struct gl_error *err);
/* One stack with everything in it. */
void gl_template_rows_stack(struct gl_template_rows *w, const struct gl_plan_stack *stack);
/* Ends it; 0 or what failed first. */
gl_nodiscard int gl_template_rows_done(struct gl_template_rows *w);

#endif
