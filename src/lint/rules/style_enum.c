/* CREATE TYPE ... AS ENUM. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__CreateEnumStmt *create = pass->statement->create_enum_stmt;
    gl_lint_report(pass, _("values of %s can be added and renamed, never removed"),
                   gl_lint_last(create->type_name, create->n_type_name));
}

const struct gl_lint_rule gl_lint_rule_style_enum = {
    .about = {.id = "style-enum",
              .severity = GL_LINT_INFO,
              .title = N_("values of an enum cannot be removed"),
              .happens =
                  N_("A value that is no longer wanted stays, or the type of every column is "
                     "changed, which rewrites the tables."),
              .safe = N_("text with a CHECK, or a table of the values with a foreign key.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CREATE_ENUM_STMT),
    .check = check,
};
