/* One drifted resource: its properties, list items put side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"

/* What makes two items of a list the same thing in another state. */
static const char *const identities[] = {"TargetGroupArn", "Key", "Id", "Name", "Sid"};

struct reading {
    struct gl_arena *arena;
    struct gl_resource_change *change;
    size_t room;
};

static const char *text_or_null(struct gl_arena *arena, const char *text)
{
    return text && *text ? gl_arena_strdup(arena, text) : NULL;
}

static void add(struct reading *r, const char *path, const char *before, const char *after)
{
    bool secret = gl_value_looks_secret(path, before) || gl_value_looks_secret(path, after);
    const char *made = text_or_null(r->arena, before);
    const char *is = text_or_null(r->arena, after);
    struct gl_property_change *added = gl_change_add_property(r->arena, r->change, &r->room, path);
    added->before = secret && made ? "***" : made;
    added->after = secret && is ? "***" : is;
    added->secret = secret;
    added->expected = gl_diff_is_expected(r->change->type, path);
}

/* ---- items of lists ----------------------------------------------------------------------------
 *
 * A list without an order of its own is compared as a set: an item that changed comes as one that
 * is missing and one that is new. */

/* The list that the difference is in: the path up to its last index; NULL if it is no item. */
static char *list_of(const json_t *difference)
{
    const char *path = gl_json_str(difference, "PropertyPath", "");
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1] || slash[1 + strspn(slash + 1, "0123456789")])
        return NULL;
    return gl_strndup(path, (size_t)(slash - path));
}

static json_t *item_of(const json_t *difference, const char *key)
{
    json_t *item = json_loads(gl_json_str(difference, key, ""), 0, NULL);
    if (!json_is_object(item)) {
        json_decref(item);
        return NULL;
    }
    return item;
}

static bool same_thing(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < GL_COUNT(identities); i++) {
        const json_t *own = json_object_get(a, identities[i]);
        const json_t *other = json_object_get(b, identities[i]);
        if (own && other)
            return json_equal(own, other);
    }
    return false;
}

/* The new item for a missing one: same list, same identity. NULL if there is none. */
static json_t *find_partner(const json_t *differences, const json_t *missing, size_t *ret_index)
{
    gl_autofree char *list = list_of(missing);
    gl_autojson json_t *item = list ? item_of(missing, "ExpectedValue") : NULL;
    size_t i;
    const json_t *other;
    if (!item || strcmp(gl_json_str(missing, "DifferenceType", ""), "REMOVE") != 0)
        return NULL;
    json_array_foreach(differences, i, other)
    {
        gl_autofree char *other_list = list_of(other);
        gl_autojson json_t *found = item_of(other, "ActualValue");
        if (found && other_list && strcmp(list, other_list) == 0 && same_thing(item, found)) {
            *ret_index = i;
            return json_incref(found);
        }
    }
    return NULL;
}

/* Only what differs inside the two. */
static void add_inside(struct reading *r, const json_t *missing, const json_t *found)
{
    gl_autojson json_t *item = item_of(missing, "ExpectedValue");
    gl_autofree char *path = gl_pointer_path(gl_json_str(missing, "PropertyPath", ""));
    struct gl_resource_change inside = {.type = r->change->type};
    gl_diff_properties(r->arena, gl_value_from_json(r->arena, item, NULL),
                       gl_value_from_json(r->arena, found, NULL), &inside);
    for (size_t i = 0; i < inside.property_count; i++) {
        gl_autofree char *full = gl_asprintf("%s.%s", path, inside.properties[i].path);
        add(r, full, inside.properties[i].before, inside.properties[i].after);
    }
}

/* ---- the resource ------------------------------------------------------------------------------
 */

static void read_differences(struct reading *r, const json_t *differences)
{
    gl_autofree bool *used = gl_alloc(json_array_size(differences) + 1);
    size_t i;
    const json_t *item;
    json_array_foreach(differences, i, item)
    {
        size_t partner = 0;
        gl_autojson json_t *found = find_partner(differences, item, &partner);
        if (!found)
            continue;
        add_inside(r, item, found);
        used[i] = used[partner] = true;
    }
    json_array_foreach(differences, i, item)
    {
        gl_autofree char *path = gl_pointer_path(gl_json_str(item, "PropertyPath", ""));
        if (!used[i])
            add(r, path, gl_json_str(item, "ExpectedValue", NULL),
                gl_json_str(item, "ActualValue", NULL));
    }
}

void gl_drift_read_resource(struct gl_arena *arena, const struct gl_plan_stack *stack,
                            const json_t *json, struct gl_resource_change *ret_change)
{
    bool deleted = strcmp(gl_json_str(json, "StackResourceDriftStatus", ""), "DELETED") == 0;
    struct gl_resource_change change = {
        .id = gl_arena_strdup(arena, gl_json_str(json, "LogicalResourceId", "?")),
        .type = gl_arena_strdup(arena, gl_json_str(json, "ResourceType", "?")),
        .physical_id = gl_arena_strdup(arena, gl_json_str(json, "PhysicalResourceId", NULL)),
        .action = deleted ? GL_CHANGE_REMOVE : GL_CHANGE_MODIFY,
        .exists = GL_TRUE,
    };
    const struct gl_resource *resource = gl_evaluated_resource(&stack->result, change.id);
    struct reading r = {.arena = arena, .change = &change};
    if (resource)
        change.place = resource->place;
    change.data = gl_stack_holds_data(stack->def, change.id);
    read_differences(&r, json_object_get(json, "PropertyDifferences"));
    *ret_change = change;
}
