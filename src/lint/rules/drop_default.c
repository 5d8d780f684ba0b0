/* DROP DEFAULT of a column that needs a value. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (pass->command->def || !gl_lint_breaks(pass))
        return;
    gl_autofree char *name = gl_lint_quote(pass->command->name);
    gl_lint_report(pass, _("the previous version fails where it leaves out %s"), name);
}

const struct gl_lint_rule gl_lint_rule_drop_default = {
    .about = {.id = "drop-default",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("a required column loses its default"),
              .happens = N_("The previous version's INSERTs that do not name the column fail from "
                            "then on."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe = N_("Release a version that always names the column, and drop the default one "
                         "release later in a file with `-- golive: phase=contract`.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault),
    .check = check,
};
