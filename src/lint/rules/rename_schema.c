/* RENAME of a schema. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__RenameStmt *rename = pass->statement->rename_stmt;
    if (rename->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
        gl_lint_report(pass, _("the previous version names %s, which is then %s"), rename->subname,
                       rename->newname);
}

const struct gl_lint_rule gl_lint_rule_rename_schema = {
    .about = {.id = "rename-schema",
              .severity = GL_LINT_ERROR,
              .breaks = true,
              .title = N_("a schema is renamed"),
              .happens = N_("No lock stops anybody, but every query and search_path with the old "
                            "name fails at once."),
              .safe =
                  N_("Make a new schema with views of what is in the old one, move the versions "
                     "over, then drop it.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_RENAME_STMT),
    .check = check,
};
