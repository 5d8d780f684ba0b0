/* ADD COLUMN of a serial type or as an identity. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__ColumnDef *column = pass->column;
    bool identity = gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY);
    const char *type = gl_lint_last(column->type_name->names, column->type_name->n_names);
    if ((!identity && !gl_lint_type_is_serial(type)) || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(column->colname);
    gl_lint_safe(
        gl_lint_report(pass, _("%s is numbered in every row: the table is rewritten"), name),
        "CREATE SEQUENCE %s_seq;\n"
        "ALTER TABLE %s ADD COLUMN %s bigint;\n"
        "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT nextval('%s_seq');\n"
        "-- %s\n%sUPDATE %s SET %s = nextval('%s_seq') WHERE %s IS NULL;",
        name, table, name, table, name, name, _("then, in a file of its own:"),
        gl_lint_batches(pass), table, name, name, name);
}

const struct gl_lint_rule gl_lint_rule_add_column_auto_number = {
    .about = {.id = "add-column-auto-number",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a serial or identity column rewrites the table"),
              .happens = N_("Every row that is there gets a number, so the whole table and its "
                            "indexes are written anew. Nobody can read or write the table "
                            "meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Add a plain column, give it a sequence as its default, number the rows "
                         "that are there in batches, then make it NOT NULL by a validated CHECK.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
