/* ADD FOREIGN KEY that is checked at once. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *key = pass->constraint;
    if (key->contype != PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN || key->skip_validation ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *parent = gl_lint_relation(key->pktable);
    struct gl_lint_finding *finding = gl_lint_report(
        pass, _("every row of %s is looked up in %s while nobody can write to either"), table,
        parent);
    gl_lint_not_valid(pass, finding);
}

const struct gl_lint_rule gl_lint_rule_add_foreign_key = {
    .about = {.id = "add-foreign-key",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a foreign key checks every row under a lock"),
              .happens = N_("Both tables refuse writes until every row of the referencing one was "
                            "looked up."),
              .lock = N_("ShareRowExclusive on both tables, for a full scan"),
              .safe =
                  N_("Add it as NOT VALID (it holds for new rows at once), and validate it in a "
                     "later file: that blocks nobody.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
