/* timestamp without time zone. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TypeName *type = pass->column->type_name;
    if (type && strcmp(gl_lint_last(type->names, type->n_names), "timestamp") == 0)
        gl_lint_report_at(pass, gl_lint_at(pass, pass->column->location),
                          _("%s is no point in time"), pass->column->colname);
}

const struct gl_lint_rule gl_lint_rule_style_timestamp = {
    .about = {.id = "style-timestamp",
              .severity = GL_LINT_INFO,
              .title = N_("timestamp without time zone is no point in time"),
              .happens = N_("What it means depends on who reads it, and changing the type later "
                            "rewrites the table unless the session is in UTC."),
              .safe = N_("timestamptz.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_COLUMN_DEF),
    .check = check,
};
