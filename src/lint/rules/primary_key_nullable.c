/* PRIMARY KEY USING INDEX over a column that may be NULL. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

static const struct gl_lint_index *index_of(const struct gl_lint_pass *pass, const char *name)
{
    const struct gl_lint_index *index = pass->table ? pass->table->indexes : NULL;
    while (index && strcmp(index->name, name) != 0)
        index = index->next;
    return index;
}

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__Constraint *key = pass->constraint;
    if (key->contype != PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY || !*key->indexname ||
        gl_lint_is_own(pass, pass->relation))
        return;
    const struct gl_lint_index *index = index_of(pass, key->indexname);
    for (size_t i = 0; index && i < index->columns.count; i++) {
        const char *name = index->columns.items[i];
        const struct gl_lint_column *column = gl_lint_column_of(pass->table, name);
        if (!column || column->nulls != GL_LINT_NULLS_ALLOWED ||
            gl_lint_is_proven_not_null(pass->table, name))
            continue;
        gl_autofree char *table = gl_lint_relation(pass->relation);
        gl_autofree char *quoted = gl_lint_quote(name);
        gl_autofree char *statement = gl_lint_source(pass);
        gl_lint_safe(
            gl_lint_report(pass, _("%s may be NULL, so every row is tested under a lock"), quoted),
            "ALTER TABLE %s ADD CONSTRAINT %s_not_null CHECK (%s IS NOT NULL) NOT VALID;\n"
            "-- %s\n"
            "ALTER TABLE %s VALIDATE CONSTRAINT %s_not_null;\n"
            "-- %s\n"
            "%s;",
            table, quoted, quoted, _("then, in a file of its own:"), table, quoted,
            _("then, in a file of its own:"), statement);
        return;
    }
}

const struct gl_lint_rule gl_lint_rule_primary_key_nullable = {
    .about = {.id = "primary-key-nullable",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a primary key over a nullable column reads the whole table"),
              .happens = N_("A primary key makes its columns NOT NULL, which is tested for every "
                            "row. Nobody can read or write the table meanwhile."),
              .lock = N_("AccessExclusive on the table, for a full scan"),
              .safe = N_("Prove the column by a validated CHECK (column IS NOT NULL) first.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
