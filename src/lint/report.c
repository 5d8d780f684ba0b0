/* Findings: made, put in their place, sorted. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "lint/engine.h"

enum { EXCERPT_BYTES = 200 };

const char *const gl_lint_severity_words[] = {"info", "warning", "error", NULL};

void gl_lint_finding_done(struct gl_lint_finding *finding)
{
    free(finding->file);
    free(finding->excerpt);
    free(finding->message);
    free(finding->relation);
    free(finding->column_name);
    free(finding->sql);
    free(finding->reason);
    free(finding->replacement);
    free(finding->later);
    *finding = (struct gl_lint_finding){0};
}

void gl_lint_result_done(struct gl_lint_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        gl_lint_finding_done(&result->findings[i]);
    free(result->findings);
    gl_strv_done(&result->notes);
    free(result->contracts);
    *result = (struct gl_lint_result){0};
}

bool gl_lint_is_open(const struct gl_lint_finding *finding)
{
    return !finding->allowed && !finding->known && !finding->outside;
}

size_t gl_lint_count(const struct gl_lint_result *result, enum gl_lint_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += gl_lint_is_open(&result->findings[i]) && result->findings[i].severity == severity;
    return count;
}

/* ---- places ------------------------------------------------------------------------------------
 */

static size_t line_begin(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static unsigned column_of(const char *text, size_t at)
{
    unsigned column = 1;
    for (size_t i = line_begin(text, at); i < at; i++)
        column += ((unsigned char)text[i] & 0xC0) != 0x80;
    return column;
}

/* Line ends are counted once, not once for each finding. */
static unsigned line_of(struct gl_lint_pass *pass, size_t at)
{
    if (at < pass->counted) {
        pass->counted = 0;
        pass->line = 0;
    }
    for (; pass->counted < at; pass->counted++)
        pass->line += pass->text[pass->counted] == '\n';
    return pass->line + 1;
}

/* The excerpt is the line, cut where it is long. */
static void set_place(struct gl_lint_pass *pass, struct gl_lint_finding *finding)
{
    size_t begin = line_begin(pass->text, finding->begin);
    size_t len = strcspn(pass->text + begin, "\r\n");
    finding->line = line_of(pass, finding->begin);
    finding->column = column_of(pass->text, finding->begin);
    finding->end_line = finding->line;
    for (size_t i = finding->begin; i < finding->end; i++)
        finding->end_line += pass->text[i] == '\n';
    finding->end_column = column_of(pass->text, finding->end);
    len = len > EXCERPT_BYTES ? EXCERPT_BYTES : len;
    finding->excerpt =
        gl_strndup(pass->text + begin, gl_utf8_valid_prefix(pass->text + begin, len));
}

/* ---- severity ----------------------------------------------------------------------------------
 */

enum { SMALL_ROWS = 10000, SMALL_BYTES = 8 << 20 };

static void weigh(const struct gl_lint_pass *pass, struct gl_lint_finding *finding)
{
    const struct gl_lint_size *size =
        finding->relation ? gl_lint_size_of(pass->options->sizes, finding->relation) : NULL;
    if (!size || !finding->rule->sized)
        return;
    bool small = size->rows <= SMALL_ROWS && size->bytes <= SMALL_BYTES;
    char *message = gl_asprintf(_("%s (%lld rows, %.1f MiB)"), finding->message,
                                (long long)size->rows, (double)size->bytes / (1 << 20));
    free(finding->message);
    finding->message = message;
    if (small && !(finding->rule->breaks && pass->phase_declared))
        finding->severity = GL_LINT_INFO;
}

/* What breaks the previous version is right in a contract file, and wrong in an expand file. */
static void judge_phase(const struct gl_lint_pass *pass, struct gl_lint_finding *finding)
{
    if (!finding->rule->breaks || !pass->phase_declared)
        return;
    finding->severity = pass->phase == GL_PHASE_EXPAND ? GL_LINT_ERROR : GL_LINT_INFO;
}

/* ---- reporting ---------------------------------------------------------------------------------
 */

static struct gl_lint_finding *add(struct gl_lint_result *result)
{
    if ((result->count & (result->count - 1)) == 0)
        result->findings = gl_realloc_array(result->findings, result->count ? result->count * 2 : 1,
                                            sizeof *result->findings);
    return &result->findings[result->count++];
}

static struct gl_lint_finding *report(struct gl_lint_pass *pass, size_t at, char *message)
{
    struct gl_lint_finding *finding = add(pass->result);
    *finding = (struct gl_lint_finding){
        .rule = &pass->rule->about,
        .severity = pass->rule->about.severity,
        .file = gl_strdup(pass->file->path),
        .begin = at,
        .end = pass->end > at ? pass->end : at,
        .message = message,
        .phase = pass->phase,
        .outside = pass->file->outside,
        .nested = pass->nested,
        .statement_begin = pass->nested ? pass->outer_begin : pass->begin,
        .statement_end = pass->nested ? pass->outer_end : pass->end,
    };
    if (pass->relation)
        finding->relation = gl_strdup(gl_lint_key_of(pass->state, pass->relation));
    if (pass->command)
        finding->column_name = gl_strdup(pass->command->name);
    set_place(pass, finding);
    judge_phase(pass, finding);
    weigh(pass, finding);
    return finding;
}

struct gl_lint_finding *gl_lint_report(struct gl_lint_pass *pass, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *message = gl_vasprintf(fmt, args);
    va_end(args);
    return report(pass, gl_lint_command_at(pass), message);
}

struct gl_lint_finding *gl_lint_report_at(struct gl_lint_pass *pass, size_t at, const char *fmt,
                                          ...)
{
    va_list args;
    va_start(args, fmt);
    char *message = gl_vasprintf(fmt, args);
    va_end(args);
    return report(pass, at, message);
}

void gl_lint_safe(struct gl_lint_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    free(finding->sql);
    finding->sql = gl_vasprintf(fmt, args);
    va_end(args);
}
