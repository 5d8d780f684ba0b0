/* The same column set twice. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    bool update = pass->statement->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT;
    PgQuery__Node *const *targets =
        update ? pass->statement->update_stmt->target_list : pass->statement->insert_stmt->cols;
    size_t count =
        update ? pass->statement->update_stmt->n_target_list : pass->statement->insert_stmt->n_cols;
    for (size_t i = 1; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            const PgQuery__ResTarget *one = targets[k]->res_target;
            const PgQuery__ResTarget *other = targets[i]->res_target;
            if (strcmp(one->name, other->name) != 0 || one->n_indirection || other->n_indirection)
                continue;
            gl_lint_report_at(pass, gl_lint_at(pass, other->location), _("%s is set twice"),
                              other->name);
            return;
        }
    }
}

const struct gl_lint_rule gl_lint_rule_duplicate_assignment = {
    .about = {.id = "duplicate-assignment",
              .severity = GL_LINT_ERROR,
              .title = N_("a column is set twice in one statement"),
              .happens =
                  N_("PostgreSQL answers with an error: multiple assignments to same column."),
              .safe = N_("Leave out one of them.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_UPDATE_STMT, PG_QUERY__NODE__NODE_INSERT_STMT),
    .check = check,
};
