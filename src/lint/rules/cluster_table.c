/* CLUSTER. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (!pass->relation || !gl_lint_is_own(pass, pass->relation))
        gl_lint_report(pass, _("the table is rewritten in the order of an index"));
}

const struct gl_lint_rule gl_lint_rule_cluster_table = {
    .about = {.id = "cluster",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("CLUSTER rewrites the table"),
              .happens =
                  N_("The table and its indexes are written anew. Nobody can read or write it "
                     "meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("pg_repack does the same while the table is in use.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CLUSTER_STMT),
    .check = check,
};
