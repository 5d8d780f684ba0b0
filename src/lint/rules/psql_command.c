/* psql's backslash commands. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->scan->has_meta_command)
        gl_lint_report_at(pass, pass->scan->meta_command,
                          _("only psql understands this; the server answers with a syntax error"));
}

const struct gl_lint_rule gl_lint_rule_psql_command = {
    .about = {.id = "psql-command",
              .severity = GL_LINT_ERROR,
              .title = N_("a command of psql is no SQL"),
              .happens = N_("Migrations are sent to the server, which knows neither \\commands nor "
                            "the data behind COPY ... FROM stdin."),
              .safe = N_("Write SQL: INSERT instead of COPY FROM stdin, the file's content instead "
                         "of \\i.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
