/* What would be lost. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"
#include "infra/down.h"

static const char *const global_region = "us-east-1";

struct survey {
    struct gl_down *down;
    bool with_account;
    struct gl_strv foreign;
    struct gl_strv shared;
    struct gl_strv others; /* other environments of this application in the account */
};

static void survey_done(struct survey *s)
{
    gl_strv_done(&s->foreign);
    gl_strv_done(&s->shared);
    gl_strv_done(&s->others);
}

/* ---- stacks ------------------------------------------------------------------------------------
 */

static const char *tag_of(const json_t *stack, const char *key)
{
    size_t i;
    const json_t *tag;
    json_array_foreach(json_object_get(stack, "Tags"), i, tag)
    {
        if (strcmp(gl_json_str(tag, "Key", ""), key) == 0)
            return gl_json_str(tag, "Value", NULL);
    }
    return NULL;
}

static const struct gl_plan_stack *planned_by(const struct gl_plan *plan, const char *name,
                                              const char *region)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->stacks[i].stack_name, name) == 0 &&
            strcmp(plan->stacks[i].region, region) == 0)
            return &plan->stacks[i];
    }
    return NULL;
}

/* True if the stack is to go. */
static bool is_ours(struct survey *s, const json_t *stack, const char *region)
{
    const struct gl_plan *plan = s->down->plan;
    const char *app = tag_of(stack, "golive:app");
    const char *env = tag_of(stack, "golive:env");
    const char *name = gl_json_str(stack, "StackName", "");
    if (!app || !env || strcmp(app, gl_config_str(plan->config, "app.name")) != 0) {
        if (planned_by(plan, name, region))
            gl_strv_add(&s->foreign, name);
        return false;
    }
    if (strcmp(env, plan->env) == 0)
        return true;
    if (strcmp(env, "all") == 0) {
        if (!s->with_account)
            gl_strv_add(&s->shared, name);
        return s->with_account;
    }
    if (!gl_strv_has(&s->others, env))
        gl_strv_add(&s->others, env);
    return false;
}

static void add_stack(struct gl_down *down, const json_t *stack, const char *region)
{
    struct gl_arena *arena = &down->plan->arena;
    const char *name = gl_json_str(stack, "StackName", "");
    const struct gl_plan_stack *planned = planned_by(down->plan, name, region);
    struct gl_down_stack *all = gl_arena_alloc(arena, (down->count + 1) * sizeof *all);
    if (down->count)
        memcpy(all, down->stacks, down->count * sizeof *all);
    all[down->count++] = (struct gl_down_stack){
        .key = planned ? planned->key : gl_arena_strdup(arena, name),
        .stack_name = gl_arena_strdup(arena, name),
        .stack_id = gl_arena_strdup(arena, gl_json_str(stack, "StackId", name)),
        .region = gl_arena_strdup(arena, region),
        .planned = planned,
        .is_protected = gl_json_bool(stack, "EnableTerminationProtection", false),
        .status = gl_arena_strdup(arena, gl_json_str(stack, "StackStatus", "")),
    };
    down->stacks = all;
}

static int read_stacks(struct survey *s, struct gl_error *err)
{
    struct gl_down *down = s->down;
    const char *regions[] = {down->plan->region, global_region};
    size_t count = strcmp(regions[0], global_region) == 0 ? 1 : 2;
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(count);
    for (size_t r = 0; r < count; r++)
        calls.items[r] = (struct gl_live_call){
            .service = "cloudformation", .operation = "DescribeStacks", .region = regions[r]};
    int failed = gl_live_calls(gl_account_client(down->account), calls.items, count, false, err);
    for (size_t r = 0; failed == 0 && r < count; r++) {
        size_t i;
        const json_t *stack;
        if (calls.items[r].code < 0)
            return gl_live_call_fail(&calls.items[r], gl_account_caller(down->account), err);
        json_array_foreach(json_object_get(calls.items[r].result, "Stacks"), i, stack)
        {
            bool gone = strcmp(gl_json_str(stack, "StackStatus", ""), "DELETE_COMPLETE") == 0;
            if (!gone && is_ours(s, stack, regions[r]))
                add_stack(down, stack, regions[r]);
        }
    }
    return failed;
}

/* ---- resources ---------------------------------------------------------------------------------
 */

/* By the template that the stack was made of, not by today's: that is what CloudFormation obeys.
 * What is not found there is taken for one that stays, so that nothing in it is removed by mistake.
 */
