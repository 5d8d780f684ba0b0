/* Columns, constraints and indexes as they come and go. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "lint/state.h"

/* ---- columns -----------------------------------------------------------------------------------
 */

static bool forbids_null(const PgQuery__ColumnDef *def)
{
    const char *type =
        def->type_name ? gl_lint_last(def->type_name->names, def->type_name->n_names) : "";
    bool forbids = gl_lint_type_is_serial(type);
    for (size_t i = 0; i < def->n_constraints; i++) {
        PgQuery__ConstrType kind = def->constraints[i]->constraint->contype;
        forbids |= kind == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL ||
                   kind == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
                   kind == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY;
    }
    return forbids;
}

struct gl_lint_column *gl_lint_add_column(struct gl_lint_state *state, struct gl_lint_table *table,
                                          const PgQuery__ColumnDef *def, int file)
{
    struct gl_lint_column *column = gl_lint_column_of(table, def->colname);
    if (!column) {
        column = gl_lint_alloc(&state->arena, sizeof *column);
        column->next = table->columns;
        column->name = gl_lint_copy(&state->arena, def->colname);
        table->columns = column;
    }
    column->type = gl_lint_type_of(def->type_name, &state->arena);
    column->file = file;
    column->nulls = forbids_null(def) ? GL_LINT_NULLS_FORBIDDEN : GL_LINT_NULLS_ALLOWED;
    for (size_t i = 0; i < def->n_constraints; i++)
        gl_lint_add_constraint(state, table, def->constraints[i]->constraint, column->name, file);
    return column;
}

