/* ATTACH PARTITION of a table whose rows have to be tested. */
#include "base/i18n.h"
#include "lint/rules.h"

/* A CHECK that holds for all rows may say what the partition's bound says: whether it does, only
 * PostgreSQL knows, which then reads nothing. */
static bool has_valid_check(const struct gl_lint_table *table)
{
    for (const struct gl_lint_constraint *c = table ? table->constraints : NULL; c; c = c->next) {
        if (c->kind == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK && c->valid)
            return true;
    }
    return false;
}

static void check(struct gl_lint_pass *pass)
{
    const PgQuery__PartitionCmd *partition = pass->command->def->partition_cmd;
    if (gl_lint_is_own(pass, partition->name) || gl_lint_is_own(pass, pass->relation) ||
        has_valid_check(gl_lint_table_of(pass->state, partition->name)))
        return;
    gl_autofree char *name = gl_lint_relation(partition->name);
    gl_autofree char *statement = gl_lint_source(pass);
    gl_lint_safe(gl_lint_report(pass,
                                _("every row of %s is tested while nobody can read or write "
                                  "it"),
                                name),
                 "ALTER TABLE %s ADD CONSTRAINT %s_bound CHECK (<bound>) NOT VALID;\n"
                 "-- %s\n"
                 "ALTER TABLE %s VALIDATE CONSTRAINT %s_bound;\n"
                 "-- %s\n"
                 "%s;",
                 name, partition->name->relname, _("then, in a file of its own:"), name,
                 partition->name->relname, _("then, in a file of its own:"), statement);
}

const struct gl_lint_rule gl_lint_rule_attach_partition = {
    .about = {.id = "attach-partition",
              .severity = GL_LINT_ERROR,
              .sized = true,
              .title = N_("attaching a partition reads all of it under a lock"),
              .happens = N_("Every row is tested against the bound; of a DEFAULT partition, too. "
                            "Nobody can read or write these meanwhile. A valid CHECK that says the "
                            "same saves the scan."),
              .lock =
                  N_("ShareUpdateExclusive on the parent, AccessExclusive on the partition, for "
                     "a full scan"),
              .safe =
                  N_("Add a CHECK of the bound NOT VALID, validate it, attach, drop the CHECK.")},
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition),
    .check = check,
};
