/* Whether the value of an expression may differ between rows: only then does a default rewrite the
 * table. */
#include <stdio.h>
#include <string.h>

#include "lint/rule.h"

#include "lint/stable_functions.inc"

/* Functions that surely are volatile: PostgreSQL's, and those of uuid-ossp and pgcrypto. */
static const char volatile_functions[] =
    " random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday nextval currval "
    "lastval setval uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt "
    "txid_status set_config ";

struct search {
    const struct gl_lint_pass *pass;
    const char *name;
    bool known;
};

static bool stands_in(const char *list, const char *name)
{
    char word[80];
    int len = snprintf(word, sizeof word, " %s ", name);
    return len < (int)sizeof word && strstr(list, word);
}

static bool is_stable(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(stable_functions); i++) {
        if (stands_in(stable_functions[i], name))
            return true;
    }
    return false;
}

static bool find_volatile(const PgQuery__Node *node, void *context)
{
    struct search *search = context;
    if (search->name || node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
        return !search->name;
    const PgQuery__FuncCall *call = node->func_call;
    const char *name = gl_lint_last(call->funcname, call->n_funcname);
    const struct gl_lint_routine *own = gl_lint_map_get(&search->pass->state->routines, name);
    bool surely = own ? own->is_volatile : stands_in(volatile_functions, name);
    if (!surely && (own || is_stable(name)))
        return true;
    search->name = name;
    search->known = surely;
    return false;
}

const char *gl_lint_volatile(const struct gl_lint_pass *pass, const PgQuery__Node *expression,
                             bool *ret_known)
{
    struct search search = {.pass = pass};
    gl_lint_walk(expression, find_volatile, &search);
    *ret_known = search.known;
    return search.name;
}