bool gl_lint_has_name(const struct gl_lint_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

/* What is built on a column goes with it. */
void gl_lint_drop_column(struct gl_lint_table *table, const char *name)
{
    for (struct gl_lint_column **at = &table->columns; *at;) {
        if (strcmp((*at)->name, name) == 0)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    for (struct gl_lint_constraint **at = &table->constraints; *at;) {
        if (gl_lint_has_name(&(*at)->columns, name))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    for (struct gl_lint_index **at = &table->indexes; *at;) {
        if (gl_lint_has_name(&(*at)->columns, name))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

/* ---- names -------------------------------------------------------------------------------------
 */

/* String nodes, or the names of index elements. */
static const char *name_of(const PgQuery__Node *item)
{
    if (item->node_case == PG_QUERY__NODE__NODE_INDEX_ELEM)
        return item->index_elem->name;
    return gl_lint_string(item);
}

struct gl_lint_names gl_lint_names_of(struct gl_lint_state *state, PgQuery__Node *const *items,
                                      size_t count)
{
    struct gl_lint_names names = {0};
    if (count)
        names.items = gl_lint_alloc(&state->arena, count * sizeof *names.items);
    for (size_t i = 0; i < count; i++)
        names.items[names.count++] = gl_lint_copy(&state->arena, name_of(items[i]));
    return names;
}

static struct gl_lint_names one_name(struct gl_lint_state *state, const char *name)
{
    struct gl_lint_names names = {gl_lint_alloc(&state->arena, sizeof(char *)), 1};
    names.items[0] = name;
    return names;
}

/* As PostgreSQL names what the user did not: users_email_key. */
static const char *make_name(struct gl_lint_state *state, const struct gl_lint_table *table,
                             const struct gl_lint_names *columns, const char *suffix)
{
    gl_autobuf struct gl_buf name = {0};
    gl_buf_puts(&name, strchr(table->key, '.') + 1);
    for (size_t i = 0; columns && i < columns->count; i++)
        gl_buf_printf(&name, "_%s", *columns->items[i] ? columns->items[i] : "expr");
    gl_buf_printf(&name, "_%s", suffix);
    return gl_lint_copy(&state->arena, gl_buf_text(&name));
}

/* ---- constraints -------------------------------------------------------------------------------
 */

void gl_lint_add_name(struct gl_lint_state *state, struct gl_lint_names *names, const char *name)
{
    if (gl_lint_has_name(names, name))
        return;
    const char **grown = gl_lint_alloc(&state->arena, (names->count + 1) * sizeof *grown);
    if (names->count)
        memcpy(grown, names->items, names->count * sizeof *grown);
    grown[names->count++] = gl_lint_copy(&state->arena, name);
    names->items = grown;
}

struct collecting {
    struct gl_lint_state *state;
    struct gl_lint_names names;
};

static bool collect_column(const PgQuery__Node *node, void *context)
{
    struct collecting *found = context;
    const char *name = gl_lint_bare_column(node);
    if (name)
        gl_lint_add_name(found->state, &found->names, name);
    return true;
}

static struct gl_lint_names columns_of(struct gl_lint_state *state, const PgQuery__Constraint *def,
                                       const char *column)
{
    if (def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK) {
        struct collecting found = {.state = state};
        gl_lint_walk(def->raw_expr, collect_column, &found);
        return found.names;
    }
    if (column)
        return one_name(state, column);
    return def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN
               ? gl_lint_names_of(state, def->fk_attrs, def->n_fk_attrs)
               : gl_lint_names_of(state, def->keys, def->n_keys);
}

/* CHECK (x IS NOT NULL), also as a part of an AND: only that PostgreSQL takes as a proof. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as run.c's stack has room for */
static void add_proofs(struct gl_lint_state *state, const PgQuery__Node *expression,
                       struct gl_lint_names *names)
{
    if (expression && expression->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
        expression->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
        for (size_t i = 0; i < expression->bool_expr->n_args; i++)
            add_proofs(state, expression->bool_expr->args[i], names);
        return;
    }
    if (!expression || expression->node_case != PG_QUERY__NODE__NODE_NULL_TEST ||
        expression->null_test->nulltesttype != PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL)
        return;
    const char *column = gl_lint_bare_column(expression->null_test->arg);
    if (column)
        gl_lint_add_name(state, names, column);
}

static const struct {
    PgQuery__ConstrType kind;
    const char *suffix;
    bool with_columns;
} kinds[] = {
    {PG_QUERY__CONSTR_TYPE__CONSTR_CHECK,     "check", true },
    {PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY,   "pkey",  false},
    {PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE,    "key",   true },
    {PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION, "excl",  true },
    {PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN,   "fkey",  true },
};

static int kind_of(PgQuery__ConstrType kind)
{
    for (int i = 0; i < (int)GL_COUNT(kinds); i++) {
        if (kinds[i].kind == kind)
            return i;
    }
    return -1;
}

/* PostgreSQL counts where the name is taken: users_email_key1. */
static const char *free_name(struct gl_lint_state *state, const struct gl_lint_table *table,
                             const char *name)
{
    const char *found = name;
    for (unsigned i = 1; gl_lint_constraint_of(table, found); i++) {
        gl_autofree char *next = gl_asprintf("%s%u", name, i);
        found = gl_lint_copy(&state->arena, next);
    }
    return found;
}

static const char *constraint_name(struct gl_lint_state *state, const struct gl_lint_table *table,
                                   const PgQuery__Constraint *def,
                                   const struct gl_lint_names *columns)
{
    int kind = kind_of(def->contype);
    if (*def->conname)
        return gl_lint_copy(&state->arena, def->conname);
    if (*def->indexname)
        return gl_lint_copy(&state->arena, def->indexname);
    bool check_of_several =
        def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK && columns->count != 1;
    bool bare = !kinds[kind].with_columns || check_of_several;
    return free_name(state, table,
                     make_name(state, table, bare ? NULL : columns, kinds[kind].suffix));
}

const char *gl_lint_constraint_name(struct gl_lint_state *state, const PgQuery__RangeVar *relation,
                                    const PgQuery__Constraint *def)
{
    struct gl_lint_names columns = columns_of(state, def, NULL);
    return constraint_name(state, gl_lint_table_need(state, relation), def, &columns);
}

/* A key has an index of its name; USING INDEX gives one that is there that name. */
static void add_key_index(struct gl_lint_state *state, struct gl_lint_table *table,
                          struct gl_lint_constraint *key, const char *using_index)
{
    struct gl_lint_index *index = NULL;
    if (*using_index) {
        for (index = table->indexes; index && strcmp(index->name, using_index) != 0;)
            index = index->next;
        if (index)
            key->columns = index->columns;
    }
    if (!index) {
        index = gl_lint_alloc(&state->arena, sizeof *index);
        *index = (struct gl_lint_index){.next = table->indexes, .table = table, .unique = true};
        index->columns = key->columns;
        index->file = key->file;
        table->indexes = index;
    }
    index->name = key->name;
    char *schema = gl_lint_copy(&state->arena, table->key);
    schema[strcspn(schema, ".")] = '\0';
    index->key = gl_lint_key(state, schema, key->name);
    gl_lint_map_set(&state->indexes, index->key, index);
}

static void forbid_nulls(struct gl_lint_table *table, const struct gl_lint_names *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct gl_lint_column *column = gl_lint_column_of(table, columns->items[i]);
        if (column)
            column->nulls = GL_LINT_NULLS_FORBIDDEN;
    }
}

void gl_lint_add_constraint(struct gl_lint_state *state, struct gl_lint_table *table,
                            const PgQuery__Constraint *def, const char *column, int file)
{
    if (kind_of(def->contype) < 0)
        return;
    struct gl_lint_constraint *added = gl_lint_alloc(&state->arena, sizeof *added);
    *added = (struct gl_lint_constraint){.next = table->constraints, .kind = def->contype};
    added->columns = columns_of(state, def, column);
    added->name = constraint_name(state, table, def, &added->columns);
    added->valid = !def->skip_validation;
    added->file = file;
    if (def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK)
        add_proofs(state, def->raw_expr, &added->not_null);
    if (def->pktable)
        added->parent = gl_lint_key_of(state, def->pktable);
    table->constraints = added;
    if (def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
        def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE)
        add_key_index(state, table, added, def->indexname);
    if (def->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY)
        forbid_nulls(table, &added->columns);
}

void gl_lint_drop_constraint(struct gl_lint_table *table, const char *name)
{
    for (struct gl_lint_constraint **at = &table->constraints; *at;) {
        if (strcmp((*at)->name, name) == 0)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    for (struct gl_lint_index **at = &table->indexes; *at;) {
        if (strcmp((*at)->name, name) == 0)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

/* ---- indexes -----------------------------------------------------------------------------------
 */

void gl_lint_add_index(struct gl_lint_state *state, const PgQuery__IndexStmt *def, int file)
{
    struct gl_lint_table *table = gl_lint_table_need(state, def->relation);
    struct gl_lint_index *index = gl_lint_alloc(&state->arena, sizeof *index);
    *index = (struct gl_lint_index){.table = table, .unique = def->unique, .file = file};
    index->columns = gl_lint_names_of(state, def->index_params, def->n_index_params);
    index->partial = def->where_clause != NULL;
    index->name = *def->idxname ? gl_lint_copy(&state->arena, def->idxname)
                                : make_name(state, table, &index->columns, "idx");
    index->key = gl_lint_key(state, def->relation->schemaname, index->name);
    if (def->if_not_exists && gl_lint_map_get(&state->indexes, index->key))
        return;
    index->next = table->indexes;
    table->indexes = index;
    gl_lint_map_set(&state->indexes, index->key, index);
}

void gl_lint_drop_index(struct gl_lint_state *state, struct gl_lint_index *index)
{
    for (struct gl_lint_index **at = &index->table->indexes; *at; at = &(*at)->next) {
        if (*at == index) {
            *at = index->next;
            break;
        }
    }
    gl_lint_map_set(&state->indexes, index->key, NULL);
}
