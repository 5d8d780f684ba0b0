/* TRUNCATE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TruncateStmt *statement = pass->statement->truncate_stmt;
    bool cascade = statement->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    if (gl_lint_breaks(pass))
        gl_lint_report(pass, cascade ? _("all rows are lost, also of every table that refers to it")
                                     : _("all rows are lost"));
}

const struct gl_lint_rule gl_lint_rule_truncate_table = {
    .about = {.id = "truncate",
              .severity = GL_LINT_ERROR,
              .breaks = true,
              .title = N_("a table is emptied"),
              .happens =
                  N_("All rows are gone, for the previous version, too; with CASCADE also "
                     "those of every table that refers to it. A rollback does not bring them "
                     "back."),
              .lock =
                  N_("AccessExclusive on the table, and with CASCADE on those that refer to it"),
              .safe = N_("Delete in batches of some thousand rows what nobody needs "
                         "(golive migrate new --batched), in a file of its own.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_TRUNCATE_STMT),
    .check = check,
};
