/* DROP INDEX without CONCURRENTLY. */
#include "base/i18n.h"
#include "lint/rules.h"

/* True if all of them are on tables of this transaction. */
static bool all_own(const struct gl_lint_pass *pass, const PgQuery__DropStmt *drop)
{
    for (size_t i = 0; i < drop->n_objects; i++) {
        const PgQuery__List *names = drop->objects[i]->list;
        const struct gl_lint_index *index = gl_lint_map_get(
            &pass->state->indexes, gl_lint_key_of_names(pass->state, names->items, names->n_items));
        if (!index || (index->table->file != pass->file_index && !index->table->temporary))
            return false;
    }
    return true;
}

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__DropStmt *drop = pass->statement->drop_stmt;
    if (drop->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX || drop->concurrent ||
        all_own(pass, drop))
        return;
    gl_autofree char *safe = gl_lint_source_with(pass, "INDEX", "CONCURRENTLY");
    struct gl_lint_finding *finding =
        gl_lint_report(pass, _("reads and writes of the index's table wait for the drop, and the "
                               "drop for every transaction that uses the table"));
    const char *by_hand = NULL;
    if (drop->n_objects != 1)
        by_hand = N_("it drops several, and CONCURRENTLY drops one at a time");
    else if (drop->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
        by_hand = N_("CONCURRENTLY knows no CASCADE");
    gl_lint_alone(pass, finding, safe, by_hand);
}

const struct gl_lint_rule gl_lint_rule_drop_index = {
    .about = {.id = "drop-index",
              .severity = GL_LINT_WARNING,
              .title = N_("dropping an index locks its table"),
              .happens = N_("The drop is quick, but it waits for every transaction that uses the "
                            "table, and all that come later wait behind it."),
              .lock = N_("AccessExclusive on the table"),
              .safe = N_("DROP INDEX CONCURRENTLY, alone in a no-transaction file.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_DROP_STMT),
    .check = check,
};
