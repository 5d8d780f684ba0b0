/* ADD COLUMN ... UNIQUE or PRIMARY KEY. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    bool primary =
        gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) != NULL;
    if ((!primary &&
         !gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE)) ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->column->colname);
    const char *kind = primary ? "PRIMARY KEY" : "UNIQUE";
    gl_lint_safe(
        gl_lint_report(pass, _("the index of %s is built while the table is locked"), name),
        "ALTER TABLE %s ADD COLUMN %s <type>;\n"
        "-- %s\n"
        "%sCREATE UNIQUE INDEX CONCURRENTLY %s_%s_key ON %s (%s);\n"
        "-- %s\n"
        "ALTER TABLE %s ADD CONSTRAINT %s_%s_key %s USING INDEX %s_%s_key;",
        table, name, _("then, in a file of its own:"), gl_lint_alone_mark(pass),
        pass->relation->relname, name, table, name, _("then, in a file of its own:"), table,
        pass->relation->relname, name, kind, pass->relation->relname, name);
}

const struct gl_lint_rule gl_lint_rule_add_column_unique = {
    .about = {.id = "add-column-unique",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a unique column builds its index under a lock"),
              .happens = N_("The table is read from end to end to build the index. Nobody can read "
                            "or write the table meanwhile."),
              .lock = N_("AccessExclusive on the table, for an index build"),
              .safe = N_("Add the column, build a unique index CONCURRENTLY, then make it a "
                         "constraint with USING INDEX.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
