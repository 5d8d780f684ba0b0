/* char(n). */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TypeName *type = pass->column->type_name;
    if (type && strcmp(gl_lint_last(type->names, type->n_names), "bpchar") == 0)
        gl_lint_report_at(pass, gl_lint_at(pass, pass->column->location),
                          _("%s is padded with spaces"), pass->column->colname);
}

const struct gl_lint_rule gl_lint_rule_style_char = {
    .about = {.id = "style-char",
              .severity = GL_LINT_INFO,
              .title = N_("char(n) pads with spaces"),
              .happens =
                  N_("Values are stored with spaces up to n and compared without them: slower "
                     "than text, and full of surprises."),
              .safe = N_("text, with a CHECK where the length matters.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_COLUMN_DEF),
    .check = check,
};
