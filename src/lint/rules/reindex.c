/* REINDEX without CONCURRENTLY. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__ReindexStmt *reindex = pass->statement->reindex_stmt;
    bool system = reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM;
    if (gl_lint_option(reindex->params, reindex->n_params, "concurrently") ||
        (pass->relation && gl_lint_is_own(pass, pass->relation)))
        return;
    struct gl_lint_finding *finding = gl_lint_report(
        pass, _("writes are blocked, and reads that would use the index, while it is built anew"));
    static const char *const kinds[] = {NULL, "INDEX", "TABLE", "SCHEMA", "SYSTEM", "DATABASE"};
    if (system || reindex->kind >= GL_COUNT(kinds) || !kinds[reindex->kind])
        return;
    gl_autofree char *safe = gl_lint_source_with(pass, kinds[reindex->kind], "CONCURRENTLY");
    gl_lint_alone(pass, finding, safe, NULL);
}

const struct gl_lint_rule gl_lint_rule_reindex = {
    .about = {.id = "reindex",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("an index is built anew while its table is blocked"),
              .happens =
                  N_("The table refuses writes, and reads that plan with the index wait, until "
                     "it is built."),
              .lock = N_("Share on the table, AccessExclusive on the index, for a full scan"),
              .safe = N_("REINDEX ... CONCURRENTLY, alone in a no-transaction file.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_REINDEX_STMT),
    .check = check,
};
