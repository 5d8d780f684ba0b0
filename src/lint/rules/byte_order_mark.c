/* A byte order mark. */
#include "base/i18n.h"
#include "lint/rules.h"

const struct gl_lint_rule gl_lint_rule_byte_order_mark = {
    .about =
        {.id = "byte-order-mark",
                .severity = GL_LINT_ERROR,
                .title = N_("a byte order mark at the front"),
                .happens = N_(
             "PostgreSQL takes the mark for a part of the first word and answers with a syntax error; golive migrate up refuses the file."),
                .safe = N_("Save it as UTF-8 without a byte order mark.")},
};
