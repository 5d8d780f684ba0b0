/* The cost of a plan as text. */
#include <math.h>

#include "base/i18n.h"
#include "infra/render.h"

static void render_sum(const struct gl_render *how, const struct gl_cost *cost, struct gl_buf *out)
{
    gl_buf_printf(out, _("Cost per month (%s, list prices of %s, estimate): "), cost->region,
                  cost->date);
    if (!cost->region_known) {
        gl_buf_printf(out, _("golive has no prices of this region\n"));
        return;
    }
    bool over = cost->has_budget && cost->total_usd > cost->budget_usd;
    gl_buf_printf(out, _("%.0f USD"), cost->total_usd);
    if (cost->has_budget)
        gl_buf_printf(out, _(", budget %.0f USD"), cost->budget_usd);
    if (over)
        gl_buf_printf(out, "%s  %s%s", how->colour ? "\033[31m" : "", _("ABOVE THE BUDGET"),
                      how->colour ? "\033[0m" : "");
    gl_buf_puts(out, cost->has_budget ? "\n" : _(", no budget (cost.monthly_budget_usd)\n"));
}

void gl_render_cost(const struct gl_render *how, const struct gl_cost *cost, struct gl_buf *out)
{
    render_sum(how, cost, out);
    bool perhaps = false;
    for (size_t i = 0; i < cost->line_count; i++) {
        const struct gl_cost_line *line = &cost->lines[i];
        if (line->usd_month <= 0)
            continue;
        perhaps = perhaps || line->perhaps;
        gl_buf_printf(out, "  %8.2f  %g x %s%s%s%s\n", line->usd_month, line->quantity,
                      _(line->label), line->detail ? ", " : "", line->detail ? line->detail : "",
                      line->perhaps ? " *" : "");
    }
    if (perhaps)
        gl_buf_printf(out, "  %s\n",
                      _("* counted in full, though the account decides whether all of it exists"));
    for (size_t i = 0; i < cost->gap_count; i++) {
        const struct gl_cost_gap *gap = &cost->gaps[i];
        gl_buf_printf(out, "%s%zu x %s", i ? ", " : _("  Not priced: "), gap->count, gap->type);
        if (gap->reason)
            gl_buf_printf(out, " (%s)", gap->reason);
    }
    gl_buf_puts(out, cost->gap_count ? "\n" : "");
}
