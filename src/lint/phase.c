/* Expand or contract, read from the parse tree: what of a statement breaks the version that is
 * serving. Not here, because that version goes on working: DROP INDEX, DROP CONSTRAINT and DROP
 * NOT NULL loosen; ADD VALUE adds. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rule.h"

/* ---- drops -------------------------------------------------------------------------------------
 */

static const struct {
    PgQuery__ObjectType type;
    const char *reason;
} drops[] = {
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,         N_("drops a table")     },
    {PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE, N_("drops a table")     },
    {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA,        N_("drops a schema")    },
    {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,          N_("drops a view")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,       N_("drops a view")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_TYPE,          N_("drops a type")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN,        N_("drops a type")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE,      N_("drops a sequence")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION,      N_("drops a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE,     N_("drops a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE,       N_("drops a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE,     N_("drops a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER,       N_("drops a trigger")   },
    {PG_QUERY__OBJECT_TYPE__OBJECT_POLICY,        N_("drops a row policy")},
    {PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION,     N_("drops an extension")},
};

/* The name by which an object is dropped and made: the last one is enough to see a replacement. */
static const char *dropped_name(const PgQuery__Node *object)
{
    switch ((int)object->node_case) {
    case PG_QUERY__NODE__NODE_LIST:
        return gl_lint_last(object->list->items, object->list->n_items);
    case PG_QUERY__NODE__NODE_TYPE_NAME:
        return gl_lint_last(object->type_name->names, object->type_name->n_names);
    case PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS:
        return gl_lint_last(object->object_with_args->objname, object->object_with_args->n_objname);
    default:
        return gl_lint_string(object);
    }
}

static const char *created_name(const PgQuery__Node *statement)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return statement->view_stmt->view->relname;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return statement->create_table_as_stmt->into->rel->relname;
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        return gl_lint_last(statement->create_function_stmt->funcname,
                            statement->create_function_stmt->n_funcname);
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
        return statement->create_trig_stmt->trigname;
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
        return statement->create_policy_stmt->policy_name;
    case PG_QUERY__NODE__NODE_DEFINE_STMT:
        return gl_lint_last(statement->define_stmt->defnames, statement->define_stmt->n_defnames);
    default:
        return NULL;
    }
}

/* DROP VIEW v; CREATE VIEW v ... in one transaction replaces v: nobody sees it missing. A table
 * made anew has lost its rows. */
static bool is_replaced(const struct gl_lint_pass *pass, const PgQuery__Node *object)
{
    PgQuery__ObjectType type = pass->statement->drop_stmt->remove_type;
    if (type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE || type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
        return false;
    for (size_t i = pass->tree_index + 1; pass->tree && i < pass->tree->n_stmts; i++) {
        const PgQuery__Node *later = pass->tree->stmts[i]->stmt;
        const char *created = later ? created_name(later) : NULL;
        if (created && strcmp(created, dropped_name(object)) == 0)
            return true;
    }
    return false;
}

static bool is_own_type(const struct gl_lint_pass *pass, const char *name)
{
    const struct gl_lint_enum *values = gl_lint_map_get(&pass->state->enums, name);
    const struct gl_lint_domain *domain = gl_lint_map_get(&pass->state->domains, name);
    return (values && values->file == pass->file_index) ||
           (domain && domain->file == pass->file_index);
}

static bool was_made_here(const struct gl_lint_pass *pass, const PgQuery__Node *object)
{
    if (object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
        return is_own_type(pass, dropped_name(object));
    if (object->node_case != PG_QUERY__NODE__NODE_LIST)
        return false;
    const PgQuery__List *names = object->list;
    const struct gl_lint_table *table = gl_lint_map_get(
        &pass->state->relations, gl_lint_key_of_names(pass->state, names->items, names->n_items));
    return table && (table->file == pass->file_index || table->temporary);
}

static const char *drop_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__DropStmt *statement = pass->statement->drop_stmt;
    bool lasting = false;
    for (size_t i = 0; i < statement->n_objects; i++)
        lasting |= !was_made_here(pass, statement->objects[i]) &&
                   !is_replaced(pass, statement->objects[i]);
    for (size_t i = 0; lasting && i < GL_COUNT(drops); i++) {
        if (drops[i].type == statement->remove_type)
            return drops[i].reason;
    }
    return NULL;
}

/* ---- renames -----------------------------------------------------------------------------------
 */

static const struct {
    PgQuery__ObjectType type;
    const char *reason;
} renames[] = {
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE,     N_("renames a table")     },
    {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW,      N_("renames a view")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW,   N_("renames a view")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN,    N_("renames a column")    },
    {PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE, N_("renames an attribute")},
    {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA,    N_("renames a schema")    },
    {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE,  N_("renames a sequence")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION,  N_("renames a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE, N_("renames a function")  },
    {PG_QUERY__OBJECT_TYPE__OBJECT_TYPE,      N_("renames a type")      },
    {PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN,    N_("renames a type")      },
};

static const char *rename_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__RenameStmt *statement = pass->statement->rename_stmt;
    if (statement->relation && gl_lint_is_own(pass, statement->relation))
        return NULL;
    for (size_t i = 0; i < GL_COUNT(renames); i++) {
        if (renames[i].type == statement->rename_type)
            return renames[i].reason;
    }
    return NULL;
}

/* ---- ALTER TABLE -------------------------------------------------------------------------------
 */

static const char *add_column_breaks(const struct gl_lint_pass *pass,
                                     const PgQuery__AlterTableCmd *command)
{
    const PgQuery__ColumnDef *column = command->def->column_def;
    bool required = gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) ||
                    gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY);
    (void)pass;
    return required && !gl_lint_has_value(column)
               ? N_("adds a column that the old version does not fill")
               : NULL;
}

