/* ADD COLUMN of a domain with constraints. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__TypeName *type = pass->column->type_name;
    const char *name = gl_lint_last(type->names, type->n_names);
    const struct gl_lint_domain *domain = gl_lint_map_get(&pass->state->domains, name);
    if (!domain || !domain->constrained || gl_lint_is_own(pass, pass->relation))
        return;
    gl_lint_report(pass,
                   _("the domain %s has a constraint, which is checked for every row: the "
                     "table is rewritten"),
                   name);
}

const struct gl_lint_rule gl_lint_rule_add_column_domain = {
    .about = {.id = "add-column-domain",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("a column of a domain with constraints rewrites the table"),
              .happens =
                  N_("PostgreSQL writes the whole table anew to check the domain's "
                     "constraints, even where the column is NULL everywhere. Nobody can read "
                     "or write the table meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Use the domain's base type with a CHECK that is added NOT VALID and "
                         "validated in a later file.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn),
    .check = check,
};
