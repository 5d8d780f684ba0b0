/* A statement whose tree would be too large. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_not_judged = {
    .about = {.id = "not-judged",
              .severity = GL_LINT_WARNING,
              .title = N_("a statement or file that is too large"),
              .happens = N_("Its parse tree would take more memory or stack than is right: a "
                            "statement of more than 150,000 tokens, a file of more than 16 MiB."),
              .safe = N_("Smaller statements, or what `golive migrate trace` says.")},
};
