/* BEGIN, COMMIT and the like in a migration. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    PgQuery__TransactionStmtKind kind = pass->statement->transaction_stmt->kind;
    if (kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT ||
        kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE ||
        kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO)
        return;
    gl_lint_report(pass, _("the file runs in a transaction already, which this would end or nest"));
}

const struct gl_lint_rule gl_lint_rule_transaction_control = {
    .about = {.id = "transaction-control",
              .severity = GL_LINT_ERROR,
              .title = N_("BEGIN or COMMIT in a migration"),
              .happens =
                  N_("A COMMIT ends the runner's transaction: what comes behind it is no "
                     "longer all or nothing, and the record of the migration may be missing. "
                     "golive migrate up refuses the file."),
              .safe = N_("Leave it out: the runner begins and commits. What must not be "
                         "in a transaction goes into a no-transaction file.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_TRANSACTION_STMT),
    .check = check,
};
