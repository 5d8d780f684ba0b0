/* CREATE TABLE ... PARTITION OF. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__CreateStmt *create = pass->statement->create_stmt;
    if (!create->partbound || !create->n_inh_relations)
        return;
    const PgQuery__RangeVar *parent = create->inh_relations[0]->range_var;
    if (gl_lint_is_own(pass, parent))
        return;
    gl_autofree char *name = gl_lint_relation(pass->relation);
    gl_autofree char *table = gl_lint_relation(parent);
    struct gl_lint_finding *finding =
        gl_lint_report(pass, _("readers and writers of all of %s wait"), table);
    gl_lint_safe(finding,
                 "CREATE TABLE %s (LIKE %s INCLUDING ALL);\n"
                 "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES ...;",
                 name, table, table, name);
}

const struct gl_lint_rule gl_lint_rule_create_partition = {
    .about = {.id = "create-partition",
              .severity = GL_LINT_WARNING,
              .title = N_("creating a partition locks the whole table"),
              .happens =
                  N_("The statement waits for every transaction that uses the table, and all "
                     "that come later wait behind it. A DEFAULT partition is read from end "
                     "to end meanwhile."),
              .lock = N_("AccessExclusive on the parent"),
              .safe = N_("CREATE TABLE ... (LIKE parent), then ATTACH PARTITION, which takes "
                         "ShareUpdateExclusive on the parent.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CREATE_STMT),
    .check = check,
};
