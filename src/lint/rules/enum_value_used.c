/* An enum value used in the transaction that adds it. */
#include <string.h>

#include "base/i18n.h"
#include "lint/rules.h"

struct search {
    const struct gl_lint_pass *pass;
    const char *value;
};

static bool was_added_here(const struct gl_lint_pass *pass, const struct gl_lint_enum *type,
                           const char *value)
{
    for (size_t i = 0; i < type->values.count; i++) {
        if (type->files[i] == pass->file_index && type->file != pass->file_index &&
            strcmp(type->values.items[i], value) == 0)
            return true;
    }
    return false;
}

static bool find(const PgQuery__Node *node, void *context)
{
    struct search *search = context;
    if (search->value || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return !search->value;
    const struct gl_lint_map *enums = &search->pass->state->enums;
    const char *value = node->a_const->sval->sval;
    for (size_t i = 0; i < enums->size; i++) {
        const struct gl_lint_enum *type = enums->entries[i].value;
        if (type && was_added_here(search->pass, type, value))
            search->value = value;
    }
    return !search->value;
}

static void check(struct gl_lint_pass *pass)
{
    struct search search = {.pass = pass};
    if (pass->no_transaction || !pass->state->enums.used ||
        pass->statement->node_case == PG_QUERY__NODE__NODE_DO_STMT)
        return;
    gl_lint_walk(pass->statement, find, &search);
    if (search.value) {
        struct gl_lint_finding *finding = gl_lint_report_at(
            pass, pass->begin, _("'%s' was added in this transaction and cannot be used in it"),
            search.value);
        finding->fix = GL_LINT_FIX_SPLIT;
    }
}

const struct gl_lint_rule gl_lint_rule_enum_value_used = {
    .about = {.id = "enum-value-used",
              .severity = GL_LINT_ERROR,
              .title = N_("an enum value is used in the transaction that adds it"),
              .happens =
                  N_("PostgreSQL answers with an error: unsafe use of new value. Values of a "
                     "type that is made in the same transaction may be used."),
              .safe = N_("ALTER TYPE ... ADD VALUE in a file of its own.")},
    .on = GL_LINT_LIST(GL_LINT_ON_STATEMENT),
    .check = check,
};
