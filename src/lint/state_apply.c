/* Statements that make, rename and drop relations; settings of the session. */
#include <string.h>
#include <strings.h>

#include "lint/state.h"

typedef void apply_fn(struct gl_lint_state *state, const PgQuery__Node *statement, int file);

/* ---- relations ---------------------------------------------------------------------------------
 */

/* CREATE ... IF NOT EXISTS of one that was read before changes nothing. */
static struct gl_lint_table *make(struct gl_lint_state *state, const PgQuery__RangeVar *relation,
                                  bool if_not_exists, int file)
{
    struct gl_lint_table *known = gl_lint_table_of(state, relation);
    if (known && if_not_exists)
        return NULL;
    const char *key = gl_lint_key_of(state, relation);
    struct gl_lint_table *table = gl_lint_alloc(&state->arena, sizeof *table);
    *table = (struct gl_lint_table){.key = key, .file = file};
    table->temporary = strcmp(relation->relpersistence, "t") == 0;
    gl_lint_map_set(&state->relations, key, table);
    return table;
}

static void add_elements(struct gl_lint_state *state, struct gl_lint_table *table,
                         const PgQuery__CreateStmt *def, int file)
{
    for (size_t i = 0; i < def->n_table_elts; i++) {
        const PgQuery__Node *element = def->table_elts[i];
        if (element->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
            gl_lint_add_column(state, table, element->column_def, file);
        else if (element->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE)
            table->complete = false;
    }
    for (size_t i = 0; i < def->n_table_elts; i++) {
        if (def->table_elts[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            gl_lint_add_constraint(state, table, def->table_elts[i]->constraint, NULL, file);
    }
}

static void create_table(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    const PgQuery__CreateStmt *def = statement->create_stmt;
    struct gl_lint_table *table = make(state, def->relation, def->if_not_exists, file);
    if (!table)
        return;
    table->complete = def->n_inh_relations == 0 && !def->of_typename;
    table->kind = def->partspec ? GL_LINT_PARTITIONED : GL_LINT_TABLE;
    add_elements(state, table, def, file);
    if (def->partbound && def->n_inh_relations)
        gl_lint_table_need(state, def->inh_relations[0]->range_var)->kind = GL_LINT_PARTITIONED;
}

static void create_table_as(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    const PgQuery__CreateTableAsStmt *def = statement->create_table_as_stmt;
    struct gl_lint_table *table = make(state, def->into->rel, def->if_not_exists, file);
    if (table && def->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
        table->kind = GL_LINT_MATVIEW;
}

static void create_view(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    const PgQuery__ViewStmt *def = statement->view_stmt;
    struct gl_lint_table *table = make(state, def->view, def->replace, file);
    if (table)
        table->kind = GL_LINT_VIEW;
}

/* CREATE SCHEMA may hold further statements. */
static void create_schema(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    const PgQuery__CreateSchemaStmt *def = statement->create_schema_stmt;
    for (size_t i = 0; i < def->n_schema_elts; i++)
        gl_lint_apply(state, def->schema_elts[i], file);
}

static void create_index(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    gl_lint_add_index(state, statement->index_stmt, file);
}

static void alter_table(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    gl_lint_apply_alter(state, statement->alter_table_stmt, file);
}

/* ---- drops -------------------------------------------------------------------------------------
 */

static void drop_relation(struct gl_lint_state *state, const char *key)
{
    struct gl_lint_table *table = gl_lint_map_get(&state->relations, key);
    for (struct gl_lint_index *index = table ? table->indexes : NULL; index; index = index->next)
        gl_lint_map_set(&state->indexes, index->key, NULL);
    gl_lint_map_set(&state->relations, key, NULL);
}

static void drop(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    (void)file;
    const PgQuery__DropStmt *def = statement->drop_stmt;
    for (size_t i = 0; i < def->n_objects; i++) {
        if (def->objects[i]->node_case != PG_QUERY__NODE__NODE_LIST)
            continue;
        const PgQuery__List *names = def->objects[i]->list;
        const char *key = gl_lint_key_of_names(state, names->items, names->n_items);
        struct gl_lint_index *index = gl_lint_map_get(&state->indexes, key);
        if (def->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX && index)
            gl_lint_drop_index(state, index);
        else if (def->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                 def->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW ||
                 def->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
            drop_relation(state, key);
    }
}

/* ---- renames -----------------------------------------------------------------------------------
 */

static void rename_relation(struct gl_lint_state *state, const PgQuery__RenameStmt *def)
{
    struct gl_lint_table *table = gl_lint_table_of(state, def->relation);
    if (!table)
        return;
    gl_lint_map_set(&state->relations, table->key, NULL);
    table->key = gl_lint_key(state, def->relation->schemaname, def->newname);
    gl_lint_map_set(&state->relations, table->key, table);
}

static void rename_in(struct gl_lint_names *names, const char *from, const char *to)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], from) == 0)
            names->items[i] = to;
    }
}

