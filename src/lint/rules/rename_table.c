/* RENAME of a table or view, SET SCHEMA. */
#include "base/i18n.h"
#include "lint/rules.h"

static bool is_relation(PgQuery__ObjectType type)
{
    return type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
           type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
}

static void check(struct gl_lint_pass *pass)
{
    bool moved = pass->statement->node_case == PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT;
    PgQuery__ObjectType type = moved ? pass->statement->alter_object_schema_stmt->object_type
                                     : pass->statement->rename_stmt->rename_type;
    if (!is_relation(type) || !pass->relation || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *from = gl_lint_relation(pass->relation);
    gl_autofree char *to =
        moved ? gl_asprintf("%s.%s", pass->statement->alter_object_schema_stmt->newschema,
                            pass->relation->relname)
              : gl_lint_quote(pass->statement->rename_stmt->newname);
    gl_autofree char *statement = gl_lint_source(pass);
    gl_lint_safe(
        gl_lint_report(pass, _("the previous version names %s, which is then %s"), from, to),
        "%s;\n"
        "CREATE VIEW %s AS SELECT * FROM %s; -- %s",
        statement, from, to, _("until no version uses the old name"));
}

const struct gl_lint_rule gl_lint_rule_rename_table = {
    .about = {.id = "rename-table",
              .severity = GL_LINT_ERROR,
              .breaks = true,
              .title = N_("a table or view is renamed or moved"),
              .happens =
                  N_("There is no instant at which both versions work: the previous one needs "
                     "the old name, the next one the new name."),
              .lock = N_("AccessExclusive on it, for a moment"),
              .safe = N_("Rename it and, in the same file, make a view of the old name, which "
                         "PostgreSQL lets the previous version write to; drop the view a release "
                         "later.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_RENAME_STMT,
                       PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT),
    .check = check,
};
