/* What a plan costs a month, from a small table of list prices (data/prices.yaml).
 *
 * An estimate: fixed prices only (hours, pieces, stored gigabytes of the database); what is paid by
 * use is listed as not priced, and so is everything the table lacks. */
#ifndef GL_INFRA_COST_H
#define GL_INFRA_COST_H

#include "infra/plan.h"

struct gl_cost_line {
    const char *label;  /* "NAT gateways" */
    double quantity;    /* pieces */
    const char *detail; /* "db.m7g.large, Multi-AZ", or NULL */
    double usd_month;   /* for all of them */
    bool perhaps;       /* some exist only if a live condition turns out true */
};

struct gl_cost_gap {
    const char *type; /* "AWS::S3::Bucket" */
    size_t count;
    const char *reason; /* what it is paid by ("log volume"), or NULL: the table does not know it */
};

/* Belongs to the arena of the plan. */
struct gl_cost {
    const char *date;           /* of the prices, "2026-10" */
    const char *region;         /* of the environment */
    bool region_known;          /* false: the table has no prices of this region; total is 0 */
    struct gl_cost_line *lines; /* dearest first */
    size_t line_count;
    struct gl_cost_gap *gaps;
    size_t gap_count;
    double total_usd;
    bool has_budget;
    double budget_usd; /* cost.monthly_budget_usd.<env> */
};

/* GL_E_CORRUPT only if the table inside the program cannot be read. */
gl_nodiscard int gl_cost_of_plan(struct gl_plan *plan, struct gl_cost *ret_cost,
                                 struct gl_error *err);

/* The table as text (data/prices.yaml). */
extern const char gl_prices_text[];

#endif
