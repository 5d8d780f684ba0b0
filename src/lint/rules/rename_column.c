/* RENAME COLUMN. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__RenameStmt *rename = pass->statement->rename_stmt;
    if (rename->rename_type != PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN ||
        gl_lint_is_own(pass, rename->relation))
        return;
    gl_autofree char *table = gl_lint_relation(rename->relation);
    gl_autofree char *from = gl_lint_quote(rename->subname);
    gl_autofree char *to = gl_lint_quote(rename->newname);
    gl_lint_safe(gl_lint_report(pass,
                                _("at this instant one of two versions names a column that is "
                                  "not there: %s or %s"),
                                from, to),
                 "ALTER TABLE %s ADD COLUMN %s <type>;\n"
                 "-- %s\n%sUPDATE %s SET %s = %s WHERE %s IS DISTINCT FROM %s;",
                 table, to, _("let a trigger keep both equal, then, in a file of its own:"),
                 gl_lint_batches(pass), table, to, from, to, from);
}

const struct gl_lint_rule gl_lint_rule_rename_column = {
    .about = {.id = "rename-column",
              .severity = GL_LINT_ERROR,
              .breaks = true,
              .title = N_("a column is renamed"),
              .happens =
                  N_("There is no instant at which both versions work: the previous one needs "
                     "the old name, the next one the new name."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe =
                  N_("Add a column of the new name, write both, copy in batches, read the new "
                     "one, drop the old one a release later. Or keep the name and rename in the "
                     "application only.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_RENAME_STMT),
    .check = check,
};