static const char *not_null_breaks(const struct gl_lint_pass *pass,
                                   const PgQuery__AlterTableCmd *command)
{
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, command->name);
    if (column && column->nulls == GL_LINT_NULLS_FORBIDDEN)
        return NULL;
    if (gl_lint_is_proven_not_null(pass->table, command->name))
        return NULL;
    return N_("forbids NULL, which the old version may write");
}

static const char *type_breaks(const struct gl_lint_pass *pass,
                               const PgQuery__AlterTableCmd *command)
{
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, command->name);
    struct gl_lint_type to =
        gl_lint_type_of(command->def->column_def->type_name, &pass->state->arena);
    if (column && column->type.name && !gl_lint_type_narrows(&column->type, &to))
        return NULL;
    return column && column->type.name ? N_("narrows a column's type")
                                       : N_("changes a column's type");
}

/* What this file added, no version knows. */
static const char *drop_column_breaks(const struct gl_lint_pass *pass,
                                      const PgQuery__AlterTableCmd *command)
{
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, command->name);
    return column && column->file == pass->file_index ? NULL : N_("drops a column");
}

static bool gives_value(const PgQuery__AlterTableStmt *statement, const char *column)
{
    for (size_t i = 0; i < statement->n_cmds; i++) {
        const PgQuery__AlterTableCmd *command = statement->cmds[i]->alter_table_cmd;
        bool gives =
            command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity ||
            (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault && command->def);
        if (gives && strcmp(command->name, column) == 0)
            return true;
    }
    return false;
}

/* DROP DEFAULT; ADD GENERATED ... AS IDENTITY in one transaction: another default. */
static bool gets_another(const struct gl_lint_pass *pass, const char *column)
{
    for (size_t i = pass->tree_index; pass->tree && i < pass->tree->n_stmts; i++) {
        const PgQuery__Node *later = pass->tree->stmts[i]->stmt;
        if (later && later->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT &&
            strcmp(later->alter_table_stmt->relation->relname, pass->relation->relname) == 0 &&
            gives_value(later->alter_table_stmt, column))
            return true;
    }
    return false;
}

static const char *default_breaks(const struct gl_lint_pass *pass,
                                  const PgQuery__AlterTableCmd *command)
{
    const struct gl_lint_column *column = gl_lint_column_of(pass->table, command->name);
    bool nullable = column && column->nulls == GL_LINT_NULLS_ALLOWED;
    return command->def || nullable || gets_another(pass, command->name)
               ? NULL
               : N_("takes away a default the old version may need");
}

typedef const char *breaks_fn(const struct gl_lint_pass *pass,
                              const PgQuery__AlterTableCmd *command);

static const struct {
    PgQuery__AlterTableType type;
    breaks_fn *ask; /* NULL = it always does */
    const char *reason;
} commands[] = {
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn,        drop_column_breaks, NULL                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn,         add_column_breaks,  NULL                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault,     default_breaks,     NULL                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull,        not_null_breaks,    NULL                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType,   type_breaks,        NULL                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity,      NULL,
     N_("takes away a default the old version may need")                                                        },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression,    NULL,               N_("no longer computes a column")    },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition,   NULL,               N_("takes rows out of a table")      },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig,       NULL,               N_("switches a trigger off")         },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll,    NULL,               N_("switches a trigger off")         },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser,   NULL,               N_("switches a trigger off")         },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity, NULL,               N_("hides rows that no policy shows")},
};

