/* ADD COLUMN whose default gives every row another value. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *given =
        gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT);
    bool known = false;
    const char *function = given ? gl_lint_volatile(pass, given->raw_expr, &known) : NULL;
    if (!function || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *column = gl_lint_quote(pass->column->colname);
    struct gl_lint_finding *finding = gl_lint_report(
        pass,
        known
            ? _("the default of %s calls %s(), which differs in every row: the table is rewritten")
            : _("the default of %s calls %s(), which rewrites the table unless it is declared "
                "STABLE or IMMUTABLE"),
        column, function);
    if (!known)
        finding->severity = GL_LINT_WARNING;
    gl_lint_safe(finding,
                 "ALTER TABLE %s ADD COLUMN %s <type>;\n"
                 "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s();\n"
                 "-- %s\n%sUPDATE %s SET %s = DEFAULT WHERE %s IS NULL;",
                 table, column, table, column, function, _("then, in a file of its own:"),
                 gl_lint_batches(pass), table, column, column);
}

const struct gl_lint_rule gl_lint_rule_add_column_volatile_default = {
    .about = {.id = "add-column-volatile-default",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a column with a volatile default rewrites the table"),
              .happens = N_("PostgreSQL computes the default for each row that is there and writes "
                            "the whole table and its indexes anew. Nobody can read or write the "
                            "table meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Add the column without a default, set the default (it is for new rows "
                         "only), then fill the rows that are there in batches.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
