/* Plans as JSON. */
#include <string.h>

#include "base/json.h"
#include "infra/ejected.h"
#include "infra/render.h"

static json_t *place_json(const struct gl_place *place)
{
    if (!place->file)
        return NULL;
    json_t *json = json_object();
    gl_json_set_str(json, "file", place->file);
    gl_json_set_int(json, "line", place->line);
    gl_json_set_int(json, "column", place->column);
    return json;
}

static void set_new(json_t *object, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(object, key, value);
}

static json_t *property_json(const struct gl_property_change *property)
{
    static const char *const words[] = {"never", "perhaps", "always"};
    json_t *json = json_object();
    gl_json_set_str(json, "path", property->path);
    gl_json_set_str(json, "before",
                    property->secret && property->before ? "***" : property->before);
    gl_json_set_str(json, "after", property->secret && property->after ? "***" : property->after);
    gl_json_set_str(json, "replaces", words[property->recreation]);
    gl_json_set_str(json, "reason", property->reason);
    if (property->expected)
        gl_json_set_bool(json, "expected", true);
    set_new(json, "place", place_json(&property->place));
    return json;
}

static json_t *resource_json(const struct gl_resource_change *change)
{
    json_t *json = json_object();
    json_t *properties = json_array();
    gl_json_set_str(json, "id", change->id);
    gl_json_set_str(json, "type", change->type);
    gl_json_set_str(json, "physical_id", change->physical_id);
    gl_json_set_str(json, "action", gl_change_word(change->action));
    gl_json_set_bool(json, "certain", change->exists == GL_TRUE);
    gl_json_set_bool(json, "data", change->data);
    gl_json_set_bool(json, "kept", change->kept);
    gl_json_set_str(json, "condition", change->condition);
    gl_json_set_str(json, "reason", change->reason);
    gl_json_set_str(json, "interruption", change->interruption);
    set_new(json, "place", place_json(&change->place));
    for (size_t i = 0; i < change->property_count; i++)
        json_array_append_new(properties, property_json(&change->properties[i]));
    json_object_set_new(json, "properties", properties);
    return json;
}

json_t *gl_render_change_json(const struct gl_stack_change *change)
{
    json_t *json = json_object();
    json_t *resources = json_array();
    struct gl_change_counts counts = gl_change_count(change);
    gl_json_set_str(json, "action", gl_change_word(change->action));
    gl_json_set_str(json, "change_set", change->change_set);
    gl_json_set_str(json, "note", change->note);
    gl_json_set_str(json, "alarms", change->alarms);
    gl_json_set_str(json, "ringing", change->ringing);
    gl_json_set_int(json, "added", (int64_t)counts.added);
    gl_json_set_int(json, "perhaps", (int64_t)counts.perhaps);
    gl_json_set_int(json, "changed", (int64_t)counts.modified);
    gl_json_set_int(json, "replaced", (int64_t)counts.replaced);
    gl_json_set_int(json, "removed", (int64_t)counts.removed);
    for (size_t i = 0; i < change->resource_count; i++)
        json_array_append_new(resources, resource_json(&change->resources[i]));
    json_object_set_new(json, "resources", resources);
    return json;
}

static json_t *resources_json(const struct gl_evaluated *stack)
{
    json_t *json = json_object();
    for (size_t i = 0; i < stack->resource_count; i++) {
        const struct gl_resource *at = &stack->resources[i];
        json_t *resource = json_object();
        gl_json_set_str(resource, "Type", at->type);
        gl_json_set_str(resource, "DeletionPolicy", at->deletion_policy);
        gl_json_set_str(resource, "UpdateReplacePolicy", at->update_replace_policy);
        gl_json_set_bool(resource, "certain", at->exists == GL_TRUE);
        json_object_set_new(resource, "Properties", gl_value_json(at->properties));
        json_object_set_new(json, at->id, resource);
    }
    return json;
}

static json_t *outputs_json(const struct gl_evaluated *stack)
{
    json_t *json = json_object();
    for (size_t i = 0; i < stack->output_count; i++)
        json_object_set_new(json, stack->outputs[i].name, gl_value_json(stack->outputs[i].value));
    return json;
}

