/* What a file's transaction did so far: locks are held to its end. */
#include <string.h>

#include "lint/engine.h"

/* Commands of ALTER TABLE that take less than AccessExclusive. Source: PostgreSQL 15, tablecmds.c
 * AlterTableGetLockLevel(). */
static bool is_mild(const PgQuery__AlterTableCmd *command)
{
    static const short mild[] = {PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig,
                                 PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig};
    for (size_t i = 0; i < GL_COUNT(mild); i++) {
        if (mild[i] == (short)command->subtype)
            return true;
    }
    return command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint &&
           command->def->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
}

static bool locks_out(const PgQuery__Node *statement)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: {
        const PgQuery__AlterTableStmt *alter = statement->alter_table_stmt;
        bool all_mild = alter->n_cmds > 0;
        for (size_t i = 0; i < alter->n_cmds; i++)
            all_mild &= is_mild(alter->cmds[i]->alter_table_cmd);
        return !all_mild && alter->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
    }
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        return statement->rename_stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
               statement->rename_stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
    case PG_QUERY__NODE__NODE_RULE_STMT:
        return true;
    default:
        return false;
    }
}

static bool changes(const PgQuery__Node *statement)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_INDEX_STMT:
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        return true;
    default:
        return false;
    }
}

void gl_lint_follow(struct gl_lint_pass *pass)
{
    struct gl_lint_transaction *done = pass->transaction;
    if (!pass->relation || pass->no_transaction || gl_lint_is_own(pass, pass->relation))
        return;
    if (changes(pass->statement) && done->changed_at == SIZE_MAX)
        done->changed_at = pass->begin;
    if (!locks_out(pass->statement))
        return;
    if (done->locked.count == 0)
        done->locked_at = pass->begin;
    gl_lint_add_name(pass->state, &done->locked, gl_lint_key_of(pass->state, pass->relation));
}
