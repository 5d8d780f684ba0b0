/* A check as one page of HTML that needs nothing else and prints well. Its frame is
 * templates/check.html; what is filled in is escaped here. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "control/render.h"

static const unsigned char frame[] = {
#include "control/check.html.inc"
    , '\0'};

static void element(struct gl_buf *out, const char *tag, const char *class, const char *text)
{
    gl_buf_printf(out, "<%s class=\"%s\">", tag, class);
    gl_render_escaped(text, out);
    gl_buf_printf(out, "</%s>", tag);
}

/* ---- the summary -------------------------------------------------------------------------------
 */

static void add_title(const struct gl_check_view *view, struct gl_buf *out)
{
    gl_autofree char *title =
        gl_asprintf(_("%s, %s: golive check"), view->check->app, view->check->env);
    gl_render_escaped(title, out);
}

static void add_language(const struct gl_check_view *view, struct gl_buf *out)
{
    (void)view;
    gl_buf_puts(out, gl_i18n_language());
}

static void add_about(const struct gl_check_view *view, struct gl_buf *out)
{
    const struct gl_check *check = view->check;
    gl_autofree char *took = gl_format_duration((double)view->took_us / 1000);
    gl_autofree char *about =
        gl_asprintf(ngettext("%s, stage %s, %zu control, golive %s, %s",
                             "%s, stage %s, %zu controls, golive %s, %s", check->count),
                    check->today, gl_stage_words[check->stage], check->count, GL_VERSION, took);
    gl_render_escaped(about, out);
}

/* What could not be judged blocks, too. */
static void add_errors(const struct gl_problems *problems, struct gl_buf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct gl_error *problem = &problems->items[i];
        gl_autofree char *place =
            problem->file ? gl_asprintf("%s:%u: ", problem->file, problem->line) : gl_strdup("");
        gl_autofree char *text = gl_asprintf("%s%s", place, problem->message);
        element(out, "p", "verdict fail", text);
    }
}

/* What blocks, first of all; each leads to its place below. */
static void add_blocking(const struct gl_check *check, struct gl_buf *out)
{
    gl_buf_puts(out, "<ul class=\"blocking\">\n");
    for (size_t i = 0; i < check->count; i++) {
        const struct gl_control *control = check->items[i].control;
        enum gl_status status = check->items[i].status;
        if (!check->items[i].blocks)
            continue;
        gl_buf_puts(out, "<li>");
        element(out, "span", gl_status_words[status], gl_status_label(status));
        gl_buf_puts(out, " <a href=\"#c-");
        gl_render_escaped(control->id, out);
        gl_buf_puts(out, "\">");
        gl_render_escaped(control->id, out);
        gl_buf_putc(out, ' ');
        gl_render_escaped(gl_control_title(control), out);
        gl_buf_puts(out, "</a> ");
        element(out, "span", "severity", gl_severity_words[control->severity]);
        gl_buf_puts(out, "</li>\n");
    }
    gl_buf_puts(out, "</ul>\n");
}

static void add_verdict(const struct gl_check_view *view, struct gl_buf *out)
{
    const struct gl_check_counts *counts = &view->check->counts;
    gl_autofree char *text =
        counts->blocking
            ? gl_asprintf(ngettext("%zu control blocks, %zu critical",
                                   "%zu controls block, %zu of them critical", counts->blocking),
                          counts->blocking, counts->critical)
            : gl_asprintf(_("Nothing blocks the stage `%s`."), gl_stage_words[view->check->stage]);
    if (counts->blocking || view->check->errors == 0)
        element(out, "p", counts->blocking ? "verdict fail" : "verdict pass", text);
    if (counts->blocking)
        add_blocking(view->check, out);
    add_errors(view->problems, out);
    add_errors(&view->check->broken, out);
}

static void add_counts(const struct gl_check_view *view, struct gl_buf *out)
{
    for (int status = GL_STATUS_COUNT - 1; status >= 0; status--) {
        gl_buf_printf(out, "<span class=\"count %s\">%zu ", gl_status_words[status],
                      view->check->counts.status[status]);
        gl_render_escaped(gl_status_label((enum gl_status)status), out);
        gl_buf_puts(out, "</span> ");
    }
}

static void add_phases(const struct gl_check_view *view, struct gl_buf *out)
{
    for (int phase = 0; phase < GL_PHASE_COUNT; phase++) {
        struct gl_phase_count count = gl_check_phase(view->check, phase);
        gl_autofree char *name = gl_asprintf(_("Phase %d"), phase);
        gl_buf_puts(out, "<tr><th scope=\"row\">");
        gl_render_escaped(name, out);
        gl_buf_printf(out,
                      "</th><td><progress max=\"%zu\" value=\"%zu\"></progress></td>"
                      "<td>%zu/%zu</td></tr>\n",
                      count.total ? count.total : 1, count.closed, count.closed, count.total);
    }
}

/* ---- controls ----------------------------------------------------------------------------------
 */

