/* The roadmap as one page: a Gantt chart in SVG and a table. Colours are never alone: planned bars
 * have an outline and their share in numbers, actual ones are narrow. */
#include "base/i18n.h"
#include "control/roadmap.h"

enum { WIDTH = 1000, LABELS = 270, ROW = 46, HEAD = 34, WEEK = 7, MARKS_MAX = 26 };

static const char style[] =
    ":root{--text:#1b1f24;--back:#fff;--soft:#59636e;--line:#d1d9e0;--done:#1a6b34;--late:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6e9ec;--back:#14181c;--soft:#a0a9b2;"
    "--line:#3a424a;--done:#7bd88f;--late:#ff8a80}}"
    "body{margin:2rem auto;max-width:72rem;padding:0 1rem;color:var(--text);"
    "background:var(--back);font:15px/1.5 system-ui,sans-serif}h1{font-size:1.5rem}"
    "svg{width:100%;height:auto}svg text{fill:var(--text);font-size:13px}"
    "svg .soft{fill:var(--soft);font-size:11px}.grid{stroke:var(--line)}"
    ".plan{fill:none;stroke:var(--text)}.done{fill:var(--done);opacity:.55}"
    ".actual{fill:var(--text)}.today{stroke:var(--late);stroke-dasharray:4 3}.late{color:var(--late)}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.1rem .9rem .1rem 0}"
    "@media print{:root{--text:#000;--back:#fff;--soft:#444;--line:#999;--done:#050;--late:#900}"
    "body{margin:0;max-width:none;font-size:10pt}svg,tr{break-inside:avoid}}";

/* From the first day to the last that any bar has. */
struct scale {
    int64_t first;
    int64_t last;
};

static void widen(struct scale *scale, int64_t day)
{
    if (day == GL_NO_DAY)
        return;
    if (scale->first == GL_NO_DAY || day < scale->first)
        scale->first = day;
    if (day > scale->last)
        scale->last = day;
}

static struct scale scale_of(const struct gl_roadmap *roadmap)
{
    struct scale scale = {GL_NO_DAY, GL_NO_DAY};
    for (int i = 0; i < GL_PHASE_COUNT; i++) {
        const struct gl_roadmap_phase *phase = &roadmap->phases[i];
        widen(&scale, phase->plan.first);
        widen(&scale, phase->plan.last);
        widen(&scale, phase->actual.first);
        widen(&scale, phase->actual.last);
    }
    return scale;
}

/* Where a day begins. */
static double x_of(const struct scale *scale, int64_t day)
{
    double days = (double)(scale->last - scale->first + 1);
    return LABELS + (double)(day - scale->first) / days * (WIDTH - LABELS);
}

static double width_of(const struct scale *scale, struct gl_span span)
{
    return x_of(scale, span.last + 1) - x_of(scale, span.first);
}

/* ---- the chart ---------------------------------------------------------------------------------
 */

static void add_grid(const struct scale *scale, struct gl_buf *out)
{
    int64_t weeks = (scale->last - scale->first) / WEEK + 1;
    int64_t step = WEEK * (weeks / MARKS_MAX + 1);
    for (int64_t day = scale->first; day <= scale->last; day += step) {
        gl_autofree char *text = gl_roadmap_day(day);
        double x = x_of(scale, day);
        gl_buf_printf(out,
                      "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                      "<text class=\"soft\" x=\"%.1f\" y=\"14\">%s</text>",
                      x, x, HEAD - 14, HEAD + GL_PHASE_COUNT * ROW, x, text + 5);
    }
}

static void add_plan(const struct scale *scale, const struct gl_roadmap_phase *phase, int y,
                     struct gl_buf *out)
{
    if (phase->plan.first == GL_NO_DAY)
        return;
    double x = x_of(scale, phase->plan.first);
    double width = width_of(scale, phase->plan);
    double share =
        phase->count.total ? (double)phase->count.closed / (double)phase->count.total : 0;
    gl_buf_printf(out,
                  "<rect class=\"done\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"18\"/>"
                  "<rect class=\"plan\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"18\"/>",
                  x, y, width * share, x, y, width);
}

/* A phase that is not closed goes on until today. */
static void add_actual(const struct gl_roadmap *roadmap, const struct scale *scale,
                       const struct gl_roadmap_phase *phase, int y, struct gl_buf *out)
{
    struct gl_span span = phase->actual;
    if (span.first == GL_NO_DAY)
        return;
    if (span.last == GL_NO_DAY)
        span.last = roadmap->today < scale->last ? roadmap->today : scale->last;
    if (span.last < span.first)
        span.last = span.first;
    gl_buf_printf(out, "<rect class=\"actual\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"5\"/>",
                  x_of(scale, span.first), y + 22, width_of(scale, span));
}

