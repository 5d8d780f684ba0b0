/* Findings as annotations of a pull request. */
#include <string.h>

#include "base/i18n.h"
#include "lint/render.h"

static const char *const commands[] = {
    [GL_LINT_INFO] = "notice",
    [GL_LINT_WARNING] = "warning",
    [GL_LINT_ERROR] = "error",
};

/* What ends a value has to be written otherwise; `property`: so has what separates properties. */
static void add_escaped(struct gl_buf *out, const char *text, bool property)
{
    for (; *text; text++) {
        bool ends = *text == '%' || *text == '\r' || *text == '\n' ||
                    (property && (*text == ':' || *text == ','));
        if (ends)
            gl_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            gl_buf_putc(out, *text);
    }
}

static void add_finding(struct gl_buf *out, const struct gl_lint_finding *finding)
{
    gl_autofree char *message =
        gl_asprintf("%s\n%s%s%s", finding->message, _(finding->rule->safe),
                    finding->sql ? "\n\n" : "", finding->sql ? finding->sql : "");
    gl_buf_printf(out, "::%s file=", commands[finding->severity]);
    add_escaped(out, finding->file, true);
    gl_buf_printf(out, ",line=%u,col=%u,endLine=%u,title=", finding->line, finding->column,
                  finding->end_line);
    add_escaped(out, finding->rule->id, true);
    gl_buf_puts(out, "::");
    add_escaped(out, message, false);
    gl_buf_putc(out, '\n');
}

/* GitHub shows ten of a kind for each step: information would hide what matters. */
void gl_lint_render_github(const struct gl_lint_view *view, struct gl_buf *out)
{
    for (size_t i = 0; i < view->result->count; i++) {
        const struct gl_lint_finding *finding = &view->result->findings[i];
        if (gl_lint_is_open(finding) && (finding->severity != GL_LINT_INFO || view->verbose))
            add_finding(out, finding);
    }
}
