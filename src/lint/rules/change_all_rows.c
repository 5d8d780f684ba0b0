/* UPDATE or DELETE without WHERE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    bool update = pass->statement->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT;
    const PgQuery__Node *where = update ? pass->statement->update_stmt->where_clause
                                        : pass->statement->delete_stmt->where_clause;
    if (where || pass->batched || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *statement = gl_lint_source(pass);
    gl_lint_safe(gl_lint_report(pass,
                                update ? _("every row of %s is written anew and locked for it")
                                       : _("every row of %s is deleted"),
                                table),
                 "%s%s;", gl_lint_batches(pass), statement);
}

const struct gl_lint_rule gl_lint_rule_change_all_rows = {
    .about = {.id = "change-all-rows",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("all rows are changed in one transaction"),
              .happens =
                  N_("Every row stays locked to the end of the transaction, the table doubles "
                     "in size, replicas fall behind, and what fails at the end is all in "
                     "vain."),
              .lock = N_("RowExclusive on the table, and every row"),
              .safe = N_("In batches of some thousand rows (golive migrate new "
                         "--batched), in a file of its own.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_UPDATE_STMT, PG_QUERY__NODE__NODE_DELETE_STMT),
    .check = check,
};
