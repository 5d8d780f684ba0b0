/* Comparing evaluated stacks, resources and properties. */
#include "infra/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"

static const struct {
    const char *sign;
    const char *word;
} actions[] = {
    [GL_CHANGE_NONE] = {" ",   "none"   },
      [GL_CHANGE_ADD] = {"+",   "add"    },
    [GL_CHANGE_MODIFY] = {"~",   "modify" },
      [GL_CHANGE_REPLACE] = {"-/+", "replace"},
    [GL_CHANGE_REMOVE] = {"-",   "remove" },
      [GL_CHANGE_IMPORT] = {">",   "import" },
};

const char *gl_change_sign(enum gl_change_action action)
{
    return actions[action].sign;
}

const char *gl_change_word(enum gl_change_action action)
{
    return actions[action].word;
}

bool gl_change_may_replace(const struct gl_resource_change *change)
{
    for (size_t i = 0; change->action == GL_CHANGE_MODIFY && i < change->property_count; i++) {
        if (change->properties[i].recreation == GL_RECREATE_PERHAPS)
            return true;
    }
    return false;
}

struct gl_change_counts gl_change_count(const struct gl_stack_change *change)
{
    struct gl_change_counts counts = {0};
    for (size_t i = 0; i < change->resource_count; i++) {
        const struct gl_resource_change *at = &change->resources[i];
        bool lost = at->action == GL_CHANGE_REPLACE || at->action == GL_CHANGE_REMOVE ||
                    gl_change_may_replace(at);
        counts.added += at->action == GL_CHANGE_ADD;
        counts.modified += at->action == GL_CHANGE_MODIFY;
        counts.replaced += at->action == GL_CHANGE_REPLACE;
        counts.removed += at->action == GL_CHANGE_REMOVE;
        counts.imported += at->action == GL_CHANGE_IMPORT;
        counts.perhaps += at->action == GL_CHANGE_ADD && at->exists == GL_TRUTH_UNKNOWN;
        counts.data_at_risk += at->data && lost;
    }
    return counts;
}

/* ---- expected drift ----------------------------------------------------------------------------
 */

static const struct {
    const char *type;
    const char *begin; /* of the path */
    const char *end;
} expected[] = {
    {"AWS::ECS::Service",                         "TaskDefinition",                                                      ""      },
    {"AWS::ECS::Service",                         "DesiredCount",                                                        ""      },
    {"AWS::ECS::Service",                         "DeploymentConfiguration.LifecycleHooks",                              ""      },
    {"AWS::ECS::Service",                         "DeploymentConfiguration.BakeTimeInMinutes",                           ""      },
    {"AWS::ECS::Service",                         "DeploymentConfiguration.CanaryConfiguration.CanaryBakeTimeInMinutes",
     ""                                                                                                                          },
    {"AWS::ECS::Service",                         "DeploymentConfiguration.LinearConfiguration.StepBakeTimeInMinutes",   ""      },
    {"AWS::ElasticLoadBalancingV2::Listener",     "DefaultActions",                                                      "Weight"},
    {"AWS::ElasticLoadBalancingV2::ListenerRule", "Actions",                                                             "Weight"},
};

bool gl_diff_is_expected(const char *type, const char *path)
{
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        if (strcmp(expected[i].type, type) == 0 && gl_starts_with(path, expected[i].begin) &&
            gl_ends_with(path, expected[i].end))
            return true;
    }
    return false;
}

/* ---- properties --------------------------------------------------------------------------------
 */

struct leaf {
    const char *path;
    const struct gl_value *value;
};

struct leaves {
    struct gl_arena *arena; /* of the paths */
    struct leaf *items;
    size_t count;
    size_t room;
};

static void leaves_done(struct leaves *leaves)
{
    free(leaves->items);
}

static void add_leaf(const char *path, const struct gl_value *value, void *context)
{
    struct leaves *leaves = context;
    if (leaves->count == leaves->room) {
        leaves->room = leaves->room ? leaves->room * 2 : 64;
        leaves->items = gl_realloc_array(leaves->items, leaves->room, sizeof *leaves->items);
    }
    leaves->items[leaves->count++] =
        (struct leaf){.path = gl_arena_strdup(leaves->arena, path), .value = value};
}

static const struct gl_value *find_leaf(const struct leaves *leaves, const char *path)
{
    for (size_t i = 0; i < leaves->count; i++) {
        if (strcmp(leaves->items[i].path, path) == 0)
            return leaves->items[i].value;
    }
    return NULL;
}

static const char *show(struct gl_arena *arena, const struct gl_value *value)
{
    if (!value)
        return NULL;
    if (!value->secret && gl_value_is_scalar(value))
        return gl_arena_strdup(arena, value->text);
    gl_autofree char *text = gl_value_show(value);
    return gl_arena_strdup(arena, text);
}