static const char *command_breaks(const struct gl_lint_pass *pass,
                                  const PgQuery__AlterTableCmd *command)
{
    for (size_t i = 0; i < GL_COUNT(commands); i++) {
        if (commands[i].type == command->subtype)
            return commands[i].ask ? commands[i].ask(pass, command) : commands[i].reason;
    }
    return NULL;
}

static const char *alter_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__AlterTableStmt *statement = pass->statement->alter_table_stmt;
    if (gl_lint_is_own(pass, statement->relation) ||
        statement->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
        return NULL;
    if (pass->command)
        return command_breaks(pass, pass->command);
    const char *reason = NULL;
    for (size_t i = 0; !reason && i < statement->n_cmds; i++)
        reason = command_breaks(pass, statement->cmds[i]->alter_table_cmd);
    return reason;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static const char *truncate_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__TruncateStmt *statement = pass->statement->truncate_stmt;
    for (size_t i = 0; i < statement->n_relations; i++) {
        if (!gl_lint_is_own(pass, statement->relations[i]->range_var))
            return N_("deletes the rows of a table");
    }
    return NULL;
}

static const char *delete_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__DeleteStmt *statement = pass->statement->delete_stmt;
    return !statement->where_clause && !gl_lint_is_own(pass, statement->relation)
               ? N_("deletes the rows of a table")
               : NULL;
}

static const char *enum_breaks(const struct gl_lint_pass *pass)
{
    return *pass->statement->alter_enum_stmt->old_val ? N_("renames an enum value") : NULL;
}

static const char *schema_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__AlterObjectSchemaStmt *statement = pass->statement->alter_object_schema_stmt;
    return statement->relation && !gl_lint_is_own(pass, statement->relation)
               ? N_("moves a table to another schema")
               : NULL;
}

static const char *revoke_breaks(const struct gl_lint_pass *pass)
{
    const PgQuery__GrantStmt *statement = pass->statement->grant_stmt;
    bool own = statement->n_objects > 0;
    for (size_t i = 0; i < statement->n_objects; i++) {
        const PgQuery__Node *object = statement->objects[i];
        own &= object->node_case == PG_QUERY__NODE__NODE_RANGE_VAR &&
               gl_lint_is_own(pass, object->range_var);
    }
    return statement->is_grant || own ? NULL : N_("takes away a right");
}

static const struct {
    PgQuery__Node__NodeCase node;
    const char *(*ask)(const struct gl_lint_pass *pass);
    const char *reason;
} statements[] = {
    {PG_QUERY__NODE__NODE_DROP_STMT,                drop_breaks,     NULL                        },
    {PG_QUERY__NODE__NODE_RENAME_STMT,              rename_breaks,   NULL                        },
    {PG_QUERY__NODE__NODE_ALTER_TABLE_STMT,         alter_breaks,    NULL                        },
    {PG_QUERY__NODE__NODE_TRUNCATE_STMT,            truncate_breaks, NULL                        },
    {PG_QUERY__NODE__NODE_DELETE_STMT,              delete_breaks,   NULL                        },
    {PG_QUERY__NODE__NODE_ALTER_ENUM_STMT,          enum_breaks,     NULL                        },
    {PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, schema_breaks,   NULL                        },
    {PG_QUERY__NODE__NODE_GRANT_STMT,               revoke_breaks,   NULL                        },
    {PG_QUERY__NODE__NODE_DROPDB_STMT,              NULL,            N_("drops a database")      },
    {PG_QUERY__NODE__NODE_DROP_ROLE_STMT,           NULL,            N_("drops a role")          },
    {PG_QUERY__NODE__NODE_DROP_OWNED_STMT,          NULL,            N_("drops what a role owns")},
};

const char *gl_lint_breaks(const struct gl_lint_pass *pass)
{
    for (size_t i = 0; i < GL_COUNT(statements); i++) {
        if (statements[i].node != pass->statement->node_case)
            continue;
        const char *reason = statements[i].ask ? statements[i].ask(pass) : statements[i].reason;
        return reason ? _(reason) : NULL;
    }
    return NULL;
}