static const char *note_of(const struct gl_finding *finding)
{
    return finding->known     ? _("in the baseline")
           : finding->waived  ? _("waived")
           : finding->outside ? _("unchanged")
                              : "";
}

static void finding_row(const struct gl_finding *finding, struct gl_buf *out)
{
    gl_autofree char *place = gl_finding_place(finding);
    gl_autofree char *resource = gl_utf8_line(finding->resource);
    gl_autofree char *reason = gl_utf8_line(finding->reason);
    gl_buf_puts(out, "<tr>");
    element(out, "td", gl_status_words[finding->status], gl_status_label(finding->status));
    element(out, "td", "resource", resource);
    element(out, "td", "reason", reason);
    element(out, "td", "place", place);
    element(out, "td", "note", note_of(finding));
    gl_buf_puts(out, "</tr>\n");
}

static void findings(const struct gl_control_result *result, struct gl_buf *out)
{
    gl_buf_puts(out, "<table class=\"findings\">\n");
    for (size_t i = 0; i < result->count; i++) {
        for (size_t k = 0; k < result->rules[i].count; k++)
            finding_row(&result->rules[i].findings[k], out);
    }
    gl_buf_puts(out, "</table>\n");
}

static void control_block(const struct gl_check *check, const struct gl_control_result *result,
                          struct gl_buf *out)
{
    const struct gl_control *control = result->control;
    gl_autofree char *remedy = gl_check_remedy(check, control);
    bool open = result->blocks || result->status == GL_STATUS_FAIL;
    gl_buf_printf(out, "<details%s id=\"c-", open ? " open" : "");
    gl_render_escaped(control->id, out);
    gl_buf_puts(out, "\"><summary>");
    element(out, "span", gl_status_words[result->status], gl_status_label(result->status));
    element(out, "b", "id", control->id);
    element(out, "span", "title", gl_control_title(control));
    element(out, "span", "severity", gl_severity_words[control->severity]);
    if (result->blocks)
        element(out, "span", "blocks", _("blocks"));
    gl_buf_puts(out, "</summary>\n");
    findings(result, out);
    if (remedy && result->status == GL_STATUS_FAIL)
        element(out, "p", "remedy", remedy);
    gl_buf_puts(out, "</details>\n");
}

static void add_controls(const struct gl_check_view *view, struct gl_buf *out)
{
    const struct gl_section *last = NULL;
    for (size_t i = 0; i < view->check->count; i++) {
        const struct gl_control_result *result = &view->check->items[i];
        const struct gl_section *section = gl_control_section(result->control->id);
        if (section != last) {
            gl_autofree char *heading = gl_asprintf("%s%s%s", section->id, *section->id ? " " : "",
                                                    gl_section_title(section));
            element(out, "h2", "section", heading);
            gl_buf_putc(out, '\n');
        }
        last = section;
        control_block(view->check, result, out);
    }
}

static void add_waivers(const struct gl_check_view *view, struct gl_buf *out)
{
    const struct gl_check *check = view->check;
    if (check->waiver_count == 0)
        return;
    element(out, "h2", "section", _("Waivers"));
    gl_buf_puts(out, "<table class=\"findings\">\n");
    for (size_t i = 0; i < check->waiver_count; i++) {
        const struct gl_waiver *waiver = &check->waivers[i];
        gl_buf_puts(out, "<tr>");
        element(out, "td", "id", waiver->control);
        element(out, "td", "resource", waiver->resource);
        element(out, "td", "reason", waiver->reason);
        element(out, "td", "place", waiver->expires);
        element(out, "td", waiver->flaw ? "fail" : "note", waiver->flaw);
        gl_buf_puts(out, "</tr>\n");
    }
    gl_buf_puts(out, "</table>\n");
}

/* ---- the frame ---------------------------------------------------------------------------------
 */

static const struct {
    const char *hole; /* {{NAME}} of the frame */
    void (*fill)(const struct gl_check_view *view, struct gl_buf *out);
} holes[] = {
    {"language", add_language},
    {"title",    add_title   },
    {"about",    add_about   },
    {"verdict",  add_verdict },
    {"counts",   add_counts  },
    {"phases",   add_phases  },
    {"controls", add_controls},
    {"waivers",  add_waivers },
};

static void fill(const struct gl_check_view *view, const char *name, size_t len, struct gl_buf *out)
{
    for (size_t i = 0; i < GL_COUNT(holes); i++) {
        if (strlen(holes[i].hole) == len && strncmp(holes[i].hole, name, len) == 0)
            holes[i].fill(view, out);
    }
}

void gl_check_html(const struct gl_check_view *view, struct gl_buf *out)
{
    const char *at = (const char *)frame;
    const char *open;
    while ((open = strstr(at, "{{"))) {
        const char *close = strstr(open, "}}");
        if (!close)
            break;
        gl_buf_add(out, at, (size_t)(open - at));
        fill(view, open + 2, (size_t)(close - open - 2), out);
        at = close + 2;
    }
    gl_buf_puts(out, at);
}
