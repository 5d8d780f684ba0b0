/* REFRESH MATERIALIZED VIEW without CONCURRENTLY. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__RefreshMatViewStmt *refresh = pass->statement->refresh_mat_view_stmt;
    if (refresh->concurrent || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *view = gl_lint_relation(pass->relation);
    gl_lint_safe(gl_lint_report(pass, _("nobody can read %s until its query has run"), view),
                 "REFRESH MATERIALIZED VIEW CONCURRENTLY %s; -- %s", view,
                 _("it needs a unique index over all rows"));
}

const struct gl_lint_rule gl_lint_rule_refresh_materialized_view = {
    .about = {.id = "refresh-materialized-view",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a materialized view cannot be read while it is refreshed"),
              .happens = N_("The query runs and its result is written anew. Readers wait."),
              .lock = N_("AccessExclusive on the view, for a rewrite"),
              .safe =
                  N_("REFRESH ... CONCURRENTLY, which needs a unique index and lets readers in; "
                     "and outside of peak hours.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT),
    .check = check,
};