/* `path` belongs to the arena. */
static void add_property(struct gl_arena *arena, const char *path, const struct gl_value *before,
                         const struct gl_value *after, struct gl_resource_change *change)
{
    const struct gl_value *at = after ? after : before;
    if (!at)
        return;
    change->properties[change->property_count++] = (struct gl_property_change){
        .path = path,
        .before = show(arena, before),
        .after = show(arena, after),
        .secret = (before && before->secret) || (after && after->secret),
        .expected = change->type && gl_diff_is_expected(change->type, path),
        .place = at->place,
    };
}

void gl_diff_properties(struct gl_arena *arena, const struct gl_value *before,
                        const struct gl_value *after, struct gl_resource_change *change)
{
    gl_cleanup(leaves_done) struct leaves old = {.arena = arena};
    gl_cleanup(leaves_done) struct leaves new = {.arena = arena};
    if (before && (before->kind != GL_VALUE_MAP || before->first))
        gl_value_leaves(before, add_leaf, &old);
    if (after && (after->kind != GL_VALUE_MAP || after->first))
        gl_value_leaves(after, add_leaf, &new);
    change->properties =
        gl_arena_alloc(arena, (old.count + new.count) * sizeof *change->properties);
    for (size_t i = 0; i < new.count; i++) {
        const struct gl_value *was = find_leaf(&old, new.items[i].path);
        if (!was || !gl_value_equal(was, new.items[i].value))
            add_property(arena, new.items[i].path, was, new.items[i].value, change);
    }
    for (size_t i = 0; i < old.count; i++) {
        if (!find_leaf(&new, old.items[i].path))
            add_property(arena, old.items[i].path, old.items[i].value, NULL, change);
    }
}

/* ---- resources, stacks -------------------------------------------------------------------------
 */

static struct gl_resource_change describe(const struct gl_resource *resource,
                                          enum gl_change_action action)
{
    return (struct gl_resource_change){
        .id = resource->id,
        .type = resource->type,
        .action = action,
        .exists = resource->exists,
        .condition = resource->condition,
        .place = resource->place,
    };
}

void gl_diff_added(struct gl_arena *arena, const struct gl_resource *resource,
                   struct gl_resource_change *ret_change)
{
    struct gl_resource_change change = describe(resource, GL_CHANGE_ADD);
    gl_diff_properties(arena, NULL, resource->properties, &change);
    *ret_change = change;
}

static bool keeps(const char *policy)
{
    return policy && strcmp(policy, "Delete") != 0;
}

static void diff_resource(struct gl_arena *arena, const struct gl_resource *before,
                          const struct gl_resource *after, struct gl_stack_change *stack)
{
    struct gl_resource_change change = describe(after, GL_CHANGE_MODIFY);
    gl_diff_properties(arena, before->properties, after->properties, &change);
    if (strcmp(before->type, after->type) != 0) {
        change.action = GL_CHANGE_REPLACE;
        change.kept = keeps(before->update_replace_policy);
        change.reason = gl_arena_printf(arena, _("its type was %s"), before->type);
    } else if (change.property_count == 0 && before->exists == after->exists) {
        return;
    }
    stack->resources[stack->resource_count++] = change;
}

void gl_diff_stacks(struct gl_arena *arena, const struct gl_evaluated *before,
                    const struct gl_evaluated *after, struct gl_stack_change *ret_change)
{
    size_t most = after->resource_count + (before ? before->resource_count : 0);
    struct gl_stack_change change = {.action = before ? GL_CHANGE_MODIFY : GL_CHANGE_ADD};
    change.resources = gl_arena_alloc(arena, most * sizeof *change.resources);
    for (size_t i = 0; i < after->resource_count; i++) {
        const struct gl_resource *now = &after->resources[i];
        const struct gl_resource *was = before ? gl_evaluated_resource(before, now->id) : NULL;
        if (was)
            diff_resource(arena, was, now, &change);
        else
            gl_diff_added(arena, now, &change.resources[change.resource_count++]);
    }
    for (size_t i = 0; before && i < before->resource_count; i++) {
        const struct gl_resource *was = &before->resources[i];
        if (gl_evaluated_resource(after, was->id))
            continue;
        struct gl_resource_change gone = describe(was, GL_CHANGE_REMOVE);
        gone.kept = keeps(was->deletion_policy);
        gl_diff_properties(arena, was->properties, NULL, &gone);
        change.resources[change.resource_count++] = gone;
    }
    if (before && change.resource_count == 0)
        change.action = GL_CHANGE_NONE;
    *ret_change = change;
}
