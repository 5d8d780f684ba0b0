/* AccessExclusive on several tables in one transaction. */
#include "base/i18n.h"
#include "lint/rules.h"
#include "migrate/sqltext.h"

static void check(struct gl_lint_pass *pass)
{
    const struct gl_lint_names *locked = &pass->transaction->locked;
    if (locked->count < 2)
        return;
    gl_autofree char *first = gl_strdup(locked->items[0]);
    struct gl_lint_finding *finding =
        gl_lint_report_at(pass, pass->transaction->locked_at,
                          _("%s stays locked while %zu more tables are waited for and locked"),
                          first, locked->count - 1);
    (void)finding;
}

const struct gl_lint_rule gl_lint_rule_several_tables_locked = {
    .about = {.id = "several-tables-locked",
              .severity = GL_LINT_WARNING,
              .title = N_("one transaction locks several tables"),
              .happens =
                  N_("Each further table has to be waited for while those before are locked: "
                     "the stalls add up, and two such transactions may wait for each other."),
              .lock = N_("AccessExclusive on several tables"),
              .safe = N_("One table for each file.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE_END),
    .check = check,
};
