/* ADD CHECK that is tested at once. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *constraint = pass->constraint;
    if (constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_CHECK || constraint->skip_validation ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    struct gl_lint_finding *finding = gl_lint_report(
        pass, _("every row of %s is tested while nobody can read or write it"), table);
    gl_lint_not_valid(pass, finding);
}

const struct gl_lint_rule gl_lint_rule_add_check = {
    .about = {.id = "add-check",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a CHECK tests every row under a lock"),
              .happens = N_("The table is read from end to end. Nobody can read or write it "
                            "meanwhile."),
              .lock = N_("AccessExclusive on the table, for a full scan"),
              .safe =
                  N_("Add it as NOT VALID (it holds for new rows at once), and validate it in a "
                     "later file: that blocks nobody.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
