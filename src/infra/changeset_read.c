/* A change set as the structure that plans are shown from. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"

static enum gl_change_action action_of(const json_t *change)
{
    static const struct {
        const char *word;
        enum gl_change_action action;
    } words[] = {
        {"Add",    GL_CHANGE_ADD   },
        {"Remove", GL_CHANGE_REMOVE},
        {"Import", GL_CHANGE_IMPORT},
    };

    const char *word = gl_json_str(change, "Action", "");
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].action;
    }
    bool replaced = strcmp(gl_json_str(change, "Replacement", ""), "True") == 0;
    return replaced ? GL_CHANGE_REPLACE : GL_CHANGE_MODIFY;
}

static const struct gl_value *definition_of(const struct gl_plan_stack *stack, const char *id)
{
    return gl_value_get(stack->def->template.resources, id);
}

/* Why a resource goes: the template lost it, or its condition does not hold any more. */
static const char *removal_reason(struct gl_arena *arena, const struct gl_plan_stack *stack,
                                  const char *id)
{
    const char *condition = gl_value_str(definition_of(stack, id), "Condition", NULL);
    if (condition)
        return gl_arena_printf(arena, _("condition %s does not hold"), condition);
    return _("the template does not have it any more");
}

/* The properties that force a replacement; where AWS cannot say yet, those that may. */
static const char *replacement_reason(struct gl_arena *arena,
                                      const struct gl_resource_change *change)
{
    gl_autostrv struct gl_strv names = {0};
    for (int need = GL_RECREATE_ALWAYS; need > GL_RECREATE_NEVER && names.count == 0; need--) {
        for (size_t i = 0; i < change->property_count; i++) {
            const struct gl_property_change *property = &change->properties[i];
            gl_autofree char *name = gl_strndup(property->path, strcspn(property->path, ".["));
            if ((int)property->recreation == need && !gl_strv_has(&names, name))
                gl_strv_add(&names, name);
        }
    }
    gl_autofree char *list = gl_strv_join(&names, ", ");
    return names.count ? gl_arena_strdup(arena, list) : NULL;
}

static const char *first_interruption(const struct gl_plan_stack *stack,
                                      const struct gl_resource_change *change)
{
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, change->id);
    for (size_t i = 0; i < change->property_count; i++) {
        const char *text = gl_interruption(resource, change->type, change->properties[i].path);
        if (text)
            return text;
    }
    return NULL;
}

static void read_modified(struct gl_arena *arena, const struct gl_plan_stack *stack,
                          const json_t *changes, const json_t *json,
                          struct gl_resource_change *change)
{
    gl_changeset_read_properties(arena, stack, changes, json_object_get(json, "Details"), change);
    if (change->action == GL_CHANGE_REPLACE) {
        change->reason = replacement_reason(arena, change);
        return;
    }
    change->interruption = first_interruption(stack, change);
    const char *perhaps = replacement_reason(arena, change);
    if (perhaps)
        change->reason = gl_arena_printf(arena, _("AWS may replace it (%s)"), perhaps);
}

static bool holds_data(const struct gl_plan_stack *stack, const struct gl_resource_change *change)
{
    if (gl_stack_holds_data(stack->def, change->id))
        return true;
    /* Its line in `data` may have gone with it. */
    return !definition_of(stack, change->id) && gl_type_holds_data(change->type);
}

void gl_changeset_read_resource(struct gl_arena *arena, const struct gl_plan_stack *stack,
                                const json_t *changes, const json_t *json,
                                struct gl_resource_change *ret_change)
{
    const char *id = gl_arena_strdup(arena, gl_json_str(json, "LogicalResourceId", "?"));
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, id);
    struct gl_resource_change change = {
        .id = id,
        .type = gl_arena_strdup(arena, gl_json_str(json, "ResourceType", "?")),
        .physical_id = gl_arena_strdup(arena, gl_json_str(json, "PhysicalResourceId", NULL)),
        .action = action_of(json),
        .exists = GL_TRUE,
    };
    const char *policy = gl_json_str(json, "PolicyAction", "");
    change.kept = gl_ends_with(policy, "Retain") || gl_ends_with(policy, "Snapshot");
    if (resource)
        change.place = resource->place;
    if (change.action == GL_CHANGE_ADD && resource)
        gl_diff_added(arena, resource, &change);
    else if (change.action == GL_CHANGE_REMOVE)
        change.reason = removal_reason(arena, stack, id);
    else
        read_modified(arena, stack, changes, json, &change);
    change.exists = GL_TRUE; /* CloudFormation knows */
    change.data = holds_data(stack, &change);
    *ret_change = change;
}

/* A resource of which only settled values were said to change. */
static bool is_idle(const struct gl_resource_change *change, const json_t *json)
{
    return change->action == GL_CHANGE_MODIFY && change->property_count == 0 &&
           json_array_size(json_object_get(json, "Details")) > 0;
}

void gl_changeset_read(struct gl_plan *plan, struct gl_plan_stack *stack, const json_t *answer,
                       enum gl_change_action action)
{
    const json_t *list = json_object_get(answer, "Changes");
    struct gl_stack_change change = {
        .action = action, .alarms = stack->change.alarms, .ringing = stack->change.ringing};
    size_t i;
    const json_t *item;
    change.change_set =
        gl_arena_strdup(&plan->arena, gl_json_str(answer, "ChangeSetId", stack->change.change_set));
    change.resources =
        gl_arena_alloc(&plan->arena, json_array_size(list) * sizeof *change.resources);
    json_array_foreach(list, i, item)
    {
        const json_t *resource = json_object_get(item, "ResourceChange");
        struct gl_resource_change *next = &change.resources[change.resource_count];
        if (!resource)
            continue;
        gl_changeset_read_resource(&plan->arena, stack, list, resource, next);
        if (!is_idle(next, resource))
            change.resource_count++;
    }
    stack->change = change;
}
