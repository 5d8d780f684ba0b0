/* Showing plans and changes: as text for people, as JSON for programs. One renderer for offline
 * plans, live change sets and drift. Texts are appended to a buffer; nothing is printed here. */
#ifndef GL_INFRA_RENDER_H
#define GL_INFRA_RENDER_H

#include "infra/cost.h"
#include "infra/plan.h"

struct gl_render {
    bool colour;
    bool full; /* every property, also of resources that are added */
};

/* The stacks, one line each, changed ones with their properties; then what is ejected. */
void gl_render_plan(const struct gl_render *how, struct gl_plan *plan, struct gl_buf *out);

/* One stack, resource by resource, property by property, with its parameters and outputs. */
void gl_render_stack(const struct gl_render *how, struct gl_plan *plan,
                     const struct gl_plan_stack *stack, struct gl_buf *out);

/* One resource with its properties, each line indented by `indent` spaces. */
void gl_render_resource(const struct gl_render *how, const struct gl_resource_change *change,
                        int indent, struct gl_buf *out);

/* A value on one line: line breaks as \\n, no other control characters, at most `columns` letters.
 */
void gl_render_value(const char *text, int columns, struct gl_buf *out);

/* The sum, the budget, the dearest lines and what is not priced. */
void gl_render_cost(const struct gl_render *how, const struct gl_cost *cost, struct gl_buf *out);

/* The sum before and after, the budget, and the lines that differ or are new. */
void gl_render_cost_change(const struct gl_render *how, const struct gl_cost *before,
                           const struct gl_cost *after, struct gl_buf *out);

/* {env, region, account_id, live, stacks: [{stack, stack_name, needs, wave, parameters, change,
 * ...}], cost}; `cost` may be NULL. The caller owns the result. */
json_t *gl_render_json(struct gl_plan *plan, const struct gl_cost *cost);
/* The same for one stack, with its evaluated resources and outputs. */
json_t *gl_render_stack_json(struct gl_plan *plan, const struct gl_plan_stack *stack);
json_t *gl_render_change_json(const struct gl_stack_change *change);
json_t *gl_render_cost_json(const struct gl_cost *cost);

/* "VPC 10.30.0.0/16, 2 x NAT gateway": what matters of a stack; appends nothing if the table knows
 * none of its resources (highlights.c). */
void gl_highlights(const struct gl_evaluated *stack, struct gl_buf *out);

#endif
