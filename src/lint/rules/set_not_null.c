/* SET NOT NULL that is not proven. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const char *name = pass->command->name;
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, name);
    bool known = column && column->nulls == GL_LINT_NULLS_FORBIDDEN;
    if (known || gl_lint_is_proven_not_null(pass->table, name) ||
        gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *quoted = gl_lint_quote(name);
    gl_lint_safe(gl_lint_report(
                     pass, _("every row of %s is tested while nobody can read or write it"), table),
                 "ALTER TABLE %s ADD CONSTRAINT %s_not_null CHECK (%s IS NOT NULL) NOT VALID;\n"
                 "-- %s\n"
                 "ALTER TABLE %s VALIDATE CONSTRAINT %s_not_null;\n"
                 "-- %s\n"
                 "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n"
                 "ALTER TABLE %s DROP CONSTRAINT %s_not_null;",
                 table, quoted, quoted, _("then, in a file of its own:"), table, quoted,
                 _("then, in a file of its own:"), table, quoted, table, quoted);
}

const struct gl_lint_rule gl_lint_rule_set_not_null = {
    .about = {.id = "set-not-null",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("SET NOT NULL reads the whole table under a lock"),
              .happens = N_("Every row is tested. Nobody can read or write the table meanwhile. "
                            "Where a valid CHECK (column IS NOT NULL) proves it, nothing is read."),
              .lock = N_("AccessExclusive on the table, for a full scan"),
              .safe = N_("Add CHECK (column IS NOT NULL) NOT VALID, validate it in a later file, "
                         "then SET NOT NULL and drop the CHECK.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull),
    .check = check,
};
