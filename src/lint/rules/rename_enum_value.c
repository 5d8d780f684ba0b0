/* ALTER TYPE ... RENAME VALUE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__AlterEnumStmt *statement = pass->statement->alter_enum_stmt;
    if (*statement->old_val)
        gl_lint_report(pass, _("the previous version writes and expects '%s', which is then '%s'"),
                       statement->old_val, statement->new_val);
}

const struct gl_lint_rule gl_lint_rule_rename_enum_value = {
    .about = {.id = "rename-enum-value",
              .severity = GL_LINT_ERROR,
              .breaks = true,
              .title = N_("a value of an enum is renamed"),
              .happens =
                  N_("No table is locked, but the previous version writes a value that is no "
                     "longer one, and reads one that it does not know."),
              .safe =
                  N_("Add the new value, write it, change the rows in batches, and leave the old "
                     "value unused.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_ALTER_ENUM_STMT),
    .check = check,
};
