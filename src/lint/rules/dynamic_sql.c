/* DO blocks and EXECUTE: SQL that is not seen here. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    gl_lint_report(
        pass, _("inside, only SQL that stands there as it is was judged; `golive migrate trace` "
                "sees all"));
}

const struct gl_lint_rule gl_lint_rule_dynamic_sql = {
    .about = {.id = "dynamic-sql",
              .severity = GL_LINT_INFO,
              .title = N_("only a trace sees what a DO block does"),
              .happens = N_("The block is a program: which of its statements run, and what EXECUTE "
                            "puts together, is known when it runs. Statements in a $$ block that "
                            "are plain SQL are judged as if they ran."),
              .safe = N_("Write the statements out, or look at what `golive migrate trace` says.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_DO_STMT, PG_QUERY__NODE__NODE_CALL_STMT,
                       PG_QUERY__NODE__NODE_EXECUTE_STMT),
    .check = check,
};
