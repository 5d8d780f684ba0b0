/* A `-- golive-lint: allow=` with nothing to allow. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_unused_allow = {
    .about =
        {.id = "unused-allow",
                .severity = GL_LINT_WARNING,
                .title = N_("a comment to the linter that is no longer needed"),
                .happens = N_(
             "The rule finds nothing there any more. Left in place it would hide what comes later."),
                .safe = N_("Remove the comment.")},
};
