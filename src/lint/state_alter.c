/* ALTER TABLE: what each of its commands leaves behind. */
#include <string.h>

#include "lint/state.h"

struct altering {
    struct gl_lint_state *state;
    struct gl_lint_table *table;
    int file;
};

typedef void command_fn(const struct altering *altering, const PgQuery__AlterTableCmd *command);

static void add_column(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    const PgQuery__ColumnDef *def = command->def->column_def;
    if (command->missing_ok && gl_lint_column_of(altering->table, def->colname))
        return;
    gl_lint_add_column(altering->state, altering->table, def, altering->file);
}

static void drop_column(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    gl_lint_drop_column(altering->table, command->name);
}

static void add_constraint(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    gl_lint_add_constraint(altering->state, altering->table, command->def->constraint, NULL,
                           altering->file);
}

static void drop_constraint(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    gl_lint_drop_constraint(altering->table, command->name);
}

static void validate(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    struct gl_lint_constraint *found = gl_lint_constraint_of(altering->table, command->name);
    if (found)
        found->valid = true;
}

/* The column, made known by what is said of it. */
static struct gl_lint_column *column_of(const struct altering *altering, const char *name)
{
    struct gl_lint_column *column = gl_lint_column_of(altering->table, name);
    if (!column) {
        column = gl_lint_alloc(&altering->state->arena, sizeof *column);
        column->name = gl_lint_copy(&altering->state->arena, name);
        column->file = -1;
        column->next = altering->table->columns;
        altering->table->columns = column;
    }
    return column;
}

static void set_not_null(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    column_of(altering, command->name)->nulls = GL_LINT_NULLS_FORBIDDEN;
}

static void drop_not_null(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    column_of(altering, command->name)->nulls = GL_LINT_NULLS_ALLOWED;
}

static void change_type(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    column_of(altering, command->name)->type =
        gl_lint_type_of(command->def->column_def->type_name, &altering->state->arena);
}

static void attach_partition(const struct altering *altering, const PgQuery__AlterTableCmd *command)
{
    (void)command;
    altering->table->kind = GL_LINT_PARTITIONED;
}

static const struct {
    PgQuery__AlterTableType type;
    command_fn *apply;
} commands[] = {
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn,          add_column      },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn,         drop_column     },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint,      add_constraint  },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint,     drop_constraint },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, validate        },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull,         set_not_null    },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull,        drop_not_null   },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType,    change_type     },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition,    attach_partition},
};

void gl_lint_apply_alter(struct gl_lint_state *state, const PgQuery__AlterTableStmt *statement,
                         int file)
{
    if (!statement->relation || statement->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
        return;
    struct altering altering = {state, gl_lint_table_need(state, statement->relation), file};
    for (size_t i = 0; i < statement->n_cmds; i++) {
        const PgQuery__AlterTableCmd *command = statement->cmds[i]->alter_table_cmd;
        for (size_t k = 0; k < GL_COUNT(commands); k++) {
            if (commands[k].type == command->subtype)
                commands[k].apply(&altering, command);
        }
    }
}
