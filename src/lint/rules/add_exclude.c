/* ADD EXCLUDE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_lint_report(pass, _("the index of the exclusion is built while %s is locked"), table);
}

const struct gl_lint_rule gl_lint_rule_add_exclude = {
    .about = {.id = "add-exclude",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("an exclusion constraint builds its index under a lock"),
              .happens = N_("The table is read from end to end, and PostgreSQL has no concurrent "
                            "way. Nobody can read or write it meanwhile."),
              .lock = N_("AccessExclusive on the table, for an index build"),
              .safe = N_("Make a new table with the constraint, copy the rows in batches while a "
                         "trigger keeps it up to date, then switch to it.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
