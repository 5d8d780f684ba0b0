/* Syntax of PostgreSQL 16 to 18. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_newer_syntax = {
    .about =
        {.id = "newer-syntax",
                .severity = GL_LINT_WARNING,
                .title = N_("syntax that is newer than the parser"),
                .happens = N_(
             "This parser is that of PostgreSQL 15. The statement was not judged, and nothing is known of what it makes."),
                .safe =
             N_("`golive migrate trace` runs it on a server of your version and shows its locks.")},
};
