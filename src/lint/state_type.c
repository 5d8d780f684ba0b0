/* Types and functions of the user. */
#include <string.h>

#include "lint/state.h"

static void add_value(struct gl_lint_state *state, struct gl_lint_enum *type, const char *value,
                      int file)
{
    int *files = gl_lint_alloc(&state->arena, (type->values.count + 1) * sizeof *files);
    if (type->values.count)
        memcpy(files, type->files, type->values.count * sizeof *files);
    files[type->values.count] = file;
    type->files = files;
    gl_lint_add_name(state, &type->values, value);
}

static struct gl_lint_enum *need_enum(struct gl_lint_state *state, const char *name, int file)
{
    struct gl_lint_enum *type = gl_lint_map_get(&state->enums, name);
    if (!type) {
        type = gl_lint_alloc(&state->arena, sizeof *type);
        type->file = file;
        gl_lint_map_set(&state->enums, gl_lint_copy(&state->arena, name), type);
    }
    return type;
}

static void create_enum(struct gl_lint_state *state, const PgQuery__CreateEnumStmt *def, int file)
{
    struct gl_lint_enum *type =
        need_enum(state, gl_lint_last(def->type_name, def->n_type_name), file);
    type->file = file;
    for (size_t i = 0; i < def->n_vals; i++)
        add_value(state, type, gl_lint_string(def->vals[i]), file);
}

/* A type that was there before is known by the values that are added to it. */
static void alter_enum(struct gl_lint_state *state, const PgQuery__AlterEnumStmt *def, int file)
{
    struct gl_lint_enum *type =
        need_enum(state, gl_lint_last(def->type_name, def->n_type_name), -1);
    if (!*def->old_val && !gl_lint_has_name(&type->values, def->new_val))
        add_value(state, type, def->new_val, file);
}

static void create_domain(struct gl_lint_state *state, const PgQuery__CreateDomainStmt *def,
                          int file)
{
    struct gl_lint_domain *domain = gl_lint_alloc(&state->arena, sizeof *domain);
    domain->file = file;
    domain->base = gl_lint_type_of(def->type_name, &state->arena);
    for (size_t i = 0; i < def->n_constraints; i++) {
        PgQuery__ConstrType kind = def->constraints[i]->constraint->contype;
        domain->constrained |= kind == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK ||
                               kind == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL;
    }
    const char *name = gl_lint_last(def->domainname, def->n_domainname);
    gl_lint_map_set(&state->domains, gl_lint_copy(&state->arena, name), domain);
}

/* VOLATILE is what a function is when it says nothing. */
static void create_function(struct gl_lint_state *state, const PgQuery__CreateFunctionStmt *def)
{
    struct gl_lint_routine *routine = gl_lint_alloc(&state->arena, sizeof *routine);
    routine->is_volatile = true;
    for (size_t i = 0; i < def->n_options; i++) {
        const PgQuery__DefElem *option = def->options[i]->def_elem;
        if (strcmp(option->defname, "volatility") == 0)
            routine->is_volatile = strcmp(gl_lint_string(option->arg), "volatile") == 0;
    }
    const char *name = gl_lint_last(def->funcname, def->n_funcname);
    gl_lint_map_set(&state->routines, gl_lint_copy(&state->arena, name), routine);
}

void gl_lint_apply_type(struct gl_lint_state *state, const PgQuery__Node *statement, int file)
{
    switch ((int)statement->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
        create_enum(state, statement->create_enum_stmt, file);
        break;
    case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
        alter_enum(state, statement->alter_enum_stmt, file);
        break;
    case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
        create_domain(state, statement->create_domain_stmt, file);
        break;
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        create_function(state, statement->create_function_stmt);
        break;
    default:
        break;
    }
}
