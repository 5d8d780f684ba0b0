/* One control, fully: what it wants, what it asks, which facts it reads, what it found. */
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "control/render.h"

static const char *const origins[] = {
    [GL_CONTROL_SHIPPED] = N_("shipped"),
    [GL_CONTROL_EJECTED] = N_("ejected"),
    [GL_CONTROL_OWN] = N_("your own"),
};

static void field(struct gl_buf *out, const char *name, const char *value)
{
    gl_autofree char *shown = gl_utf8_lines(value);
    if (*shown)
        gl_buf_printf(out, "%-12s %s\n", name, shown);
}

static void list_field(struct gl_buf *out, const char *name, const struct gl_strv *list)
{
    gl_autofree char *all = gl_strv_join(list, " ");
    field(out, name, all);
}

static void head(const struct gl_check *check, const struct gl_control_result *result,
                 struct gl_buf *out)
{
    const struct gl_control *control = result->control;
    gl_autofree char *remedy = gl_check_remedy(check, control);
    gl_autofree char *title = gl_utf8_line(gl_control_title(control));
    gl_buf_printf(out, "%s  %s\n", control->id, title);
    field(out, _("status"), gl_status_label(result->status));
    field(out, _("severity"), gl_severity_words[control->severity]);
    field(out, _("judged"), gl_stage_words[control->judged]);
    field(out, _("file"), control->file);
    field(out, _("origin"), _(origins[control->origin]));
    field(out, _("remedy"), remedy);
    field(out, _("question"), gl_control_question(control));
    list_field(out, _("aliases"), &control->aliases);
    list_field(out, _("references"), &control->references);
    list_field(out, _("depends"), &control->depends);
}

static void indent(struct gl_buf *out, const char *text)
{
    gl_autofree char *shown = gl_utf8_lines(text);
    for (const char *at = shown; *at;) {
        size_t len = strcspn(at, "\n");
        gl_buf_puts(out, "    ");
        gl_buf_add(out, at, len);
        gl_buf_putc(out, '\n');
        at += len + (at[len] == '\n');
    }
}

static void rows(struct gl_buf *out, const struct gl_rule_result *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        const struct gl_finding *finding = &rule->findings[i];
        gl_autofree char *place = gl_finding_place(finding);
        gl_autofree char *what = gl_finding_text(finding);
        gl_autofree char *evidence = gl_utf8_line(finding->evidence);
        gl_autofree char *status = gl_utf8_pad(gl_status_label(finding->status), 8);
        gl_buf_printf(out, "  %s %s%s%s%s%s%s\n", status, what, *evidence ? " (" : "", evidence,
                      *evidence ? ")" : "", place ? "  " : "", place ? place : "");
    }
}

void gl_explain_text(const struct gl_check_view *view, const struct gl_control_result *result,
                     struct gl_buf *out)
{
    head(view->check, result, out);
    for (size_t i = 0; i < result->count; i++) {
        const struct gl_rule_result *rule = &result->rules[i];
        gl_autofree char *sources = gl_strv_join(&rule->rule->sources, ", ");
        gl_autofree char *reads = gl_strv_join(&rule->reads, ", ");
        gl_buf_printf(out, "\n%s  (%s)  %s, %.2f ms\n", rule->rule->name, sources,
                      gl_status_label(rule->status), (double)rule->took_us / 1000);
        indent(out, rule->rule->about);
        indent(out, rule->rule->sql);
        if (*reads)
            gl_buf_printf(out, _("  reads: %s\n"), reads);
        rows(out, rule);
    }
}
