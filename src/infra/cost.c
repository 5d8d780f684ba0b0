/* The monthly cost of a plan. */
#include "infra/cost.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/cost_internal.h"
#include "infra/pattern.h"

const char gl_prices_text[] = {
#include "infra/prices.inc"
    , '\0'};

/* ---- prices ------------------------------------------------------------------------------------
 */

bool gl_cost_price(const struct gl_costing *costing, const char *key, double *ret_usd)
{
    const struct gl_value *regions = gl_value_get(costing->prices, "regions");
    const struct gl_value *here = gl_value_get(regions, costing->stack->region);
    const char *text = gl_value_str(here, key, NULL);
    if (!text)
        text = gl_value_str(gl_value_get(costing->prices, "everywhere"), key, NULL);
    if (!text)
        return false;
    *ret_usd = strtod(text, NULL) * (gl_ends_with(key, "_hour") ? costing->hours : 1);
    return true;
}

double gl_cost_number(const struct gl_resource *resource, const char *property, double fallback)
{
    const char *text = gl_value_str(resource->properties, property, NULL);
    char *end;
    double number = text ? strtod(text, &end) : fallback;
    return text && (end == text || *end) ? fallback : number;
}

/* ---- lines and gaps ----------------------------------------------------------------------------
 */

static void add_gap(struct gl_costing *costing, const char *type, const char *reason)
{
    struct gl_cost *cost = costing->cost;
    for (size_t i = 0; i < cost->gap_count; i++) {
        if (strcmp(cost->gaps[i].type, type) == 0) {
            cost->gaps[i].count++;
            return;
        }
    }
    cost->gaps[cost->gap_count++] = (struct gl_cost_gap){
        .type = gl_arena_strdup(&costing->plan->arena, type), .count = 1, .reason = reason};
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct gl_cost_line *find_line(struct gl_costing *costing, const char *label,
                                      const char *detail)
{
    struct gl_cost *cost = costing->cost;
    for (size_t i = 0; i < cost->line_count; i++) {
        if (same(cost->lines[i].label, label) && same(cost->lines[i].detail, detail))
            return &cost->lines[i];
    }
    struct gl_cost_line *line = &cost->lines[cost->line_count++];
    line->label = gl_arena_strdup(&costing->plan->arena, label);
    line->detail = gl_arena_strdup(&costing->plan->arena, detail);
    return line;
}

void gl_cost_add(struct gl_costing *costing, const char *label, const char *key, double quantity,
                 const char *detail)
{
    double price;
    if (!gl_cost_price(costing, key, &price)) {
        gl_autofree char *missing =
            gl_asprintf("%s (%s)", costing->resource->type, detail ? detail : key);
        add_gap(costing, missing, NULL);
        return;
    }
    struct gl_cost_line *line = find_line(costing, label, detail);
    line->quantity += quantity;
    line->usd_month += quantity * price;
    line->perhaps = line->perhaps || costing->resource->exists == GL_TRUTH_UNKNOWN;
    costing->cost->total_usd += quantity * price;
}

/* ---- resources ---------------------------------------------------------------------------------
 */

static bool is_free(const struct gl_costing *costing, const char *type)
{
    const struct gl_value *free_types = gl_value_get(costing->prices, "free");
    for (const struct gl_value *at = free_types ? free_types->first : NULL; at; at = at->next) {
        if (gl_pattern_names(at->text, type))
            return true;
    }
    return false;
}

static void price_resource(struct gl_costing *costing)
{
    const char *type = costing->resource->type;
    const struct gl_value *fixed = gl_value_get(gl_value_get(costing->prices, "fixed"), type);
    const char *usage = gl_value_str(gl_value_get(costing->prices, "usage"), type, NULL);
    if (fixed)
        gl_cost_add(costing, gl_value_str(fixed, "label", type), gl_value_str(fixed, "price", ""),
                    1, NULL);
    else if (gl_cost_rule(costing))
        return;
    else if (usage)
        add_gap(costing, type, gl_arena_strdup(&costing->plan->arena, usage));
    else if (!is_free(costing, type))
        add_gap(costing, type, NULL);
}

static int dearest_first(const void *a, const void *b)
{
    const struct gl_cost_line *left = a;
    const struct gl_cost_line *right = b;
    if (left->usd_month != right->usd_month)
        return left->usd_month < right->usd_month ? 1 : -1;
    return strcmp(left->label, right->label);
}

static void take_budget(const struct gl_plan *plan, struct gl_cost *cost)
{
    const json_t *budgets = gl_config_node(plan->config, "cost.monthly_budget_usd");
    const json_t *budget = json_object_get(budgets, plan->env);
    cost->has_budget = json_is_number(budget);
    cost->budget_usd = json_number_value(budget);
}

static void price_all(struct gl_costing *costing)
{
    struct gl_plan *plan = costing->plan;
    size_t most = 0;
    for (size_t i = 0; i < plan->count; i++)
        most += plan->stacks[i].result.resource_count * 3; /* no rule adds more than three lines */
    costing->cost->lines = gl_arena_alloc(&plan->arena, most * sizeof *costing->cost->lines);
    costing->cost->gaps = gl_arena_alloc(&plan->arena, most * sizeof *costing->cost->gaps);
    for (size_t i = 0; i < plan->count; i++) {
        costing->stack = &plan->stacks[i];
        for (size_t k = 0; k < plan->stacks[i].result.resource_count; k++) {
            costing->resource = &plan->stacks[i].result.resources[k];
            price_resource(costing);
        }
    }
}

int gl_cost_of_plan(struct gl_plan *plan, struct gl_cost *ret_cost, struct gl_error *err)
{
    struct gl_value *prices = NULL;
    int failed = gl_template_parse(&plan->arena, gl_prices_text, strlen(gl_prices_text),
                                   "data/prices.yaml", &prices, err);
    if (failed < 0) {
        err->code = GL_E_CORRUPT;
        return gl_error_wrap(err, "%s", _("the prices inside golive"));
    }
    struct gl_cost cost = {
        .date = gl_value_str(prices, "date", "?"),
        .region = plan->region,
        .region_known = gl_value_get(gl_value_get(prices, "regions"), plan->region) != NULL,
    };
    struct gl_costing costing = {
        .plan = plan,
        .prices = prices,
        .hours = strtod(gl_value_str(prices, "hours_per_month", "730"), NULL),
        .cost = &cost,
    };
    take_budget(plan, &cost);
    price_all(&costing);
    qsort(cost.lines, cost.line_count, sizeof *cost.lines, dearest_first);
    *ret_cost = cost;
    return 0;
}
