/* Names above 63 bytes. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->scan->long_name_len)
        gl_lint_report_at(pass, pass->scan->long_name,
                          _("a name of %zu bytes is cut to 63 without an error"),
                          pass->scan->long_name_len);
}

const struct gl_lint_rule gl_lint_rule_identifier_too_long = {
    .about = {.id = "identifier-too-long",
              .severity = GL_LINT_ERROR,
              .title = N_("a name is longer than 63 bytes"),
              .happens = N_("PostgreSQL cuts it and says so in a NOTICE only. Two names that begin "
                            "alike become one, and later statements may not find it."),
              .safe = N_("A name of at most 63 bytes.")},
    .on = GL_LINT_LIST(GL_LINT_ON_FILE),
    .check = check,
};
