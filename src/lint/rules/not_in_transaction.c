/* Statements that PostgreSQL refuses in a transaction. */
#include "base/i18n.h"
#include "lint/rules.h"

static bool is_index_concurrent(const PgQuery__Node *node)
{
    return node->index_stmt->concurrent;
}

static bool is_drop_concurrent(const PgQuery__Node *node)
{
    return node->drop_stmt->concurrent;
}

static bool is_reindex_outside(const PgQuery__Node *node)
{
    const PgQuery__ReindexStmt *reindex = node->reindex_stmt;
    return gl_lint_option(reindex->params, reindex->n_params, "concurrently") ||
           reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA ||
           reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE ||
           reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM;
}

static bool is_vacuum(const PgQuery__Node *node)
{
    return node->vacuum_stmt->is_vacuumcmd;
}

static bool is_cluster_of_all(const PgQuery__Node *node)
{
    return !node->cluster_stmt->relation;
}

static bool is_detach_concurrent(const PgQuery__Node *node)
{
    const PgQuery__AlterTableStmt *alter = node->alter_table_stmt;
    for (size_t i = 0; i < alter->n_cmds; i++) {
        const PgQuery__AlterTableCmd *command = alter->cmds[i]->alter_table_cmd;
        if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition &&
            command->def->partition_cmd->concurrent)
            return true;
    }
    return false;
}

static const struct {
    PgQuery__Node__NodeCase node;
    bool (*is)(const PgQuery__Node *node); /* NULL = always */
    const char *name;
} statements[] = {
    {PG_QUERY__NODE__NODE_INDEX_STMT,              is_index_concurrent,  "CREATE INDEX CONCURRENTLY"    },
    {PG_QUERY__NODE__NODE_DROP_STMT,               is_drop_concurrent,   "DROP INDEX CONCURRENTLY"      },
    {PG_QUERY__NODE__NODE_REINDEX_STMT,            is_reindex_outside,   "REINDEX"                      },
    {PG_QUERY__NODE__NODE_VACUUM_STMT,             is_vacuum,            "VACUUM"                       },
    {PG_QUERY__NODE__NODE_CLUSTER_STMT,            is_cluster_of_all,    "CLUSTER"                      },
    {PG_QUERY__NODE__NODE_ALTER_TABLE_STMT,        is_detach_concurrent, "DETACH PARTITION CONCURRENTLY"},
    {PG_QUERY__NODE__NODE_CREATEDB_STMT,           NULL,                 "CREATE DATABASE"              },
    {PG_QUERY__NODE__NODE_DROPDB_STMT,             NULL,                 "DROP DATABASE"                },
    {PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT,       NULL,                 "ALTER SYSTEM"                 },
    {PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT, NULL,                 "CREATE TABLESPACE"            },
    {PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT,   NULL,                 "DROP TABLESPACE"              },
};

static void check(struct gl_lint_pass *pass)
{
    if (pass->no_transaction)
        return;
    for (size_t i = 0; i < GL_COUNT(statements); i++) {
        if (statements[i].node != pass->statement->node_case ||
            (statements[i].is && !statements[i].is(pass->statement)))
            continue;
        struct gl_lint_finding *finding =
            gl_lint_report_at(pass, pass->begin, _("%s cannot run in the transaction of this file"),
                              statements[i].name);
        gl_autofree char *statement = gl_lint_source(pass);
        gl_lint_alone(pass, finding, statement, NULL);
    }
}

const struct gl_lint_rule gl_lint_rule_not_in_transaction = {
    .about = {.id = "not-in-transaction",
              .severity = GL_LINT_ERROR,
              .title = N_("the statement cannot run in a transaction"),
              .happens =
                  N_("PostgreSQL answers with an error, as each file runs in a transaction."),
              .safe = N_("Put it alone into a no-transaction file.")},
    .on = GL_LINT_LIST(GL_LINT_ON_STATEMENT),
    .check = check,
};
