/* Room-internal: what the pricing of a resource needs. */
#ifndef GL_INFRA_COST_INTERNAL_H
#define GL_INFRA_COST_INTERNAL_H

#include "infra/cost.h"

struct gl_costing {
    struct gl_plan *plan;
    const struct gl_value *prices; /* the table */
    double hours;                  /* of a month */
    struct gl_cost *cost;
    const struct gl_plan_stack *stack; /* being priced */
    const struct gl_resource *resource;
};

/* The price of a key for the stack's region, in USD a month ("..._hour" is multiplied); false if
 * the table has none. */
bool gl_cost_price(const struct gl_costing *costing, const char *key, double *ret_usd);

/* Adds `quantity` pieces at the price of `key`; lines of the same label and detail are summed up.
 * A missing price makes a gap. */
void gl_cost_add(struct gl_costing *costing, const char *label, const char *key, double quantity,
                 const char *detail);

/* Prices a resource whose price needs arithmetic (cost_rules.c); false if its type has no rule. */
bool gl_cost_rule(struct gl_costing *costing);

/* A number of a property, else the fallback. */
double gl_cost_number(const struct gl_resource *resource, const char *property, double fallback);

#endif
