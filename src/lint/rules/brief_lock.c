/* Statements that change only the catalogue, under a lock that stops everybody for a moment. */
#include "base/i18n.h"
#include "lint/rules.h"

static const struct {
    PgQuery__AlterTableType type;
    const char *name;
} commands[] = {
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner,        "OWNER TO"                  },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity,    "REPLICA IDENTITY"          },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage,         "SET STORAGE"               },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression,     "SET COMPRESSION"           },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity, "DISABLE ROW LEVEL SECURITY"},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity,   "FORCE ROW LEVEL SECURITY"  },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit,         "INHERIT"                   },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit,        "NO INHERIT"                },
};

static const char *name_of(const struct gl_lint_pass *pass)
{
    for (size_t i = 0; pass->command && i < GL_COUNT(commands); i++) {
        if (commands[i].type == pass->command->subtype)
            return commands[i].name;
    }
    if (pass->statement->node_case == PG_QUERY__NODE__NODE_CREATE_POLICY_STMT)
        return "CREATE POLICY";
    return pass->statement->node_case == PG_QUERY__NODE__NODE_ALTER_POLICY_STMT ? "ALTER POLICY"
                                                                                : "DROP";
}

/* DROP TRIGGER t ON x, DROP POLICY p ON x; other drops have rules of their own. */
static bool is_of_table(const struct gl_lint_pass *pass)
{
    if (pass->statement->node_case != PG_QUERY__NODE__NODE_DROP_STMT)
        return true;
    PgQuery__ObjectType type = pass->statement->drop_stmt->remove_type;
    return type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_POLICY ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_RULE;
}

/* The last name but one is the table's. */
static bool is_own_drop(const struct gl_lint_pass *pass)
{
    if (pass->statement->node_case != PG_QUERY__NODE__NODE_DROP_STMT)
        return false;
    const PgQuery__List *names = pass->statement->drop_stmt->objects[0]->list;
    const struct gl_lint_table *table = gl_lint_map_get(
        &pass->state->relations,
        gl_lint_key_of_names(pass->state, names->items, names->n_items ? names->n_items - 1 : 0));
    return table && table->file == pass->file_index;
}

static void check(struct gl_lint_pass *pass)
{
    if (!is_of_table(pass) || is_own_drop(pass) ||
        (pass->relation && gl_lint_is_own(pass, pass->relation)))
        return;
    gl_lint_report(pass, _("%s: readers and writers of the table wait for a moment"),
                   name_of(pass));
}

const struct gl_lint_rule gl_lint_rule_brief_lock = {
    .about = {.id = "brief-lock",
              .severity = GL_LINT_INFO,
              .title = N_("the table is locked for a moment"),
              .happens = N_("Nothing is read or written. But the statement waits for every "
                            "transaction that uses the table, and all that come later wait behind "
                            "it."),
              .lock = N_("AccessExclusive on the table, for a moment"),
              .safe =
                  N_("golive migrate up sets lock_timeout and tries again; with another runner, "
                     "SET lock_timeout = '2s' first.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CREATE_POLICY_STMT,
                       PG_QUERY__NODE__NODE_ALTER_POLICY_STMT, PG_QUERY__NODE__NODE_DROP_STMT),
    .commands = GL_LINT_LIST(
        PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner, PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity,
        PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage, PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression,
        PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity,
        PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity, PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit,
        PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit),
    .check = check,
};
