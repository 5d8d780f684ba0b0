/* ENABLE ROW LEVEL SECURITY. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_lint_report(pass, _("whoever does not own %s sees only rows that a policy shows"), table);
}

const struct gl_lint_rule gl_lint_rule_enable_row_security = {
    .about = {.id = "enable-row-security",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("row security hides rows from the previous version"),
              .happens =
                  N_("Without a policy that shows them, all rows are gone for every role but "
                     "the owner, and writes are refused. The previous version does not set "
                     "what policies ask for."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe =
                  N_("Make the policies first (they do nothing yet), release a version that sets "
                     "what they ask for, and enable row security one release later in a file "
                     "with `-- golive: phase=contract`.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity),
    .check = check,
};
