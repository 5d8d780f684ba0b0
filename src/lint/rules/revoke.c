/* REVOKE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_breaks(pass))
        gl_lint_report(pass, _("the previous version fails if its role needs the right"));
}

const struct gl_lint_rule gl_lint_rule_revoke = {
    .about = {.id = "revoke",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("a right is taken away"),
              .happens = N_("No table is locked, but queries of a role that still needs the right "
                            "fail at once."),
              .safe = N_("Release a version that no longer needs it, and revoke it one release "
                         "later in a file with `-- golive: phase=contract`.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_GRANT_STMT),
    .check = check,
};