static void rename_column(struct gl_lint_state *state, const PgQuery__RenameStmt *def)
{
    struct gl_lint_table *table = gl_lint_table_of(state, def->relation);
    struct gl_lint_column *column = gl_lint_column_of(table, def->subname);
    const char *to = gl_lint_copy(&state->arena, def->newname);
    if (column)
        column->name = to;
    for (struct gl_lint_index *i = table ? table->indexes : NULL; i; i = i->next)
        rename_in(&i->columns, def->subname, to);
    for (struct gl_lint_constraint *c = table ? table->constraints : NULL; c; c = c->next) {
        rename_in(&c->columns, def->subname, to);
        rename_in(&c->not_null, def->subname, to);
    }
}

static void rename_constraint(struct gl_lint_state *state, const PgQuery__RenameStmt *def)
{
    struct gl_lint_constraint *found =
        gl_lint_constraint_of(gl_lint_table_of(state, def->relation), def->subname);
    if (found)
        found->name = gl_lint_copy(&state->arena, def->newname);
}

static void rename_index(struct gl_lint_state *state, const PgQuery__RenameStmt *def)
{
    struct gl_lint_index *index = gl_lint_index_of(state, def->relation, def->relation->relname);
    if (!index)
        return;
    gl_lint_map_set(&state->indexes, index->key, NULL);
    index->name = gl_lint_copy(&state->arena, def->newname);
    index->key = gl_lint_key(state, def->relation->schemaname, def->newname);
    gl_lint_map_set(&state->indexes, index->key, index);
}

static const struct {
    PgQuery__ObjectType what;
    void (*apply)(struct gl_lint_state *state, const PgQuery__RenameStmt *def);
} renames[] = {
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,         rename_relation  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,          rename_relation  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,       rename_relation  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN,        rename_column    },
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT, rename_constraint},
    {PG_QUERY__OBJECT_TYPE__OBJECT_INDEX,         rename_index     },
};

static void rename_any(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    (void)file;
    const PgQuery__RenameStmt *def = statement->rename_stmt;
    for (size_t i = 0; def->relation && i < GL_COUNT(renames); i++) {
        if (renames[i].what == def->rename_type)
            renames[i].apply(state, def);
    }
}

static void set_schema(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    (void)file;
    const PgQuery__AlterObjectSchemaStmt *def = statement->alter_object_schema_stmt;
    struct gl_lint_table *table = def->relation ? gl_lint_table_of(state, def->relation) : NULL;
    if (!table)
        return;
    gl_lint_map_set(&state->relations, table->key, NULL);
    table->key = gl_lint_key(state, def->newschema, def->relation->relname);
    gl_lint_map_set(&state->relations, table->key, table);
}

/* ---- settings ----------------------------------------------------------------------------------
 */

static const char *setting_of(const PgQuery__VariableSetStmt *def)
{
    const PgQuery__Node *value = def->n_args ? def->args[0] : NULL;
    return value && value->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                   value->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL
               ? value->a_const->sval->sval
               : NULL;
}

static bool is_utc(const char *zone)
{
    static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcasecmp(names[i], zone) == 0)
            return true;
    }
    return false;
}

static void set_variable(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    (void)file;
    const PgQuery__VariableSetStmt *def = statement->variable_set_stmt;
    const char *value = setting_of(def);
    if (!value)
        return;
    if (strcasecmp(def->name, "timezone") == 0)
        state->utc = is_utc(value);
    if (strcasecmp(def->name, "search_path") == 0)
        state->search_path = gl_lint_copy(&state->arena, value);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static const struct {
    PgQuery__Node__NodeCase node;
    apply_fn *apply;
} statements[] = {
    {PG_QUERY__NODE__NODE_CREATE_STMT,              create_table      },
    {PG_QUERY__NODE__NODE_ALTER_TABLE_STMT,         alter_table       },
    {PG_QUERY__NODE__NODE_INDEX_STMT,               create_index      },
    {PG_QUERY__NODE__NODE_DROP_STMT,                drop              },
    {PG_QUERY__NODE__NODE_RENAME_STMT,              rename_any        },
    {PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT,     create_table_as   },
    {PG_QUERY__NODE__NODE_VIEW_STMT,                create_view       },
    {PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT,       create_schema     },
    {PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, set_schema        },
    {PG_QUERY__NODE__NODE_VARIABLE_SET_STMT,        set_variable      },
    {PG_QUERY__NODE__NODE_CREATE_ENUM_STMT,         gl_lint_apply_type},
    {PG_QUERY__NODE__NODE_ALTER_ENUM_STMT,          gl_lint_apply_type},
    {PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT,       gl_lint_apply_type},
    {PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT,     gl_lint_apply_type},
};

void gl_lint_apply(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    for (size_t i = 0; i < GL_COUNT(statements); i++) {
        if (statements[i].node == statement->node_case) {
            statements[i].apply(state, statement, file);
            return;
        }
    }
}
