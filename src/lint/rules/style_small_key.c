/* A primary key of 32 bits. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    static const char *const small[] = {"int2",    "int4",    "serial",
                                        "serial4", "serial2", "smallserial"};
    const PgQuery__TypeName *type = pass->column->type_name;
    const char *name = type ? gl_lint_last(type->names, type->n_names) : "";
    bool key = gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY);
    for (size_t i = 0; key && i < GL_COUNT(small); i++) {
        if (strcmp(small[i], name) == 0)
            gl_lint_report_at(pass, gl_lint_at(pass, pass->column->location),
                              _("%s ends at 2147483647 or before"), pass->column->colname);
    }
}

const struct gl_lint_rule gl_lint_rule_style_small_key = {
    .about = {.id = "style-small-key",
              .severity = GL_LINT_INFO,
              .title = N_("a primary key of 32 bits runs out"),
              .happens = N_("After two thousand million rows, also deleted ones, inserts fail. "
                            "Changing to bigint then rewrites the table and all that refer to it."),
              .safe = N_("bigint GENERATED ALWAYS AS IDENTITY, or uuid.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_COLUMN_DEF),
    .check = check,
};
