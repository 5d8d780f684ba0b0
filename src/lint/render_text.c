/* Findings for people. What a rule says about itself is said once. */
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "lint/render.h"

enum { WIDTH = 96, CARETS_MOST = 60 };

struct text_view {
    const struct gl_lint_view *view;
    struct gl_buf *out;
    struct gl_strv said; /* ids of rules that were explained */
};

static const struct {
    const char *word;
    const char *colour;
} levels[] = {
    [GL_LINT_INFO] = {N_("info"),    "\033[36m"},
    [GL_LINT_WARNING] = {N_("warning"), "\033[33m"},
    [GL_LINT_ERROR] = {N_("error"),   "\033[31m"},
};

static const char *paint(const struct text_view *text, const char *sequence)
{
    return text->view->colour ? sequence : "";
}

/* ---- wrapped texts -----------------------------------------------------------------------------
 */

/* Bytes of the next word with the spaces in front; East Asian text breaks between any characters.
 */
static size_t piece(const char *text)
{
    size_t len = strspn(text, " ");
    uint32_t c = 0;
    size_t first = gl_utf8_next(text + len, strlen(text + len), &c);
    if (gl_utf8_width(c) == 2)
        return len + first;
    while (text[len] && text[len] != ' ') {
        size_t next = gl_utf8_next(text + len, strlen(text + len), &c);
        if (gl_utf8_width(c) == 2)
            break;
        len += next;
    }
    return len;
}

/* "  lock:  text", further lines below the text. */
static void add_wrapped(struct gl_buf *out, const char *label, const char *value)
{
    gl_autofree char *padded = gl_utf8_pad(label, 7);
    int indent = 4 + gl_utf8_columns(padded) + 1;
    int column = indent;
    gl_buf_printf(out, "    %s ", padded);
    while (*value) {
        size_t len = piece(value);
        gl_autofree char *word = gl_strndup(value, len);
        int width = gl_utf8_columns(word);
        const char *shown = word;
        if (column + width > WIDTH && column > indent) {
            shown += strspn(word, " ");
            gl_buf_printf(out, "\n%*s", indent, "");
            column = indent;
        }
        gl_buf_puts(out, shown);
        column += gl_utf8_columns(shown);
        value += len;
    }
    gl_buf_putc(out, '\n');
}

