/* ALTER COLUMN TYPE. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

/* USING column, USING column::type: what PostgreSQL does without USING. */
static bool is_plain_using(const PgQuery__Node *expression, const char *column,
                           const struct gl_lint_type *to, struct gl_lint_arena *arena)
{
    if (expression && expression->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        struct gl_lint_type cast = gl_lint_type_of(expression->type_cast->type_name, arena);
        if (!cast.name || !to->name || strcmp(cast.name, to->name) != 0 ||
            cast.mod_count != to->mod_count || cast.mods[0] != to->mods[0])
            return false;
        expression = expression->type_cast->arg;
    }
    const char *bare = gl_lint_bare_column(expression);
    return !expression || (bare && strcmp(bare, column) == 0);
}

static bool is_indexed(const struct gl_lint_table *table, const char *column)
{
    for (const struct gl_lint_index *i = table ? table->indexes : NULL; i; i = i->next) {
        if (gl_lint_has_name(&i->columns, column))
            return true;
    }
    return false;
}

static bool is_checked(const struct gl_lint_table *table, const char *column)
{
    for (const struct gl_lint_constraint *c = table ? table->constraints : NULL; c; c = c->next) {
        if (c->kind == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK && gl_lint_has_name(&c->columns, column))
            return true;
    }
    return false;
}

/* Why it takes long, NULL if only the catalogue changes. */
static const char *cost_of(const struct gl_lint_pass *pass, enum gl_lint_change change)
{
    const char *column = pass->command->name;
    if (change == GL_LINT_CHANGE_REWRITE)
        return _("the table is rewritten");
    if (change == GL_LINT_CHANGE_UNKNOWN)
        return _("the table is rewritten, unless its type before, which is not known here, is of "
                 "the same kind");
    if (change == GL_LINT_CHANGE_INDEXES && is_indexed(pass->table, column))
        return _("its indexes are built anew");
    return is_checked(pass->table, column) ? _("a CHECK of it is tested for every row") : NULL;
}

/* A domain costs what its base type costs, and its constraints are tested for every row. */
static enum gl_lint_change change_of(const struct gl_lint_pass *pass,
                                     const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    const struct gl_lint_domain *old =
        from->name ? gl_lint_map_get(&pass->state->domains, from->name) : NULL;
    const struct gl_lint_domain *fresh =
        to->name ? gl_lint_map_get(&pass->state->domains, to->name) : NULL;
    if (fresh && fresh->constrained)
        return GL_LINT_CHANGE_REWRITE;
    enum gl_lint_change change =
        gl_lint_type_change(old ? &old->base : from, fresh ? &fresh->base : to, pass->state->utc);
    bool collates = pass->command->def->column_def->coll_clause != NULL;
    return collates && change == GL_LINT_CHANGE_NONE ? GL_LINT_CHANGE_INDEXES : change;
}

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__ColumnDef *def = pass->command->def->column_def;
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, pass->command->name);
    struct gl_lint_type none = {0};
    const struct gl_lint_type *from = column ? &column->type : &none;
    struct gl_lint_type to = gl_lint_type_of(def->type_name, &pass->state->arena);
    bool plain = is_plain_using(def->raw_default, pass->command->name, &to, &pass->state->arena);
    enum gl_lint_change change = plain ? change_of(pass, from, &to) : GL_LINT_CHANGE_REWRITE;
    const char *cost = gl_lint_is_own(pass, pass->relation) ? NULL : cost_of(pass, change);
    if (!cost)
        return;
    gl_autofree char *before = gl_lint_type_text(from);
    gl_autofree char *after = gl_lint_type_text(&to);
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *name = gl_lint_quote(pass->command->name);
    struct gl_lint_finding *finding =
        from->name ? gl_lint_report(pass, _("%s from %s to %s: %s"), name, before, after, cost)
                   : gl_lint_report(pass, _("%s to %s: %s"), name, after, cost);
    if (change == GL_LINT_CHANGE_UNKNOWN)
        finding->severity = GL_LINT_WARNING;
    gl_lint_safe(finding,
                 "ALTER TABLE %s ADD COLUMN %s_new %s;\n"
                 "-- %s\n%sUPDATE %s SET %s_new = %s WHERE %s_new IS DISTINCT FROM %s;",
                 table, name, after,
                 _("let a trigger keep both equal, then, in a file of its own:"),
                 gl_lint_batches(pass), table, name, name, name, name);
}

const struct gl_lint_rule gl_lint_rule_alter_column_type = {
    .about = {.id = "alter-column-type",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("another type rewrites the table"),
              .happens =
                  N_("Every row is written anew in the new type, and every index of the "
                     "column is built anew. Nobody can read or write the table meanwhile. A "
                     "longer varchar, text instead of varchar, more digits of a numeric with "
                     "the same scale, inet instead of cidr, and timestamptz instead of "
                     "timestamp while the session is in UTC cost nothing and are not "
                     "reported."),
              .lock = N_("AccessExclusive on the table, for a rewrite"),
              .safe = N_("Add a new column of the new type, write both, fill it in batches, read "
                         "the new one, then drop the old one a release later.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType),
    .check = check,
};
