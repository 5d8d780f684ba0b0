/* Which stacks an environment has: `when`, placements, names. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "config/schema.h"
#include "infra/computed.h"
#include "infra/plan_internal.h"

static const char global_region[] = "us-east-1";

/* ---- when --------------------------------------------------------------------------------------
 */

struct clause {
    char *key;
    char *value;
    bool equal;
};

static void clause_done(struct clause *clause)
{
    free(clause->key);
    free(clause->value);
}

static int parse_clause(const struct gl_value *at, struct clause *ret_clause, struct gl_error *err)
{
    const char *equal = strstr(at->text, " == ");
    const char *sign = equal ? equal : strstr(at->text, " != ");
    if (!sign) {
        gl_fail_at(err, at, _("`%s` is no condition"), at->text);
        gl_error_hint(err, _("Write \"KEY == VALUE\" or \"KEY != VALUE\"."));
        return GL_E_CONFIG;
    }
    ret_clause->key = gl_strndup(at->text, (size_t)(sign - at->text));
    ret_clause->value = gl_strdup(sign + 4);
    ret_clause->equal = equal != NULL;
    return 0;
}

/* "computed.NAME": a function of golive.yaml instead of a key. */
static const char *computed_name(const char *key)
{
    static const char prefix[] = "computed.";
    return strncmp(key, prefix, strlen(prefix)) == 0 ? key + strlen(prefix) : NULL;
}

static int compute(const struct gl_plan *plan, const struct gl_value *at, const char *name,
                   struct gl_buf *text, struct gl_error *err)
{
    const struct gl_computed *function = gl_computed_find(name);
    bool given = false;
    if (!function || !function->compute)
        return gl_fail_at(err, at, _("golive computes no `%s`"), name);
    struct gl_computing c = {
        .config = plan->config, .argument = function->argument, .region = plan->region, .err = err};
    return function->compute(&c, text, &given);
}

static int no_such_key(const struct gl_value *at, const char *key, struct gl_error *err)
{
    const char *nearest = gl_schema_nearest(key);
    gl_fail_at(err, at, _("golive.yaml has no key `%s`"), key);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest) : GL_E_CONFIG;
}

static int value_of(const struct gl_plan *plan, const struct gl_value *at, const char *key,
                    struct gl_buf *text, struct gl_error *err)
{
    const char *name = computed_name(key);
    if (name)
        return compute(plan, at, name, text, err);
    if (!gl_schema_find(key))
        return no_such_key(at, key, err);
    gl_config_value_text(gl_config_node(plan->config, key), text);
    return 0;
}

static int clause_holds(const struct gl_plan *plan, const struct gl_value *at, bool *ret_holds,
                        struct gl_error *err)
{
    gl_cleanup(clause_done) struct clause clause = {0};
    gl_autobuf struct gl_buf text = {0};
    int failed = parse_clause(at, &clause, err);
    if (failed == 0)
        failed = value_of(plan, at, clause.key, &text, err);
    if (failed < 0)
        return failed;
    const char *value = strcmp(clause.value, "null") == 0 ? "" : clause.value;
    *ret_holds = (strcmp(gl_buf_text(&text), value) == 0) == clause.equal;
    return 0;
}

int gl_plan_applies(const struct gl_plan *plan, const struct gl_stack_def *def, bool *ret_applies,
                    struct gl_error *err)
{
    bool holds = true;
    const struct gl_value *at = def->when ? def->when->first : NULL;
    for (; at && holds; at = at->next) {
        int failed = clause_holds(plan, at, &holds, err);
        if (failed < 0)
            return failed;
    }
    *ret_applies = holds;
    return 0;
}

/* ---- instances ---------------------------------------------------------------------------------
 */

static void add_stack(struct gl_plan *plan, const struct gl_stack_def *def,
                      enum gl_placement placement)
{
    struct gl_arena *arena = &plan->arena;
    const char *app = gl_config_str(plan->config, "app.name");
    bool global = placement == GL_PLACEMENT_GLOBAL;
    const char *suffix = global ? "-global" : "";
    struct gl_plan_stack *stack = &plan->stacks[plan->count++];
    stack->def = def;
    stack->placement = placement;
    stack->key = global ? gl_arena_printf(arena, "%s@global", def->name) : def->name;
    stack->region = global ? global_region : plan->region;
    stack->stack_name =
        def->per_account ? gl_arena_printf(arena, "%s-%s%s", app, def->name, suffix)
                         : gl_arena_printf(arena, "%s-%s-%s%s", app, plan->env, def->name, suffix);
}

int gl_plan_choose(struct gl_plan *plan, struct gl_error *err)
{
    size_t most = plan->catalog->count * GL_PLACEMENT_COUNT;
    plan->stacks = gl_arena_alloc(&plan->arena, most * sizeof *plan->stacks);
    for (size_t i = 0; i < plan->catalog->count; i++) {
        const struct gl_stack_def *def = &plan->catalog->stacks[i];
        bool holds = false;
        int failed = gl_plan_applies(plan, def, &holds, err);
        if (failed < 0)
            return failed;
        for (int place = 0; holds && place < GL_PLACEMENT_COUNT; place++) {
            if (def->placed[place])
                add_stack(plan, def, (enum gl_placement)place);
        }
    }
    return 0;
}
