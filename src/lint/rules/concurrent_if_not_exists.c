/* CREATE INDEX CONCURRENTLY IF NOT EXISTS. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__IndexStmt *index = pass->statement->index_stmt;
    if (index->concurrent && index->if_not_exists)
        gl_lint_report(pass, _("an INVALID index of an attempt that failed counts as existing"));
}

const struct gl_lint_rule gl_lint_rule_concurrent_if_not_exists = {
    .about = {.id = "concurrent-if-not-exists",
              .severity = GL_LINT_INFO,
              .title = N_("IF NOT EXISTS keeps the INVALID index of a failed build"),
              .happens =
                  N_("A concurrent build that fails leaves an INVALID index: it is kept up "
                     "to date but never used. IF NOT EXISTS takes it for the real one. golive "
                     "migrate up drops it before it tries again; other runners do not."),
              .safe = N_("Leave out IF NOT EXISTS, or look at pg_index.indisvalid afterwards.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_INDEX_STMT),
    .check = check,
};
