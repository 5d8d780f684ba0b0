/* ADD COLUMN ... GENERATED ALWAYS AS (...) STORED. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED) ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->column->colname);
    gl_lint_safe(
        gl_lint_report(pass, _("%s is computed for every row: the table is rewritten"), name),
        "ALTER TABLE %s ADD COLUMN %s <type>;\n"
        "CREATE TRIGGER %s BEFORE INSERT OR UPDATE ON %s\n"
        "    FOR EACH ROW EXECUTE FUNCTION <function that sets NEW.%s>();\n"
        "-- %s\n%sUPDATE %s SET %s = <expression> WHERE %s IS NULL;",
        table, name, name, table, name, _("then, in a file of its own:"), gl_lint_batches(pass),
        table, name, name);
}

const struct gl_lint_rule gl_lint_rule_add_column_generated = {
    .about = {.id = "add-column-generated",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a stored generated column rewrites the table"),
              .happens =
                  N_("The value is computed and stored for each row that is there: the whole "
                     "table and its indexes are written anew. Nobody can read or write the "
                     "table meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Add a plain column, fill it by a trigger for new rows and in batches for "
                         "those that are there. From PostgreSQL 18 on, a VIRTUAL column costs "
                         "nothing.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
