/* The cost of a plan as text. */
#include <math.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/render.h"

/* `before` may be NULL. */
static void render_sum(const struct gl_render *how, const struct gl_cost *before,
                       const struct gl_cost *cost, struct gl_buf *out)
{
    gl_buf_printf(out, _("Cost per month (%s, list prices of %s, estimate): "), cost->region,
                  cost->date);
    if (!cost->region_known) {
        gl_buf_printf(out, _("golive has no prices of this region\n"));
        return;
    }
    bool over = cost->has_budget && cost->total_usd > cost->budget_usd;
    if (before)
        gl_buf_printf(out, _("%.0f USD -> "), before->total_usd);
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
    render_sum(how, NULL, cost, out);
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

/* ---- before and after --------------------------------------------------------------------------
 */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static double usd_of(const struct gl_cost *cost, const struct gl_cost_line *wanted)
{
    for (size_t i = 0; i < cost->line_count; i++) {
        const struct gl_cost_line *line = &cost->lines[i];
        if (same_text(line->label, wanted->label) && same_text(line->detail, wanted->detail))
            return line->usd_month;
    }
    return 0;
}

/* Half a cent is no difference. */
static void render_difference(const struct gl_cost_line *line, double usd, struct gl_buf *out)
{
    if (fabs(usd) >= 0.005)
        gl_buf_printf(out, "  %+8.2f  %s%s%s\n", usd, _(line->label), line->detail ? ", " : "",
                      line->detail ? line->detail : "");
}

void gl_render_cost_change(const struct gl_render *how, const struct gl_cost *before,
                           const struct gl_cost *after, struct gl_buf *out)
{
    render_sum(how, before, after, out);
    for (size_t i = 0; i < after->line_count; i++)
        render_difference(&after->lines[i],
                          after->lines[i].usd_month - usd_of(before, &after->lines[i]), out);
    for (size_t i = 0; i < before->line_count; i++) {
        if (usd_of(after, &before->lines[i]) <= 0)
            render_difference(&before->lines[i], -before->lines[i].usd_month, out);
    }
}
