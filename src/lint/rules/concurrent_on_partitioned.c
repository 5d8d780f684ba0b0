/* CREATE INDEX CONCURRENTLY on a partitioned table. */
#include "base/i18n.h"
#include "lint/rules.h"

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__IndexStmt *index = pass->statement->index_stmt;
    if (!index->concurrent || !pass->table || pass->table->kind != GL_LINT_PARTITIONED)
        return;
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_lint_safe(gl_lint_report(pass, _("%s is partitioned: PostgreSQL refuses this"), table),
                 "CREATE INDEX <index> ON ONLY %s (...);\n"
                 "-- %s\n"
                 "%sCREATE INDEX CONCURRENTLY <index of the partition> ON <partition> (...);\n"
                 "-- %s\n"
                 "ALTER INDEX <index> ATTACH PARTITION <index of the partition>;",
                 table, _("then for each partition, in a file of its own:"),
                 gl_lint_alone_mark(pass), _("then, in a file of its own:"));
}

const struct gl_lint_rule gl_lint_rule_concurrent_on_partitioned = {
    .about = {.id = "concurrent-on-partitioned",
              .severity = GL_LINT_ERROR,
              .title = N_("partitioned tables have no concurrent index build"),
              .happens = N_("PostgreSQL answers with an error: cannot create index on partitioned "
                            "table concurrently."),
              .safe = N_("Create the index ON ONLY the parent, build one CONCURRENTLY on each "
                         "partition, then attach these.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_INDEX_STMT),
    .check = check,
};
