/* A `-- golive-lint:` comment without a rule or a reason. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_allow_comment = {
    .about = {.id = "allow-comment",
              .severity = GL_LINT_ERROR,
              .title = N_("a comment to the linter that allows nothing"),
              .happens = N_(
                  "A rule is allowed by name and with a reason that the next reader understands."),
              .safe = N_("`-- golive-lint: allow=RULE reason=\"...\"` before the statement.")},
};
