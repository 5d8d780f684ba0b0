/* ADD COLUMN ... REFERENCES. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *key =
        gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN);
    if (!key || gl_lint_is_own(pass, pass->relation))
        return;
    bool filled =
        gl_lint_column_constraint(pass->column, PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) != NULL;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *parent = gl_lint_relation(key->pktable);
    gl_autofree char *name = gl_lint_quote(pass->column->colname);
    struct gl_lint_finding *finding = gl_lint_report(
        pass,
        filled ? _("%s is looked up in %s for every row while both tables are locked")
               : _("%s locks %s, too, until the transaction ends"),
        name, parent);
    finding->severity = filled ? finding->severity : GL_LINT_INFO;
    gl_lint_safe(finding,
                 "ALTER TABLE %s ADD COLUMN %s <type>;\n"
                 "-- %s\n"
                 "ALTER TABLE %s ADD CONSTRAINT %s_%s_fkey\n"
                 "    FOREIGN KEY (%s) REFERENCES %s NOT VALID;\n"
                 "-- %s\n"
                 "ALTER TABLE %s VALIDATE CONSTRAINT %s_%s_fkey;",
                 table, name, _("then, in a file of its own:"), table, pass->relation->relname,
                 name, name, parent, _("then, in a file of its own:"), table,
                 pass->relation->relname, name);
}

const struct gl_lint_rule gl_lint_rule_add_column_references = {
    .about = {.id = "add-column-references",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a column with a foreign key locks two tables"),
              .happens = N_("Readers and writers of the table and writers of the other one wait "
                            "until the transaction ends. With a default, every row is looked up "
                            "meanwhile."),
              .lock = N_("AccessExclusive on the table, ShareRowExclusive on the referenced one"),
              .safe = N_("Add the column, then the foreign key as NOT VALID, and validate it in a "
                         "later file.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
