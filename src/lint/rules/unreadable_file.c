/* A file that is no text. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_unreadable_file = {
    .about =
        {.id = "unreadable-file",
                .severity = GL_LINT_ERROR,
                .title = N_("the file cannot be read as SQL"),
                .happens = N_(
             "Migrations are UTF-8 text without NUL bytes, of at most 64 MiB. Nothing in the file was judged."),
                .safe = N_("Save it as UTF-8; split it if it is data.")},
};
