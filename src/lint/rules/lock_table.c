/* LOCK TABLE. */
#include "base/i18n.h"
#include "lint/rules.h"

enum { ACCESS_SHARE = 1, ROW_SHARE = 2, ROW_EXCLUSIVE = 3, SHARE_UPDATE_EXCLUSIVE = 4 };

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__LockStmt *lock = pass->statement->lock_stmt;
    bool own = true;
    for (size_t i = 0; i < lock->n_relations; i++)
        own &= gl_lint_is_own(pass, lock->relations[i]->range_var);
    if (!own && lock->mode > SHARE_UPDATE_EXCLUSIVE)
        gl_lint_report(pass, _("others wait until the transaction ends"));
}

const struct gl_lint_rule gl_lint_rule_lock_table = {
    .about = {.id = "lock-table",
              .severity = GL_LINT_ERROR,
              .title = N_("LOCK TABLE stops others"),
              .happens = N_("The lock is held to the end of the transaction. In its default mode "
                            "nobody can read or write the table meanwhile."),
              .lock = N_("AccessExclusive on the table, or the mode that is given"),
              .safe = N_("Leave it out: each statement takes the lock that it needs.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_LOCK_STMT),
    .check = check,
};