static void add_lines(struct gl_buf *out, const char *label, const char *lines)
{
    gl_autofree char *padded = gl_utf8_pad(label, 7);
    int indent = 4 + gl_utf8_columns(padded) + 1;
    for (bool first = true; *lines; first = false) {
        size_t len = strcspn(lines, "\n");
        if (first)
            gl_buf_printf(out, "    %s %.*s\n", padded, (int)len, lines);
        else
            gl_buf_printf(out, "%*s%.*s\n", indent, "", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

/* ---- a finding ---------------------------------------------------------------------------------
 */

static void add_excerpt(const struct text_view *text, const struct gl_lint_finding *finding)
{
    gl_autofree char *line = gl_utf8_line(finding->excerpt);
    gl_autofree char *number = gl_asprintf("%6u", finding->line);
    size_t at = 0;
    for (unsigned i = 1; i < finding->column && line[at]; i++) {
        uint32_t c;
        at += gl_utf8_next(line + at, strlen(line + at), &c);
    }
    gl_autofree char *before = gl_strndup(line, at);
    size_t carets = finding->end - finding->begin;
    size_t rest = (size_t)gl_utf8_columns(line + at);
    carets = carets > rest ? rest : carets;
    carets = carets > CARETS_MOST ? CARETS_MOST : carets ? carets : 1;
    gl_buf_printf(text->out, "%s | %s\n       | %*s%s^", number, line, gl_utf8_columns(before), "",
                  paint(text, levels[finding->severity].colour));
    for (size_t i = 1; i < carets; i++)
        gl_buf_putc(text->out, '~');
    gl_buf_printf(text->out, "%s\n", paint(text, "\033[0m"));
}

static const char *state_of(const struct gl_lint_finding *finding)
{
    return finding->allowed   ? _("  [allowed]")
           : finding->known   ? _("  [in the baseline]")
           : finding->outside ? _("  [unchanged]")
                              : "";
}

static void add_finding(struct text_view *text, const struct gl_lint_finding *finding)
{
    const struct gl_lint_about *rule = finding->rule;
    bool explained = gl_strv_has(&text->said, rule->id);
    gl_autofree char *file = gl_utf8_line(finding->file);
    gl_autofree char *message = gl_utf8_line(finding->message);
    gl_autofree char *reason = gl_utf8_line(finding->reason);
    gl_autofree char *sql = gl_utf8_lines(finding->sql);
    gl_buf_printf(text->out, "%s:%u:%u: %s%s%s [%s] %s%s\n", file, finding->line, finding->column,
                  paint(text, levels[finding->severity].colour), _(levels[finding->severity].word),
                  paint(text, "\033[0m"), rule->id, message, state_of(finding));
    add_excerpt(text, finding);
    if (finding->allowed)
        add_wrapped(text->out, _("reason:"), reason);
    if (!explained) {
        gl_strv_add(&text->said, rule->id);
        add_wrapped(text->out, _("why:"), _(rule->happens));
        if (rule->lock)
            add_wrapped(text->out, _("lock:"), _(rule->lock));
        add_wrapped(text->out, _("safe:"), _(rule->safe));
    }
    if (finding->sql)
        add_lines(text->out, _("sql:"), sql);
    gl_buf_putc(text->out, '\n');
}

/* ---- the summary -------------------------------------------------------------------------------
 */

static size_t count_closed(const struct gl_lint_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += !gl_lint_is_open(&result->findings[i]);
    return count;
}

static void add_summary(const struct text_view *text)
{
    const struct gl_lint_result *result = text->view->result;
    size_t info = gl_lint_count(result, GL_LINT_INFO);
    size_t closed = count_closed(result);
    for (size_t i = 0; i < result->notes.count; i++) {
        gl_autofree char *note = gl_utf8_line(result->notes.items[i]);
        gl_buf_printf(text->out, "%s\n", note);
    }
    gl_buf_printf(text->out, _("%zu files, %zu statements: %zu errors, %zu warnings"),
                  result->files, result->statements, gl_lint_count(result, GL_LINT_ERROR),
                  gl_lint_count(result, GL_LINT_WARNING));
    if (info)
        gl_buf_printf(text->out,
                      text->view->verbose ? _(", %zu for information")
                                          : _(", %zu for information (--verbose)"),
                      info);
    if (closed)
        gl_buf_printf(text->out, _(", %zu allowed, known or unchanged"), closed);
    gl_buf_printf(text->out, _(" (%.0f ms)\n"), (double)text->view->took_us / 1000);
    if (result->mended)
        gl_buf_printf(text->out, _("%zu of the baseline are no longer found: write it anew\n"),
                      result->mended);
}

void gl_lint_render_text(const struct gl_lint_view *view, struct gl_buf *out)
{
    struct text_view text = {view, out, {0}};
    for (size_t i = 0; i < view->result->count; i++) {
        const struct gl_lint_finding *finding = &view->result->findings[i];
        bool shown = gl_lint_is_open(finding) && finding->severity != GL_LINT_INFO;
        if (shown || view->verbose)
            add_finding(&text, finding);
    }
    add_summary(&text);
    gl_strv_done(&text.said);
}

/* ---- rules -------------------------------------------------------------------------------------
 */

void gl_lint_explain_text(const struct gl_lint_about *rule, struct gl_buf *out)
{
    gl_buf_printf(out, "%s (%s): %s\n", rule->id, _(levels[rule->severity].word), _(rule->title));
    add_wrapped(out, _("why:"), _(rule->happens));
    if (rule->lock)
        add_wrapped(out, _("lock:"), _(rule->lock));
    add_wrapped(out, _("safe:"), _(rule->safe));
    if (rule->sized)
        gl_buf_printf(out, "    %s\n", _("On a small table (--stats, --database) it is harmless."));
    if (rule->breaks)
        gl_buf_printf(out, "    %s\n",
                      _("Right in a file with `-- golive: phase=contract`, an error with "
                        "phase=expand."));
}

void gl_lint_rules_text(struct gl_buf *out)
{
    for (size_t i = 0; i < gl_lint_rule_count(); i++) {
        const struct gl_lint_about *rule = gl_lint_rule_at(i);
        gl_autofree char *level = gl_utf8_pad(_(levels[rule->severity].word), 8);
        gl_buf_printf(out, "%-28s %s %s\n", rule->id, level, _(rule->title));
    }
}
