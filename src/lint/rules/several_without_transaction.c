/* Two statements in a no-transaction file. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!pass->no_transaction || pass->statements != 2)
        return;
    struct gl_lint_finding *finding = gl_lint_report_at(
        pass, pass->begin, _("a second statement in a file without a transaction"));
    finding->fix = GL_LINT_FIX_SPLIT;
}

const struct gl_lint_rule gl_lint_rule_several_without_transaction = {
    .about = {.id = "several-without-transaction",
              .severity = GL_LINT_ERROR,
              .title = N_("several statements in a no-transaction file"),
              .happens =
                  N_("PostgreSQL runs several statements that are sent together in a "
                     "transaction of their own, so CONCURRENTLY is refused; and what fails in "
                     "the middle is half applied. golive migrate up refuses the file."),
              .safe = N_("One statement for each no-transaction file.")},
    .on = GL_LINT_LIST(GL_LINT_ON_STATEMENT),
    .check = check,
};
