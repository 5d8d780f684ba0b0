/* CREATE INDEX CONCURRENTLY without a name. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__IndexStmt *index = pass->statement->index_stmt;
    if (index->concurrent && !*index->idxname)
        gl_lint_report(pass, _("without a name, an INVALID index that a failure leaves cannot be "
                               "told from others"));
}

const struct gl_lint_rule gl_lint_rule_concurrent_index_unnamed = {
    .about = {.id = "concurrent-index-unnamed",
              .severity = GL_LINT_ERROR,
              .title = N_("a concurrent index without a name"),
              .happens = N_("A concurrent build that fails leaves an INVALID index behind. Each "
                            "further attempt makes another one under another name. golive migrate "
                            "up refuses the file."),
              .safe = N_("Give the index a name.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_INDEX_STMT),
    .check = check,
};
