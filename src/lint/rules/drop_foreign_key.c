/* DROP CONSTRAINT of a foreign key. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const struct gl_lint_constraint *constraint =
        gl_lint_constraint_of(pass->table, pass->command->name);
    if (!constraint || constraint->kind != PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_lint_report(pass, _("%s is locked, too, until the transaction ends"), constraint->parent);
}

const struct gl_lint_rule gl_lint_rule_drop_foreign_key = {
    .about = {.id = "drop-foreign-key",
              .severity = GL_LINT_INFO,
              .title = N_("dropping a foreign key locks both tables"),
              .happens =
                  N_("Nothing is read or written, but readers and writers of both tables wait "
                     "until the transaction ends."),
              .lock = N_("AccessExclusive on both tables, for a moment"),
              .safe = N_("Alone in a file: golive migrate up sets lock_timeout and tries again.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint),
    .check = check,
};
