/* A file that says it expands holds something that breaks the previous version. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!pass->phase_declared || pass->phase != GL_PHASE_EXPAND)
        return;
    const char *reason = gl_lint_breaks(pass);
    if (reason)
        gl_lint_report_at(pass, pass->begin, _("the file says phase=expand, but the statement %s"),
                          reason);
}

const struct gl_lint_rule gl_lint_rule_expand_breaks = {
    .about = {.id = "expand-breaks",
              .severity = GL_LINT_ERROR,
              .title = N_("an expand file breaks the previous version"),
              .happens = N_("Expand files run while the previous version serves, and a rollback "
                            "brings it back to the changed schema. It would fail."),
              .safe = N_("Move the statement into a file with `-- golive: phase=contract`, which "
                         "runs one release later.")},
    .on = GL_LINT_LIST(GL_LINT_ON_STATEMENT),
    .check = check,
};
