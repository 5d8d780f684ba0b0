/* DROP NOT NULL. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *name = gl_lint_quote(pass->command->name);
    gl_lint_report(
        pass, _("%s may be NULL from now on, which the previous version does not expect"), name);
}

const struct gl_lint_rule gl_lint_rule_drop_not_null = {
    .about = {.id = "drop-not-null",
              .severity = GL_LINT_WARNING,
              .title = N_("readers may meet a NULL they do not expect"),
              .happens = N_("Nothing is read or written. But as soon as the new version writes a "
                            "NULL, a previous version that reads the column into a type without "
                            "NULL fails."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe = N_("Deploy a version that reads NULL first, and one that writes it later.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull),
    .check = check,
};