static void add_row(const struct gl_roadmap *roadmap, const struct scale *scale, int number,
                    struct gl_buf *out)
{
    const struct gl_roadmap_phase *phase = &roadmap->phases[number];
    int y = HEAD + number * ROW + 8;
    gl_buf_printf(out, "<text x=\"0\" y=\"%d\">%d  ", y + 13, number);
    gl_render_escaped(phase->title, out);
    gl_buf_printf(out, "</text><text class=\"soft\" x=\"16\" y=\"%d\">%zu/%zu ", y + 28,
                  phase->count.closed, phase->count.total);
    gl_render_escaped(phase->owner, out);
    gl_buf_puts(out, "</text>");
    add_plan(scale, phase, y, out);
    add_actual(roadmap, scale, phase, y, out);
}

static void add_chart(const struct gl_roadmap *roadmap, struct gl_buf *out)
{
    struct scale scale = scale_of(roadmap);
    if (scale.first == GL_NO_DAY)
        return;
    int height = HEAD + GL_PHASE_COUNT * ROW;
    gl_buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, height);
    gl_render_escaped(_("Planned and actual time of each phase"), out);
    gl_buf_puts(out, "\">");
    add_grid(&scale, out);
    for (int i = 0; i < GL_PHASE_COUNT; i++)
        add_row(roadmap, &scale, i, out);
    if (roadmap->today >= scale.first && roadmap->today <= scale.last) {
        double x = x_of(&scale, roadmap->today);
        gl_buf_printf(out, "<line class=\"today\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x,
                      x, HEAD - 14, height);
    }
    gl_buf_puts(out, "</svg>\n");
}

/* ---- the table ---------------------------------------------------------------------------------
 */

static void add_cell(struct gl_buf *out, const char *tag, const char *text)
{
    gl_buf_printf(out, "<%s>", tag);
    gl_render_escaped(text, out);
    gl_buf_printf(out, "</%s>", tag);
}

static void add_span(struct gl_buf *out, struct gl_span span)
{
    gl_autofree char *first = gl_roadmap_day(span.first);
    gl_autofree char *last = gl_roadmap_day(span.last);
    gl_autofree char *text = *first ? gl_asprintf("%s - %s", first, last) : gl_strdup("");
    add_cell(out, "td", text);
}

static void add_line(const struct gl_roadmap *roadmap, int number, struct gl_buf *out)
{
    const struct gl_roadmap_phase *phase = &roadmap->phases[number];
    int64_t late = gl_roadmap_late(roadmap, phase);
    gl_autofree char *title = gl_asprintf("%d  %s", number, phase->title);
    gl_autofree char *count = gl_asprintf("%zu/%zu", phase->count.closed, phase->count.total);
    gl_autofree char *days =
        late ? gl_asprintf(_("late by %lld days"), (long long)late) : gl_strdup("");
    gl_buf_puts(out, "<tr>");
    add_cell(out, "td", title);
    add_cell(out, "td", phase->owner);
    add_span(out, phase->plan);
    add_span(out, phase->actual);
    add_cell(out, "td", count);
    gl_buf_puts(out, "<td class=\"late\">");
    gl_render_escaped(days, out);
    gl_buf_puts(out, "</td></tr>\n");
}

static void add_table(const struct gl_roadmap *roadmap, struct gl_buf *out)
{
    const char *const heads[] = {N_("Phase"),  N_("Owner"),  N_("Planned"),
                                 N_("Actual"), N_("Closed"), ""};
    gl_buf_puts(out, "<table><tr>");
    for (size_t i = 0; i < GL_COUNT(heads); i++)
        add_cell(out, "th", *heads[i] ? _(heads[i]) : "");
    gl_buf_puts(out, "</tr>\n");
    for (int i = 0; i < GL_PHASE_COUNT; i++)
        add_line(roadmap, i, out);
    gl_buf_puts(out, "</table>\n");
}

void gl_roadmap_html(const struct gl_roadmap *roadmap, struct gl_buf *out)
{
    gl_autofree char *today = gl_roadmap_day(roadmap->today);
    gl_autofree char *title =
        gl_asprintf(_("%s, %s: roadmap on %s"), roadmap->app, roadmap->env, today);
    gl_buf_printf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                  "<meta name=\"color-scheme\" content=\"light dark\"><title>",
                  gl_i18n_language());
    gl_render_escaped(title, out);
    gl_buf_printf(out, "</title><style>%s</style></head>\n<body>\n", style);
    add_cell(out, "h1", title);
    gl_buf_puts(out, "\n");
    add_chart(roadmap, out);
    add_table(roadmap, out);
    gl_buf_puts(out, "</body>\n</html>\n");
}
