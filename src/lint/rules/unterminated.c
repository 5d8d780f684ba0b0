/* A string or comment that the file ends in. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->scan->has_unterminated)
        gl_lint_report_at(pass, pass->scan->unterminated,
                          _("a string, name or comment begins here and does not end"));
}

const struct gl_lint_rule gl_lint_rule_unterminated = {
    .about = {.id = "unterminated",
              .severity = GL_LINT_ERROR,
              .title = N_("a string or comment does not end"),
              .happens = N_("Everything behind it is a part of it, and PostgreSQL answers with a "
                            "syntax error at the end of the file."),
              .safe = N_("Close it.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
