/* SET LOGGED, UNLOGGED, TABLESPACE, ACCESS METHOD. */
#include "base/i18n.h"
#include "lint/rules.h"

static const struct {
    PgQuery__AlterTableType type;
    const char *message;
} commands[] = {
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged,       N_("SET LOGGED rewrites the table")                                 },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged,     N_("SET UNLOGGED rewrites the table, which a "
                                                    "crash then empties")},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace,   N_("SET TABLESPACE copies the files")                               },
    {PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod, N_("SET ACCESS METHOD rewrites the table")                          },
};

static bool is_of_own_table(const struct gl_lint_pass *pass)
{
    const struct gl_lint_index *index =
        gl_lint_index_of(pass->state, pass->relation, pass->relation->relname);
    return index && index->table->file == pass->file_index;
}

static void check(struct gl_lint_pass *pass)
{
    if (gl_lint_is_own(pass, pass->relation) || is_of_own_table(pass))
        return;
    for (size_t i = 0; i < GL_COUNT(commands); i++) {
        if (commands[i].type == pass->command->subtype)
            gl_lint_report(pass, "%s", _(commands[i].message));
    }
}

const struct gl_lint_rule gl_lint_rule_rewrite_storage = {
    .about = {.id = "rewrite-storage",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("another kind of storage rewrites the table"),
              .happens =
                  N_("Every page of the table is written or copied. Nobody can read or write "
                     "it meanwhile."),
              .lock = N_("AccessExclusive on the table, for a rewrite or copy"),
              .safe =
                  N_("pg_repack moves a table to another tablespace while it is in use. For the "
                     "others, make a new table and copy in batches.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged,
                             PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged,
                             PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace,
                             PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod),
    .check = check,
};
