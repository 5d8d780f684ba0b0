/* VACUUM FULL. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__VacuumStmt *vacuum = pass->statement->vacuum_stmt;
    if (vacuum->is_vacuumcmd && gl_lint_option(vacuum->options, vacuum->n_options, "full"))
        gl_lint_report(pass, _("the table is rewritten"));
}

const struct gl_lint_rule gl_lint_rule_vacuum_full = {
    .about = {.id = "vacuum-full",
              .severity = GL_LINT_ERROR,
              .title = N_("VACUUM FULL rewrites the table"),
              .happens =
                  N_("The table and its indexes are written anew. Nobody can read or write it "
                     "meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Plain VACUUM, or pg_repack while the table is in use.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_VACUUM_STMT),
    .check = check,
};
