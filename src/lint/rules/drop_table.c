/* DROP TABLE. */
#include "base/i18n.h"
#include "lint/rules.h"

/* IF EXISTS of what no file before made, where files before made tables. */
static bool is_unheard_of(const struct gl_lint_pass *pass)
{
    const PgQuery__DropStmt *drop = pass->statement->drop_stmt;
    bool known = !drop->missing_ok || pass->file_index == 0 || !pass->state->relations.used;
    for (size_t i = 0; !known && i < drop->n_objects; i++) {
        const PgQuery__List *names = drop->objects[i]->list;
        known = gl_lint_map_get(&pass->state->relations,
                                gl_lint_key_of_names(pass->state, names->items, names->n_items));
    }
    return !known;
}

static void check(struct gl_lint_pass *pass)
{
    PgQuery__ObjectType type = pass->statement->drop_stmt->remove_type;
    if ((type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
         type == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE) &&
        gl_lint_breaks(pass)) {
        struct gl_lint_finding *finding = gl_lint_report(
            pass, _("the previous version fails wherever it names the table, and its rows "
                    "are lost"));
        if (is_unheard_of(pass) && finding->severity == GL_LINT_WARNING)
            finding->severity = GL_LINT_INFO;
    }
}

const struct gl_lint_rule gl_lint_rule_drop_table = {
    .about = {.id = "drop-table",
              .severity = GL_LINT_WARNING,
              .breaks = true,
              .title = N_("a table is dropped"),
              .happens =
                  N_("Every query of the previous version on it fails at once. The rows are "
                     "lost; a rollback does not bring them back. Tables that its foreign keys "
                     "refer to are locked, too."),
              .lock = N_("AccessExclusive on the table and on those its foreign keys refer to"),
              .safe = N_("Release a version that no longer uses it, and drop it one release later "
                         "in a file with `-- golive: phase=contract`.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_DROP_STMT),
    .check = check,
};
