/* DETACH PARTITION without CONCURRENTLY. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__PartitionCmd *partition = pass->command->def->partition_cmd;
    if (partition->concurrent || gl_lint_is_own(pass, pass->relation))
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *statement = gl_lint_source(pass);
    struct gl_lint_finding *finding =
        gl_lint_report(pass, _("readers and writers of all of %s wait"), table);
    gl_autofree char *safe = gl_asprintf("%s CONCURRENTLY", statement);
    gl_lint_alone(pass, finding, safe,
                  pass->statement->alter_table_stmt->n_cmds == 1
                      ? NULL
                      : N_("the ALTER TABLE does more, and CONCURRENTLY does nothing besides"));
}

const struct gl_lint_rule gl_lint_rule_detach_partition = {
    .about = {.id = "detach-partition",
              .severity = GL_LINT_WARNING,
              .title = N_("detaching a partition locks the whole table"),
              .happens =
                  N_("The statement waits for every transaction that uses any partition, and "
                     "all that come later wait behind it."),
              .lock = N_("AccessExclusive on the parent and the partition"),
              .safe = N_("DETACH PARTITION ... CONCURRENTLY (since PostgreSQL 14), alone "
                         "in a no-transaction file. It is not for tables with a DEFAULT "
                         "partition.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition),
    .check = check,
};
