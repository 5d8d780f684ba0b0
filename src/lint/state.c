/* Looking up what is known of the database. */
#include "lint/state.h"

#include <stdio.h>
#include <string.h>

void gl_lint_state_done(struct gl_lint_state *state)
{
    gl_lint_map_done(&state->relations);
    gl_lint_map_done(&state->indexes);
    gl_lint_map_done(&state->enums);
    gl_lint_map_done(&state->domains);
    gl_lint_map_done(&state->routines);
    gl_lint_arena_done(&state->arena);
    *state = (struct gl_lint_state){0};
}

const char *gl_lint_key(struct gl_lint_state *state, const char *schema, const char *name)
{
    const char *where = *schema ? schema : state->search_path ? state->search_path : "public";
    size_t size = strlen(where) + strlen(name) + 2;
    char *key = gl_lint_alloc(&state->arena, size);
    snprintf(key, size, "%s.%s", where, name);
    return key;
}

const char *gl_lint_key_of(struct gl_lint_state *state, const PgQuery__RangeVar *relation)
{
    return gl_lint_key(state, relation->schemaname, relation->relname);
}

const char *gl_lint_key_of_names(struct gl_lint_state *state, PgQuery__Node *const *names,
                                 size_t count)
{
    return gl_lint_key(state, gl_lint_qualifier(names, count), gl_lint_last(names, count));
}

struct gl_lint_table *gl_lint_table_of(struct gl_lint_state *state,
                                       const PgQuery__RangeVar *relation)
{
    return gl_lint_map_get(&state->relations, gl_lint_key_of(state, relation));
}

struct gl_lint_table *gl_lint_table_need(struct gl_lint_state *state,
                                         const PgQuery__RangeVar *relation)
{
    const char *key = gl_lint_key_of(state, relation);
    struct gl_lint_table *table = gl_lint_map_get(&state->relations, key);
    if (!table) {
        table = gl_lint_alloc(&state->arena, sizeof *table);
        *table = (struct gl_lint_table){.key = key, .file = -1};
        gl_lint_map_set(&state->relations, key, table);
    }
    return table;
}

struct gl_lint_column *gl_lint_column_of(const struct gl_lint_table *table, const char *name)
{
    struct gl_lint_column *column = table ? table->columns : NULL;
    while (column && strcmp(column->name, name) != 0)
        column = column->next;
    return column;
}

struct gl_lint_constraint *gl_lint_constraint_of(const struct gl_lint_table *table,
                                                 const char *name)
{
    struct gl_lint_constraint *constraint = table ? table->constraints : NULL;
    while (constraint && strcmp(constraint->name, name) != 0)
        constraint = constraint->next;
    return constraint;
}

struct gl_lint_index *gl_lint_index_of(struct gl_lint_state *state,
                                       const PgQuery__RangeVar *relation, const char *name)
{
    return gl_lint_map_get(&state->indexes,
                           gl_lint_key(state, relation ? relation->schemaname : "", name));
}

static bool has(const struct gl_lint_names *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count && i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

static bool begins_with(const struct gl_lint_names *have, const struct gl_lint_names *want)
{
    for (size_t i = 0; i < want->count; i++) {
        if (!has(have, want->count, want->items[i]))
            return false;
    }
    return want->count > 0;
}

bool gl_lint_is_indexed(const struct gl_lint_table *table, const struct gl_lint_names *columns)
{
    for (const struct gl_lint_index *index = table->indexes; index; index = index->next) {
        if (!index->partial && begins_with(&index->columns, columns))
            return true;
    }
    return false;
}

bool gl_lint_is_proven_not_null(const struct gl_lint_table *table, const char *column)
{
    for (const struct gl_lint_constraint *c = table ? table->constraints : NULL; c; c = c->next) {
        if (c->valid && gl_lint_has_name(&c->not_null, column))
            return true;
    }
    return false;
}
