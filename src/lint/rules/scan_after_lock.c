/* Something slow behind a lock that stops everybody. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"
#include "migrate/sqltext.h"

static bool validates(const PgQuery__AlterTableStmt *alter)
{
    for (size_t i = 0; i < alter->n_cmds; i++) {
        if (alter->cmds[i]->alter_table_cmd->subtype ==
            PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint)
            return true;
    }
    return false;
}

static bool is_slow(const PgQuery__Node *statement)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return statement->select_stmt->n_from_clause > 0;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return !statement->create_table_as_stmt->into->skip_data;
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return validates(statement->alter_table_stmt);
    case PG_QUERY__NODE__NODE_COPY_STMT:
    case PG_QUERY__NODE__NODE_CALL_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
        return true;
    default:
        return false;
    }
}

static void check(struct gl_lint_pass *pass)
{
    if (pass->transaction->locked.count && is_slow(pass->statement))
        gl_lint_report_at(pass, pass->begin, _("%s is locked (line %u) until this has run"),
                          pass->transaction->locked.items[0],
                          gl_sql_line(pass->text, pass->transaction->locked_at));
}

const struct gl_lint_rule gl_lint_rule_scan_after_lock = {
    .about = {.id = "scan-after-lock",
              .severity = GL_LINT_WARNING,
              .title = N_("something slow runs while a table is locked"),
              .happens =
                  N_("A lock is held to the end of the transaction. What takes long behind it "
                     "makes everybody wait that long."),
              .lock = N_("AccessExclusive, taken by a statement before"),
              .safe = N_("Put it into a file of its own, before or after.")},
    .on = GL_LINT_LIST(GL_LINT_ON_STATEMENT),
    .check = check,
};
