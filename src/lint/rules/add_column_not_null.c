/* ADD COLUMN ... NOT NULL without a value for the rows that are there. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) ||
        gl_lint_has_value(pass->column) || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->column->colname);
    gl_lint_safe(gl_lint_report(pass,
                                _("%s has no value for the rows that are there, nor for what "
                                  "the previous version writes"),
                                name),
                 "ALTER TABLE %s ADD COLUMN %s <type> NOT NULL DEFAULT <constant>;\n"
                 "-- %s\n"
                 "ALTER TABLE %s ADD COLUMN %s <type>;\n"
                 "%sUPDATE %s SET %s = <value> WHERE %s IS NULL;\n"
                 "ALTER TABLE %s ADD CONSTRAINT %s_not_null CHECK (%s IS NOT NULL) NOT VALID;\n"
                 "ALTER TABLE %s VALIDATE CONSTRAINT %s_not_null;\n"
                 "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;",
                 table, name, _("or, each in a file of its own:"), table, name,
                 gl_lint_batches(pass), table, name, name, table, name, name, table, name, table,
                 name);
}

const struct gl_lint_rule gl_lint_rule_add_column_not_null = {
    .about = {.id = "add-column-not-null",
              .severity = GL_LINT_ERROR,
              .title = N_("a required column without a default"),
              .happens = N_("The statement fails if the table has a row. If it has none, the "
                            "previous version's INSERTs fail from then on: they do not name the "
                            "column."),
              .lock = N_("AccessExclusive on the table"),
              .safe = N_("Give it a constant default, which costs nothing since PostgreSQL 11; or "
                         "add it nullable, fill it in batches, prove it by a validated CHECK, then "
                         "SET NOT NULL.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
