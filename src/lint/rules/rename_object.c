/* RENAME of a sequence, function, type or attribute. */
#include "base/i18n.h"
#include "lint/rules.h"

static bool has_a_rule(PgQuery__ObjectType type)
{
    return type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA;
}

static void check(struct gl_lint_pass *pass)
{
    const char *reason = gl_lint_breaks(pass);
    if (reason && !has_a_rule(pass->statement->rename_stmt->rename_type))
        gl_lint_report(pass, _("the statement %s that the previous version may use"), reason);
}

const struct gl_lint_rule gl_lint_rule_rename_object = {
    .about = {.id = "rename-object",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("something that queries name is renamed"),
              .happens = N_("Queries of the previous version that name it fail at once. Columns "
                            "whose type or default it is go on working."),
              .lock = N_("AccessExclusive on it, for a moment"),
              .safe = N_("Make a second one of the new name, move the versions over, and drop the "
                         "old one a release later.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_RENAME_STMT),
    .check = check,
};
