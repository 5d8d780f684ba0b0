/* Comments that allow what a rule finds: with a reason, and only while there is something to
 * allow. */
#include <string.h>

#include "base/i18n.h"
#include "lint/engine.h"
#include "lint/rules.h"
#include "migrate/sqltext.h"

/* A comment is of the statement that it stands in or before: nothing but space and comments lies
 * between them, so the statement is the first that ends behind it. */
static bool covers(const struct gl_lint_allow *allow, const struct gl_lint_finding *finding,
                   size_t next_end)
{
    if (strcmp(allow->rule, finding->rule->id) != 0)
        return false;
    return allow->whole_file || finding->statement_end == next_end;
}

/* The end of the first statement with a finding that ends behind the comment, unless another
 * statement begins between them. */
static size_t statement_behind(const struct gl_lint_pass *pass, const struct gl_lint_allow *allow,
                               size_t first)
{
    size_t end = SIZE_MAX;
    size_t begin = SIZE_MAX;
    for (size_t i = first; i < pass->result->count; i++) {
        const struct gl_lint_finding *finding = &pass->result->findings[i];
        if (finding->statement_end > allow->at && finding->statement_end < end) {
            end = finding->statement_end;
            begin = finding->statement_begin;
        }
    }
    struct gl_sql_scanner scanner = {pass->text, pass->len, allow->at};
    struct gl_sql_token token = gl_sql_next(&scanner);
    while (token.kind == GL_SQL_COMMENT)
        token = gl_sql_next(&scanner);
    size_t next = (size_t)(token.text - pass->text);
    return begin < allow->at || next == begin ? end : SIZE_MAX;
}

static void apply(struct gl_lint_pass *pass, struct gl_lint_allow *allow, size_t first,
                  size_t count)
{
    size_t end = allow->whole_file ? 0 : statement_behind(pass, allow, first);
    for (size_t i = first; i < count; i++) {
        struct gl_lint_finding *finding = &pass->result->findings[i];
        if (finding->allowed || !covers(allow, finding, end))
            continue;
        allow->used = true;
        finding->allowed = allow->reason != NULL;
        finding->reason = finding->allowed ? gl_strdup(allow->reason) : NULL;
    }
}

static void report(struct gl_lint_pass *pass, const struct gl_lint_allow *allow)
{
    pass->rule = &gl_lint_rule_unused_allow;
    if (!gl_lint_rule_find(allow->rule)) {
        pass->rule = &gl_lint_rule_allow_comment;
        gl_lint_report_at(pass, allow->at, _("there is no rule `%s`"), allow->rule);
    } else if (!allow->reason) {
        pass->rule = &gl_lint_rule_allow_comment;
        gl_lint_report_at(pass, allow->at, _("`allow=%s` gives no reason, so it allows nothing"),
                          allow->rule);
    } else if (!allow->used) {
        gl_lint_report_at(pass, allow->at,
                          _("`allow=%s` allows nothing: the rule finds nothing "
                            "here"),
                          allow->rule);
    }
}

void gl_lint_allow_apply(struct gl_lint_pass *pass, struct gl_lint_scan *scan, size_t first)
{
    size_t count = pass->result->count;
    pass->begin = 0;
    pass->end = 0;
    for (size_t i = 0; i < scan->allow_count; i++)
        apply(pass, &scan->allows[i], first, count);
    for (size_t i = 0; i < scan->allow_count; i++)
        report(pass, &scan->allows[i]);
    if (scan->bad_comment) {
        pass->rule = &gl_lint_rule_allow_comment;
        gl_lint_report_at(pass, scan->bad_comment_at,
                          *scan->bad_comment ? _("`%s` is nothing that golive-lint understands")
                                             : _("the comment `golive-lint:` allows nothing%s"),
                          scan->bad_comment);
    }
}
