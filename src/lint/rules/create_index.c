/* CREATE INDEX without CONCURRENTLY. */
#include "base/i18n.h"
#include "lint/rules.h"

/* On a partitioned table there is no concurrent way; ON ONLY makes an empty one. */
static void report_partitioned(struct gl_lint_pass *pass)
{
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *only = gl_lint_source_with(pass, "ON", "ONLY");
    struct gl_lint_finding *finding = gl_lint_report(
        pass, _("%s and its partitions refuse writes while their indexes are built"), table);
    finding->by_hand = N_("its partitions have to be named one by one");
    gl_lint_safe(finding,
                 "%s;\n"
                 "-- %s\n"
                 "%sCREATE INDEX CONCURRENTLY <index> ON <partition> (...);\n"
                 "-- %s\n"
                 "ALTER INDEX <index of %s> ATTACH PARTITION <index>;",
                 only, _("then for each partition, in a file of its own:"),
                 gl_lint_alone_mark(pass), _("then, in a file of its own:"), table);
}

/* IF NOT EXISTS of one that is there. */
static bool makes_nothing(const struct gl_lint_pass *pass, const PgQuery__IndexStmt *index)
{
    return index->if_not_exists && gl_lint_index_of(pass->state, pass->relation, index->idxname);
}

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__IndexStmt *index = pass->statement->index_stmt;
    bool partitioned = pass->table && pass->table->kind == GL_LINT_PARTITIONED;
    if (index->concurrent || makes_nothing(pass, index) || gl_lint_is_own(pass, pass->relation) ||
        (partitioned && !pass->relation->inh))
        return;
    if (partitioned) {
        report_partitioned(pass);
        return;
    }
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *safe = gl_lint_source_with(pass, "INDEX", "CONCURRENTLY");
    struct gl_lint_finding *finding =
        gl_lint_report(pass, _("%s refuses writes while the index is built"), table);
    gl_lint_alone(pass, finding, safe,
                  *index->idxname ? NULL
                                  : N_("the index has no name by which it could be found again"));
}

const struct gl_lint_rule gl_lint_rule_create_index = {
    .about = {.id = "create-index",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("an index is built while writes are blocked"),
              .happens = N_("The table is read from end to end and refuses writes meanwhile."),
              .lock = N_("Share on the table, for a full scan"),
              .safe = N_("CREATE INDEX CONCURRENTLY, alone in a no-transaction file. If "
                         "it fails it leaves an INVALID index, which has to be dropped; "
                         "golive migrate up does that.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_INDEX_STMT),
    .check = check,
};