static enum gl_fate fate_of(const struct gl_value *resources, const char *id)
{
    const struct gl_value *resource = gl_value_get(resources, id);
    const char *type = gl_value_str(resource, "Type", "");
    const char *policy = gl_value_str(resource, "DeletionPolicy", NULL);
    if (!resource || (policy && gl_starts_with(policy, "Retain")))
        return GL_FATE_STAYS;
    if (policy && strcmp(policy, "Snapshot") == 0)
        return GL_FATE_SNAPSHOT;
    /* The default of a cluster, and of an instance that belongs to none, is a snapshot. */
    bool snapshot = strcmp(type, "AWS::RDS::DBCluster") == 0 ||
                    (strcmp(type, "AWS::RDS::DBInstance") == 0 &&
                     !gl_value_find(resource, "Properties.DBClusterIdentifier"));
    return !policy && snapshot ? GL_FATE_SNAPSHOT : GL_FATE_GONE;
}

static void add_resources(struct gl_down *down, struct gl_down_stack *stack, const json_t *list,
                          const struct gl_value *template)
{
    struct gl_arena *arena = &down->plan->arena;
    size_t i;
    const json_t *item;
    stack->resources =
        gl_arena_alloc(arena, (json_array_size(list) + 1) * sizeof *stack->resources);
    json_array_foreach(list, i, item)
    {
        const char *id = gl_json_str(item, "LogicalResourceId", "");
        const char *type = gl_json_str(item, "ResourceType", "");
        const char *physical = gl_json_str(item, "PhysicalResourceId", "");
        bool gone = strcmp(gl_json_str(item, "ResourceStatus", ""), "DELETE_COMPLETE") == 0;
        if (gone || !*physical)
            continue;
        stack->resources[stack->resource_count++] = (struct gl_down_resource){
            .id = gl_arena_strdup(arena, id),
            .type = gl_arena_strdup(arena, type),
            .physical_id = gl_arena_strdup(arena, physical),
            .fate = fate_of(gl_value_get(template, "Resources"), id),
            .data = gl_type_holds_data(type) ||
                    (stack->planned && gl_stack_holds_data(stack->planned->def, id)),
        };
    }
}

/* With its loops expanded. NULL if it cannot be read. */
static const struct gl_value *template_of(struct gl_arena *arena, const struct gl_down_stack *stack,
                                          const struct gl_live_call *call)
{
    gl_autoerr struct gl_error ignored = {0};
    struct gl_value *root = NULL;
    const json_t *body = json_object_get(call->result, "TemplateBody");
    gl_autofree char *text = json_is_string(body) ? gl_strdup(json_string_value(body))
                             : body               ? gl_json_canonical(body)
                                                  : NULL;
    if (!text ||
        gl_template_parse(arena, text, strlen(text), stack->stack_name, &root, &ignored) < 0)
        return NULL;
    return root;
}

static void ask_for_resources(const struct gl_down_stack *stack, struct gl_live_call *calls)
{
    static const char *const operations[] = {"ListStackResources", "GetTemplate"};
    for (size_t i = 0; i < GL_COUNT(operations); i++) {
        calls[i] = (struct gl_live_call){.service = "cloudformation",
                                         .operation = operations[i],
                                         .region = stack->region,
                                         .params = json_pack("{ss}", "StackName", stack->stack_id)};
    }
    gl_json_set_str(calls[1].params, "TemplateStage", "Processed");
}

static int read_resources(struct gl_down *down, struct gl_error *err)
{
    struct gl_arena *arena = &down->plan->arena;
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(2 * down->count);
    for (size_t i = 0; i < down->count; i++)
        ask_for_resources(&down->stacks[i], &calls.items[2 * i]);
    int failed =
        gl_live_calls(gl_account_client(down->account), calls.items, calls.count, false, err);
    for (size_t i = 0; failed == 0 && i < down->count; i++) {
        struct gl_live_call *list = &calls.items[2 * i];
        struct gl_live_call *template = &calls.items[2 * i + 1];
        bool planned_only = strcmp(down->stacks[i].status, "REVIEW_IN_PROGRESS") == 0;
        if (list->code < 0)
            failed = gl_live_call_fail(list, gl_account_caller(down->account), err);
        else if (template->code < 0 && !planned_only)
            failed = gl_live_call_fail(template, gl_account_caller(down->account), err);
        else
            add_resources(down, &down->stacks[i],
                          json_object_get(list->result, "StackResourceSummaries"),
                          template_of(arena, &down->stacks[i], template));
    }
    return failed;
}

/* ---- databases and load balancers --------------------------------------------------------------
 */

