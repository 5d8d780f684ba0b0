/* DROP COLUMN. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_is_own(pass, pass->relation) || !gl_lint_breaks(pass))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->command->name);
    gl_lint_report(pass, _("the previous version fails wherever it names %s of %s"), name, table);
}

const struct gl_lint_rule gl_lint_rule_drop_column = {
    .about = {.id = "drop-column",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("a column is dropped"),
              .happens = N_("Every query of the previous version that names the column, also by "
                            "SELECT * into a fixed row, fails at once. The values are lost; a "
                            "rollback does not bring them back."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe = N_("Release a version that no longer uses it, and drop it one release later "
                         "in a file with `-- golive: phase=contract`.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn),
    .check = check,
};
