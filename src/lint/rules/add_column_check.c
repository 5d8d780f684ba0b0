/* ADD COLUMN ... CHECK. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_CHECK) ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->column->colname);
    gl_lint_safe(
        gl_lint_report(pass, _("the CHECK of %s is tested for every row under a lock"), name),
        "ALTER TABLE %s ADD COLUMN %s <type>;\n"
        "ALTER TABLE %s ADD CONSTRAINT %s_%s_check CHECK (...) NOT VALID;\n"
        "-- %s\n"
        "ALTER TABLE %s VALIDATE CONSTRAINT %s_%s_check;",
        table, name, table, pass->relation->relname, name, _("then, in a file of its own:"), table,
        pass->relation->relname, name);
}

const struct gl_lint_rule gl_lint_rule_add_column_check = {
    .about = {.id = "add-column-check",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a column with a CHECK reads the whole table"),
              .happens = N_("PostgreSQL tests every row, although all have the same value. Nobody "
                            "can read or write the table meanwhile."),
              .lock = N_("AccessExclusive on the table, for a full scan"),
              .safe = N_("Add the column, then the CHECK as NOT VALID, and validate it in a later "
                         "file.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