static struct gl_live_call look_at(const struct gl_down_stack *stack,
                                   const struct gl_down_resource *resource)
{
    struct gl_live_call call = {.region = stack->region};
    if (strcmp(resource->type, "AWS::RDS::DBInstance") == 0) {
        call.service = "rds";
        call.operation = "DescribeDBInstances";
        call.params = json_pack("{ss}", "DBInstanceIdentifier", resource->physical_id);
    } else if (strcmp(resource->type, "AWS::ElasticLoadBalancingV2::LoadBalancer") == 0) {
        call.service = "elbv2";
        call.operation = "DescribeLoadBalancerAttributes";
        call.params = json_pack("{ss}", "LoadBalancerArn", resource->physical_id);
    }
    return call;
}

static void take_look(struct gl_arena *arena, struct gl_down_resource *resource,
                      const json_t *answer)
{
    size_t i;
    const json_t *item;
    const json_t *database = json_array_get(json_object_get(answer, "DBInstances"), 0);
    if (database) {
        resource->size = gl_arena_printf(arena, _("%lld GB allocated"),
                                         (long long)gl_json_int(database, "AllocatedStorage", 0));
        resource->is_protected = gl_json_bool(database, "DeletionProtection", false);
    }
    json_array_foreach(json_object_get(answer, "Attributes"), i, item)
    {
        if (strcmp(gl_json_str(item, "Key", ""), "deletion_protection.enabled") == 0)
            resource->is_protected = strcmp(gl_json_str(item, "Value", ""), "true") == 0;
    }
}

static int look(struct gl_down *down, struct gl_error *err)
{
    size_t room = 0;
    for (size_t i = 0; i < down->count; i++)
        room += down->stacks[i].resource_count;
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(room);
    size_t at = 0;
    for (size_t i = 0; i < down->count; i++) {
        for (size_t r = 0; r < down->stacks[i].resource_count; r++)
            calls.items[at++] = look_at(&down->stacks[i], &down->stacks[i].resources[r]);
    }
    int failed = gl_live_calls(gl_account_client(down->account), calls.items, room, false, err);
    at = 0;
    for (size_t i = 0; failed == 0 && i < down->count; i++) {
        for (size_t r = 0; r < down->stacks[i].resource_count; r++, at++) {
            struct gl_live_call *call = &calls.items[at];
            if (call->code < 0 && call->code != GL_E_NOT_FOUND)
                return gl_live_call_fail(call, gl_account_caller(down->account), err);
            take_look(&down->plan->arena, &down->stacks[i].resources[r], call->result);
        }
    }
    return failed;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static const char *joined(struct gl_arena *arena, const struct gl_strv *list)
{
    gl_autofree char *text = list->count ? gl_strv_join(list, ", ") : NULL;
    return gl_arena_strdup(arena, text);
}

static int check_others(const struct survey *s, struct gl_error *err)
{
    if (!s->with_account || s->others.count == 0)
        return 0;
    gl_autofree char *names = gl_strv_join(&s->others, ", ");
    gl_fail(err, GL_E_REFUSED,
            _("the stacks of the whole account are still used by other environments: %s"), names);
    return gl_error_hint(err, _("Remove those first, or leave out --account."));
}

int gl_down_survey(struct gl_plan *plan, struct gl_account *account, bool with_account,
                   struct gl_down *ret_down, struct gl_error *err)
{
    struct gl_down down = {.plan = plan, .account = account};
    gl_cleanup(survey_done) struct survey s = {.down = &down, .with_account = with_account};
    plan->account_id = gl_arena_strdup(&plan->arena, gl_account_id(account));
    int failed = read_stacks(&s, err);
    if (failed == 0)
        failed = check_others(&s, err);
    if (failed == 0)
        failed = read_resources(&down, err);
    if (failed == 0)
        failed = look(&down, err);
    if (failed == 0)
        failed = gl_down_measure(&down, err);
    if (failed < 0)
        return failed;
    down.foreign = joined(&plan->arena, &s.foreign);
    down.shared = joined(&plan->arena, &s.shared);
    *ret_down = down;
    return 0;
}

bool gl_down_needs(const struct gl_down *down, size_t user, size_t need)
{
    const struct gl_plan_stack *planned = down->stacks[user].planned;
    const struct gl_plan_stack *other = down->stacks[need].planned;
    if (user == need || !other)
        return false;
    if (!planned)
        return true;
    for (size_t n = 0; n < planned->need_count; n++) {
        if (&down->plan->stacks[planned->needs[n]] == other)
            return true;
    }
    return false;
}
