/* Foreign keys whose columns no index begins with, after the last file. */
#include "base/i18n.h"
#include "lint/rules.h"

/* `column`: that the constraint stands behind, else NULL. */
static void wish(struct gl_lint_pass *pass, const PgQuery__Constraint *key, const char *column)
{
    if (key->contype != PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN)
        return;
    struct gl_lint_wish *made = gl_lint_alloc(&pass->state->arena, sizeof *made);
    made->table = gl_lint_key_of(pass->state, pass->relation);
    if (column)
        gl_lint_add_name(pass->state, &made->columns, column);
    else
        made->columns = gl_lint_names_of(pass->state, key->fk_attrs, key->n_fk_attrs);
    gl_autofree char *columns =
        column ? gl_lint_quote(column) : gl_lint_list(key->fk_attrs, key->n_fk_attrs);
    gl_autofree char *table = gl_lint_relation(pass->relation);
    gl_autofree char *parent = gl_lint_relation(key->pktable);
    struct gl_lint_finding *finding = gl_lint_report_at(
        pass, gl_lint_at(pass, key->location),
        _("no index begins with %s: each delete in %s reads all of %s"), columns, parent, table);
    gl_lint_safe(finding, "%sCREATE INDEX CONCURRENTLY ON %s (%s);", gl_lint_alone_mark(pass),
                 table, columns);
    finding->wish = made;
}

static void wish_for_column(struct gl_lint_pass *pass, const PgQuery__ColumnDef *column)
{
    for (size_t i = 0; i < column->n_constraints; i++)
        wish(pass, column->constraints[i]->constraint, column->colname);
}

static void check(struct gl_lint_pass *pass)
{
    if (pass->constraint)
        wish(pass, pass->constraint, NULL);
    if (pass->column)
        wish_for_column(pass, pass->column);
    if (pass->statement->node_case != PG_QUERY__NODE__NODE_CREATE_STMT)
        return;
    const PgQuery__CreateStmt *create = pass->statement->create_stmt;
    for (size_t i = 0; i < create->n_table_elts; i++) {
        const PgQuery__Node *element = create->table_elts[i];
        if (element->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
            wish_for_column(pass, element->column_def);
        else if (element->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            wish(pass, element->constraint, NULL);
    }
}

const struct gl_lint_rule gl_lint_rule_foreign_key_without_index = {
    .about = {.id = "foreign-key-without-index",
              .severity = GL_LINT_INFO,
              .title = N_("a foreign key without an index on the referencing columns"),
              .happens =
                  N_("Each DELETE of a referenced row, and each change of its key, reads the "
                     "whole referencing table to look for rows that refer to it."),
              .lock = N_("RowShare on the referencing table, for a full scan of each delete"),
              .safe = N_("CREATE INDEX CONCURRENTLY on the referencing columns, before the foreign "
                         "key.")},
    .on = GL_LINT_LIST(PG_QUERY__NODE__NODE_CREATE_STMT),
    .commands = GL_LINT_LIST(PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn,
                             PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint),
    .check = check,
};