static json_t *stack_json(struct gl_plan *plan, const struct gl_plan_stack *stack, bool full)
{
    json_t *json = json_object();
    json_t *needs = json_array();
    gl_json_set_str(json, "stack", stack->key);
    gl_json_set_str(json, "stack_name", stack->stack_name);
    gl_json_set_str(json, "region", stack->region);
    gl_json_set_str(json, "file", stack->def->file);
    gl_json_set_bool(json, "ejected", stack->def->ejected);
    gl_json_set_int(json, "wave", stack->wave);
    for (size_t i = 0; i < stack->need_count; i++)
        json_array_append_new(needs, json_string(plan->stacks[stack->needs[i]].key));
    json_object_set_new(json, "needs", needs);
    json_object_set_new(json, "parameters", gl_value_json(stack->result.parameters));
    json_object_set_new(json, "change", gl_render_change_json(&stack->change));
    if (full) {
        json_object_set_new(json, "resources", resources_json(&stack->result));
        json_object_set_new(json, "outputs", outputs_json(&stack->result));
    }
    struct gl_stack_change ejected = {0};
    if (stack->def->ejected && gl_ejected_changes(plan, stack, &ejected, NULL) == 0)
        json_object_set_new(json, "ejected_changes", gl_render_change_json(&ejected));
    return json;
}

json_t *gl_render_cost_json(const struct gl_cost *cost)
{
    json_t *json = json_object();
    json_t *lines = json_array();
    json_t *gaps = json_array();
    gl_json_set_str(json, "prices_of", cost->date);
    gl_json_set_str(json, "region", cost->region);
    gl_json_set_bool(json, "region_known", cost->region_known);
    gl_json_set_bool(json, "estimate", true);
    gl_json_set_real(json, "total_usd_month", cost->total_usd);
    if (cost->has_budget)
        gl_json_set_real(json, "budget_usd_month", cost->budget_usd);
    for (size_t i = 0; i < cost->line_count; i++) {
        json_t *line = json_object();
        gl_json_set_str(line, "label", cost->lines[i].label);
        gl_json_set_str(line, "detail", cost->lines[i].detail);
        gl_json_set_real(line, "quantity", cost->lines[i].quantity);
        gl_json_set_real(line, "usd_month", cost->lines[i].usd_month);
        gl_json_set_bool(line, "certain", !cost->lines[i].perhaps);
        json_array_append_new(lines, line);
    }
    for (size_t i = 0; i < cost->gap_count; i++) {
        json_t *gap = json_object();
        gl_json_set_str(gap, "type", cost->gaps[i].type);
        gl_json_set_int(gap, "count", (int64_t)cost->gaps[i].count);
        gl_json_set_str(gap, "paid_by", cost->gaps[i].reason);
        json_array_append_new(gaps, gap);
    }
    json_object_set_new(json, "lines", lines);
    json_object_set_new(json, "not_priced", gaps);
    return json;
}

static json_t *plan_head(const struct gl_plan *plan)
{
    json_t *json = json_object();
    gl_json_set_str(json, "env", plan->env);
    gl_json_set_str(json, "account_id", plan->account_id);
    gl_json_set_str(json, "region", plan->region);
    gl_json_set_bool(json, "live", plan->live);
    return json;
}

json_t *gl_render_stack_json(struct gl_plan *plan, const struct gl_plan_stack *stack)
{
    json_t *json = plan_head(plan);
    json_t *stacks = json_array();
    json_array_append_new(stacks, stack_json(plan, stack, true));
    json_object_set_new(json, "stacks", stacks);
    return json;
}

json_t *gl_render_json(struct gl_plan *plan, const struct gl_cost *cost)
{
    json_t *json = plan_head(plan);
    json_t *stacks = json_array();
    for (size_t i = 0; i < plan->count; i++)
        json_array_append_new(stacks, stack_json(plan, &plan->stacks[i], false));
    json_object_set_new(json, "stacks", stacks);
    if (cost)
        json_object_set_new(json, "cost", gl_render_cost_json(cost));
    return json;
}
