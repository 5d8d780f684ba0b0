/* From nodes to the rules that want them. */
#include <string.h>

#include "lint/engine.h"

enum { NODES = 512, COMMANDS = 80 };

typedef const struct gl_lint_rule *const *rule_list;

static bool wants(const short *list, size_t size, int what)
{
    for (size_t i = 0; i < size && list[i]; i++) {
        if (list[i] == what)
            return true;
    }
    return false;
}

static rule_list list_of(struct gl_lint_arena *arena, int what, bool command)
{
    const struct gl_lint_rule *found[256];
    size_t count = 0;
    for (size_t i = 0; gl_lint_rules[i]; i++) {
        const struct gl_lint_rule *rule = gl_lint_rules[i];
        bool wanted = command ? wants(rule->commands, GL_COUNT(rule->commands), what)
                              : wants(rule->on, GL_COUNT(rule->on), what);
        if (wanted && count < GL_COUNT(found) - 1)
            found[count++] = rule;
    }
    size_t bytes = (count + 1) * sizeof(rule_list);
    const struct gl_lint_rule **list = gl_lint_alloc(arena, bytes);
    for (size_t i = 0; i < count; i++)
        list[i] = found[i];
    return list;
}

/* Rules name few nodes: only the lists of these are made. */
void gl_lint_table_make(struct gl_lint_table_of_rules *ret_table)
{
    *ret_table = (struct gl_lint_table_of_rules){0};
    rule_list *nodes = gl_lint_alloc(&ret_table->arena, NODES * sizeof(rule_list));
    rule_list *commands = gl_lint_alloc(&ret_table->arena, COMMANDS * sizeof(rule_list));
    for (size_t i = 0; gl_lint_rules[i]; i++) {
        const struct gl_lint_rule *rule = gl_lint_rules[i];
        for (size_t k = 0; k < GL_COUNT(rule->on) && rule->on[k]; k++) {
            if (!nodes[rule->on[k]])
                nodes[rule->on[k]] = list_of(&ret_table->arena, rule->on[k], false);
        }
        for (size_t k = 0; k < GL_COUNT(rule->commands) && rule->commands[k]; k++) {
            if (!commands[rule->commands[k]])
                commands[rule->commands[k]] = list_of(&ret_table->arena, rule->commands[k], true);
        }
    }
    ret_table->by_node = nodes;
    ret_table->by_command = commands;
}

static void ask(rule_list rules, struct gl_lint_pass *pass)
{
    for (; rules && *rules; rules++) {
        pass->rule = *rules;
        pass->rule->check(pass);
    }
}

void gl_lint_dispatch_event(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass,
                            enum gl_lint_event event)
{
    ask(table->by_node[event], pass);
}

/* ---- ALTER TABLE -------------------------------------------------------------------------------
 */

static void ask_command(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass)
{
    const PgQuery__Node *def = pass->command->def;
    pass->column =
        def && def->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF ? def->column_def : NULL;
    pass->constraint =
        def && def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT ? def->constraint : NULL;
    ask(table->by_command[pass->command->subtype], pass);
    if (pass->command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn)
        ask(table->by_node[PG_QUERY__NODE__NODE_COLUMN_DEF], pass);
}

/* Views, indexes, sequences and composite types come as ALTER TABLE, too; of these, an index moves
 * its file. */
static bool is_judged(PgQuery__ObjectType type, PgQuery__AlterTableType command)
{
    if (type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX)
        return command == PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace;
    return type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
}

static void ask_alter(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass)
{
    const PgQuery__AlterTableStmt *statement = pass->statement->alter_table_stmt;
    for (size_t i = 0; i < statement->n_cmds; i++) {
        pass->command = statement->cmds[i]->alter_table_cmd;
        pass->command_index = i;
        if ((int)pass->command->subtype < COMMANDS &&
            is_judged(statement->objtype, pass->command->subtype))
            ask_command(table, pass);
    }
    pass->command = NULL;
    pass->column = NULL;
    pass->constraint = NULL;
}

static void ask_columns(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass)
{
    const PgQuery__CreateStmt *statement = pass->statement->create_stmt;
    for (size_t i = 0; i < statement->n_table_elts; i++) {
        if (statement->table_elts[i]->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF)
            continue;
        pass->column = statement->table_elts[i]->column_def;
        ask(table->by_node[PG_QUERY__NODE__NODE_COLUMN_DEF], pass);
    }
    pass->column = NULL;
}

/* ---- the relation of a statement ---------------------------------------------------------------
 */

static const PgQuery__RangeVar *relation_of(const PgQuery__Node *statement)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return statement->alter_table_stmt->relation;
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        return statement->index_stmt->relation;
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        return statement->create_stmt->relation;
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
        return statement->create_trig_stmt->relation;
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        return statement->update_stmt->relation;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return statement->delete_stmt->relation;
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        return statement->insert_stmt->relation;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        return statement->rename_stmt->relation;
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        return statement->cluster_stmt->relation;
    case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
        return statement->refresh_mat_view_stmt->relation;
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return statement->reindex_stmt->relation;
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
        return statement->create_policy_stmt->table;
    case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
        return statement->alter_policy_stmt->table;
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
        return statement->alter_object_schema_stmt->relation;
    case PG_QUERY__NODE__NODE_RULE_STMT:
        return statement->rule_stmt->relation;
    default:
        return NULL;
    }
}

void gl_lint_dispatch(const struct gl_lint_table_of_rules *table, struct gl_lint_pass *pass)
{
    pass->relation = relation_of(pass->statement);
    pass->table = pass->relation ? gl_lint_table_of(pass->state, pass->relation) : NULL;
    ask(table->by_node[GL_LINT_ON_STATEMENT], pass);
    ask(table->by_node[pass->statement->node_case], pass);
    if (pass->statement->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT)
        ask_alter(table, pass);
    if (pass->statement->node_case == PG_QUERY__NODE__NODE_CREATE_STMT)
        ask_columns(table, pass);
}
