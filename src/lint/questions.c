/* What rules ask about a statement. */
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "lint/rule.h"
#include "migrate/format.h"

size_t gl_lint_at(const struct gl_lint_pass *pass, int32_t location)
{
    return location < 0 ? pass->begin : pass->origin + (size_t)location;
}

bool gl_lint_is_own(const struct gl_lint_pass *pass, const PgQuery__RangeVar *relation)
{
    if (strcmp(relation->relpersistence, "t") == 0)
        return true;
    const struct gl_lint_table *table = gl_lint_table_of(pass->state, relation);
    return table && (table->file == pass->file_index || table->temporary);
}

const PgQuery__Constraint *gl_lint_column_constraint(const PgQuery__ColumnDef *column,
                                                     PgQuery__ConstrType kind)
{
    for (size_t i = 0; i < column->n_constraints; i++) {
        const PgQuery__Constraint *constraint = column->constraints[i]->constraint;
        if (constraint->contype == kind)
            return constraint;
    }
    return NULL;
}

bool gl_lint_has_value(const PgQuery__ColumnDef *column)
{
    return gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) ||
           gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY) ||
           gl_lint_column_constraint(column, PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED) ||
           gl_lint_type_is_serial(
               gl_lint_last(column->type_name->names, column->type_name->n_names));
}

/* The command with a name that VALIDATE can be sure of. */
static char *named_command(const struct gl_lint_pass *pass, const char *name)
{
    gl_autofree char *command = gl_lint_command_source(pass);
    if (*pass->constraint->conname || strncasecmp(command, "ADD", 3) != 0)
        return gl_steal(&command);
    return gl_asprintf("%.3s CONSTRAINT %s%s", command, name, command + 3);
}

/* "ALTER TABLE IF EXISTS ONLY t", as the statement says it. */
static char *alter_table(const struct gl_lint_pass *pass)
{
    gl_autofree char *table = gl_lint_relation(pass->relation);
    return gl_asprintf("ALTER TABLE %s%s%s",
                       pass->statement->alter_table_stmt->missing_ok ? "IF EXISTS " : "",
                       pass->relation->inh ? "" : "ONLY ", table);
}

enum { NOT_VALID_KEYS_VERSION = 18 };

/* "cannot add NOT VALID foreign key on partitioned table" */
static bool is_refused(const struct gl_lint_pass *pass)
{
    return pass->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN && pass->table &&
           pass->table->kind == GL_LINT_PARTITIONED &&
           pass->options->server_version < NOT_VALID_KEYS_VERSION;
}

/* The partitioned table takes over the keys that its partitions have, without reading a row. */
static void key_by_partitions(const struct gl_lint_pass *pass, struct gl_lint_finding *finding,
                              const char *command, const char *name)
{
    gl_autofree char *alter = alter_table(pass);
    gl_lint_safe(finding,
                 "-- %s\n"
                 "ALTER TABLE <partition> %s NOT VALID;\n"
                 "-- %s\n"
                 "ALTER TABLE <partition> VALIDATE CONSTRAINT %s;\n"
                 "-- %s\n"
                 "%s %s;",
                 _("for each partition:"), command,
                 _("then for each partition, in a file of its own:"), name,
                 _("then, in a file of its own:"), alter, command);
}

void gl_lint_not_valid(const struct gl_lint_pass *pass, struct gl_lint_finding *finding)
{
    gl_autofree char *alter = alter_table(pass);
    gl_autofree char *name =
        gl_lint_quote(gl_lint_constraint_name(pass->state, pass->relation, pass->constraint));
    gl_autofree char *command = named_command(pass, name);
    bool single = pass->statement->alter_table_stmt->n_cmds == 1;
    if (is_refused(pass)) {
        finding->by_hand = N_("its partitions have to be named one by one");
        key_by_partitions(pass, finding, command, name);
        return;
    }
    gl_autofree char *unproven = gl_asprintf("%s NOT VALID", command);
    char *added =
        single ? gl_lint_source_around(pass, unproven) : gl_asprintf("%s %s", alter, unproven);
    char *validated = gl_asprintf("%s VALIDATE CONSTRAINT %s", alter, name);
    gl_lint_safe(finding, "%s;\n-- %s\n%s;", added, _("then, in a file of its own:"), validated);
    finding->replacement = added;
    finding->later = validated;
    if (single)
        finding->fix = GL_LINT_FIX_NOT_VALID;
    else
        finding->by_hand = N_("the ALTER TABLE does more; give the constraint one of its own");
}

const char *gl_lint_alone_mark(const struct gl_lint_pass *pass)
{
    const struct gl_format *format = pass->file->format;
    return format && format->alone_mark ? _(format->alone_mark) : "-- no-transaction\n";
}

/* Only files of sqlx are cut into batches by golive migrate up, which takes no other statement with
 * them. */
const char *gl_lint_batches(const struct gl_lint_pass *pass)
{
    const struct gl_format *format = pass->file->format;
    if (!format || format->alone)
        return "-- no-transaction\n-- golive: batch=10000 sleep=50ms\n";
    return _("-- by hand, some thousand rows at a time until none is left: a file would change all "
             "of them in one statement\n");
}

void gl_lint_alone(const struct gl_lint_pass *pass, struct gl_lint_finding *finding,
                   const char *statement, const char *by_hand)
{
    gl_lint_safe(finding, "%s%s;", gl_lint_alone_mark(pass), statement);
    finding->replacement = gl_strdup(statement);
    finding->fix = by_hand ? GL_LINT_FIX_NONE : GL_LINT_FIX_ALONE;
    finding->by_hand = by_hand;
}
