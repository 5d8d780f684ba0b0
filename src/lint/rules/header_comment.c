/* A `-- golive:` comment that cannot be read. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_header_comment = {
    .about = {.id = "header-comment",
              .severity = GL_LINT_ERROR,
              .title = N_("a comment to golive that is not understood"),
              .happens =
                  N_("golive migrate up refuses the file, as what it should obey is unknown."),
              .safe = N_("docs/lint.md and `golive migrate new` show what can be said.")},
};
