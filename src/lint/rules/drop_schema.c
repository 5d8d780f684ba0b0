/* DROP SCHEMA, DROP DATABASE. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    bool database = pass->statement->node_case == PG_QUERY__NODE__NODE_DROPDB_STMT;
    if (database || pass->statement->drop_stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
        gl_lint_report(pass, database ? _("everything in the database is lost")
                                      : _("everything in the schema is lost"));
}

const struct gl_lint_rule gl_lint_rule_drop_schema = {
    .about = {.id = "drop-schema",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("a schema or database is dropped"),
              .happens = N_("Every query on what is in it fails at once, and the rows are lost."),
              .lock = N_("AccessExclusive on everything in it"),
              .safe = N_("Drop table by table, one release after the last version that uses them, "
                         "in files with `-- golive: phase=contract`.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_DROP_STMT, PG_QUERY__NODE__NODE_DROPDB_STMT),
    .check = check,
};
