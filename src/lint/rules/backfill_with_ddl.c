/* Rows are changed in a transaction that also changes the schema. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"
#include "migrate/sqltext.h"

static bool changes_many(const struct gl_lint_pass *pass)
{
    const PgQuery__Node *statement = pass->statement;
    if (statement->node_case != PG_QUERY__NODE__NODE_INSERT_STMT)
        return true;
    const PgQuery__Node *source = statement->insert_stmt->select_stmt;
    return source && source->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
           source->select_stmt->n_values_lists == 0 && source->select_stmt->n_from_clause > 0;
}

static const PgQuery__Node *where_of(const PgQuery__Node *statement)
{
    if (statement->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
        return statement->update_stmt->where_clause;
    return statement->node_case == PG_QUERY__NODE__NODE_DELETE_STMT
               ? statement->delete_stmt->where_clause
               : NULL;
}

/* WHERE key = constant: one row, by the table's key. */
static bool changes_one(const struct gl_lint_pass *pass)
{
    const PgQuery__Node *where = where_of(pass->statement);
    if (!where || where->node_case != PG_QUERY__NODE__NODE_A_EXPR || !where->a_expr->rexpr ||
        where->a_expr->rexpr->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        strcmp(gl_lint_last(where->a_expr->name, where->a_expr->n_name), "=") != 0)
        return false;
    const char *column = gl_lint_bare_column(where->a_expr->lexpr);
    for (const struct gl_lint_index *i = pass->table ? pass->table->indexes : NULL; i;
         i = i->next) {
        if (column && i->unique && i->columns.count == 1 &&
            strcmp(i->columns.items[0], column) == 0)
            return true;
    }
    return false;
}

static void check(struct gl_lint_pass *pass)
{
    size_t changed = pass->transaction->changed_at;
    if (pass->no_transaction || changed == SIZE_MAX || !changes_many(pass) || changes_one(pass) ||
        gl_lint_is_own(pass, pass->relation))
        return;
    struct gl_lint_finding *finding =
        gl_lint_report(pass, _("the lock of line %u is held until these rows are written"),
                       gl_sql_line(pass->text, changed));
    finding->fix = GL_LINT_FIX_SPLIT;
}

const struct gl_lint_rule gl_lint_rule_backfill_with_ddl = {
    .about = {.id = "backfill-with-ddl",
              .severity = GL_LINT_WARNING,
              .title = N_("rows are changed in a transaction that changed the schema"),
              .happens = N_("Locks are held to the end of the transaction: what an ALTER TABLE "
                            "before it locked for a moment stays locked until all rows are "
                            "written."),
              .lock = N_("what the statements before took, for as long as this one runs"),
              .safe = N_("Change the rows in a file of its own, in batches.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_UPDATE_STMT, PG_QUERY__NODE__NODE_DELETE_STMT,
                       PG_QUERY__NODE__NODE_INSERT_STMT),
    .check = check,
};
