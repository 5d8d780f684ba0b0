/* DROP VIEW, FUNCTION, TYPE and other things that queries name. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    PgQuery__ObjectType type = pass->statement->drop_stmt->remove_type;
    const char *reason = gl_lint_breaks(pass);
    if (!reason || type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
        type == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE ||
        type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
        return;
    gl_lint_report(pass, _("the statement %s that the previous version may use"), reason);
}

const struct gl_lint_rule gl_lint_rule_drop_object = {
    .about = {.id = "drop-object",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("something that queries name is dropped"),
              .happens =
                  N_("Queries of the previous version that name it fail at once. Dropped and "
                     "made again in the same file it is a replacement and not reported."),
              .lock = N_("AccessExclusive on it; of a trigger or policy, on its table"),
              .safe = N_("Release a version that no longer uses it, and drop it one release later "
                         "in a file with `-- golive: phase=contract`.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_DROP_STMT),
    .check = check,
};
