/* money. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TypeName *type = pass->column->type_name;
    if (type && strcmp(gl_lint_last(type->names, type->n_names), "money") == 0)
        gl_lint_report_at(pass, gl_lint_at(pass, pass->column->location),
                          _("%s depends on lc_monetary"), pass->column->colname);
}

const struct gl_lint_rule gl_lint_rule_style_money = {
    .about = {.id = "style-money",
              .severity = GL_LINT_INFO,
              .title = N_("money depends on a setting of the server"),
              .happens = N_("The currency and its decimal places are those of lc_monetary, which a "
                            "restored database may have otherwise."),
              .safe = N_("numeric, or an integer of the smallest unit, with the currency beside "
                         "it.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_COLUMN_DEF),
    .check = check,
};
