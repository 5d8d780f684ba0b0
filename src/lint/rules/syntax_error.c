/* A statement that the parser refuses. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_syntax_error = {
    .about = {.id = "syntax-error",
              .severity = GL_LINT_ERROR,
              .title = N_("PostgreSQL does not understand the statement"),
              .happens = N_("The migration fails; in a transaction nothing of the file stays."),
              .safe = N_("Correct it.")},
};
