/* CRLF line ends. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    size_t at = pass->scan->carriage_return;
    if (!pass->scan->has_carriage_return)
        return;
    if (pass->text[at + 1] == '\n')
        gl_lint_report_at(pass, at,
                          _("the file has CRLF line ends, which another checkout may have as LF"));
    else
        gl_lint_report_at(pass, at,
                          _("a carriage return stands here alone: PostgreSQL ends a comment at it, "
                            "and editors show one line"));
}

const struct gl_lint_rule gl_lint_rule_carriage_return = {
    .about = {.id = "carriage-return",
              .severity = GL_LINT_WARNING,
              .title = N_("line ends that differ between checkouts change the checksum"),
              .happens = N_("golive and sqlx compare the SHA-384 of the file's bytes with what was "
                            "applied. Git may give CRLF on one machine and LF on another: then the "
                            "migration counts as edited, and nothing runs any more."),
              .safe = N_("LF, and `*.sql text eol=lf` in .gitattributes.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
