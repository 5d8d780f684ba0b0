/* Making a plan without network. */
#include "infra/plan.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "infra/plan_internal.h"

static int check_managed(const struct gl_config *config, struct gl_error *err)
{
    const char *env = gl_config_env(config);
    const char *platform = gl_config_str(config, "app.platform");
    if (strcmp(env, "local") == 0 || strcmp(platform, "local") == 0) {
        gl_fail(err, GL_E_REFUSED, _("the environment %s runs on this machine"), env);
        return gl_error_hint(err, _("Name an environment on AWS: golive plan --env prod."));
    }
    if (gl_config_bool(config, "infra.managed"))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("golive does not manage the infrastructure here"));
    return gl_error_hint(err, _("infra.managed is false; %s does it."),
                         gl_config_str(config, "iac"));
}

/* ---- tags --------------------------------------------------------------------------------------
 */

static const char *tag_value(const struct gl_plan *plan, const char *key)
{
    const json_t *values = gl_config_node(plan->config, "tags.values");
    if (strcmp(key, "app") == 0)
        return gl_config_str(plan->config, "app.name");
    if (strcmp(key, "env") == 0)
        return plan->env;
    if (strcmp(key, "managed-by") == 0)
        return "golive";
    return gl_json_str(values, key, NULL);
}

static void make_tags(struct gl_plan *plan)
{
    const json_t *required = gl_config_node(plan->config, "tags.required");
    plan->tags = gl_arena_alloc(&plan->arena, json_array_size(required) * sizeof *plan->tags);
    size_t i;
    const json_t *key;
    json_array_foreach(required, i, key)
    {
        const char *name = json_string_value(key);
        const char *value = name ? tag_value(plan, name) : NULL;
        if (value)
            plan->tags[plan->tag_count++] = (struct gl_tag){name, value};
    }
}

static void add_tag(json_t *list, const char *key, const char *value)
{
    json_array_append_new(list, json_pack("{ssss}", "Key", key, "Value", value));
}

json_t *gl_plan_stack_tags(const struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    const char *env = stack->def->per_account ? "all" : plan->env;
    json_t *list = json_array();
    for (size_t i = 0; i < plan->tag_count; i++) {
        const struct gl_tag *tag = &plan->tags[i];
        add_tag(list, tag->key, strcmp(tag->key, "env") == 0 ? env : tag->value);
    }
    add_tag(list, "golive:app", gl_config_str(plan->config, "app.name"));
    add_tag(list, "golive:env", env);
    return list;
}

bool gl_plan_tag_applies(const struct gl_plan_stack *stack, const struct gl_tag *tag)
{
    return !stack->def->per_account || strcmp(tag->key, "env") != 0;
}

/* ---- evaluation --------------------------------------------------------------------------------
 */

static void mark_data(struct gl_plan_stack *stack)
{
    for (size_t i = 0; i < stack->change.resource_count; i++) {
        struct gl_resource_change *change = &stack->change.resources[i];
        change->data = gl_stack_holds_data(stack->def, change->id);
    }
}

int gl_plan_evaluate(struct gl_plan *plan, struct gl_plan_stack *stack,
                     const struct gl_value *given, struct gl_error *err)
{
    struct gl_eval_input input = {
        .template = &stack->def->template,
        .parameters = given,
        .account_id = plan->account_id,
        .region = stack->region,
        .stack_name = stack->stack_name,
    };
    struct gl_evaluated result;
    int failed = gl_eval_template(&plan->arena, &input, &result, err);
    if (failed < 0)
        return failed;
    stack->given = given;
    stack->result = result;
    return 0;
}

static int plan_stack(struct gl_plan *plan, struct gl_plan_stack *stack, struct gl_error *err)
{
    const struct gl_value *given = NULL;
    int failed = gl_plan_give(plan, stack, &given, err);
    if (failed == 0)
        failed = gl_plan_evaluate(plan, stack, given, err);
    if (failed < 0)
        return failed;
    gl_diff_stacks(&plan->arena, NULL, &stack->result, &stack->change);
    mark_data(stack);
    return 0;
}

static const struct gl_stack_def *find_release(const struct gl_plan *plan, const char *name)
{
    gl_autofree char *full = gl_asprintf("release/%s", name);
    for (size_t i = 0; i < plan->catalog->release_count; i++) {
        if (strcmp(plan->catalog->releases[i].name, full) == 0)
            return &plan->catalog->releases[i];
    }
    return NULL;
}

int gl_plan_release(struct gl_plan *plan, const char *name, struct gl_plan_stack **ret_stack,
                    struct gl_error *err)
{
    const struct gl_stack_def *def = find_release(plan, name);
    bool applies = false;
    int failed = def ? gl_plan_applies(plan, def, &applies, err) : 0;
    if (failed < 0)
        return failed;
    if (!def || !applies)
        return gl_fail(err, GL_E_NOT_FOUND, _("%s has no release/%s"), plan->env, name);
    struct gl_plan_stack *stack = gl_arena_alloc(&plan->arena, sizeof *stack);
    *stack = (struct gl_plan_stack){
        .def = def, .key = def->name, .stack_name = def->name, .region = plan->region};
    failed = plan_stack(plan, stack, err);
    if (failed == 0)
        *ret_stack = stack;
    return failed;
}

int gl_plan_make(const struct gl_config *config, const struct gl_catalog *catalog,
                 struct gl_plan *ret_plan, struct gl_error *err)
{
    int failed = check_managed(config, err);
    if (failed < 0)
        return failed;
    gl_autoplan struct gl_plan plan = {
        .config = config,
        .catalog = catalog,
        .env = gl_config_env(config),
        .account_id = gl_config_str(config, "account_id"),
        .region = gl_config_str(config, "region"),
    };
    make_tags(&plan);
    failed = gl_plan_choose(&plan, err);
    if (failed == 0)
        failed = gl_plan_sort(&plan, err);
    for (size_t i = 0; failed == 0 && i < plan.count; i++)
        failed = plan_stack(&plan, &plan.stacks[i], err);
    if (failed < 0)
        return failed;
    *ret_plan = plan;
    plan = (struct gl_plan){0};
    return 0;
}

void gl_plan_done(struct gl_plan *plan)
{
    gl_arena_done(&plan->arena);
    *plan = (struct gl_plan){0};
}
