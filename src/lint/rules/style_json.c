/* json instead of jsonb. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TypeName *type = pass->column->type_name;
    if (type && strcmp(gl_lint_last(type->names, type->n_names), "json") == 0)
        gl_lint_report_at(pass, gl_lint_at(pass, pass->column->location), _("%s is json"),
                          pass->column->colname);
}

const struct gl_lint_rule gl_lint_rule_style_json = {
    .about = {.id = "style-json",
              .severity = GL_LINT_INFO,
              .title = N_("json is kept as text"),
              .happens = N_("json has no equality, so SELECT DISTINCT and GROUP BY fail, cannot be "
                            "indexed, and is parsed at each use."),
              .safe = N_("jsonb, unless the exact text matters.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_COLUMN_DEF),
    .check = check,
};
