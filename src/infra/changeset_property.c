/* The properties of a change set's resource: paths, values, what makes them change.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceTargetDefinition.html
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/strv.h"
#include "infra/changeset_internal.h"

/* What CloudFormation writes for a value that only the execution can know. */
static const char known_after[] = "{{changeSet:KNOWN_AFTER_APPLY}}";

/* How it shows values of NoEcho parameters. */
static const char masked[] = "****";

struct reading {
    struct gl_arena *arena;
    const struct gl_plan_stack *stack;
    const struct gl_resource *resource; /* as it is evaluated here; NULL if it is not */
    struct gl_resource_change *change;
    size_t room;
};

/* ---- paths -------------------------------------------------------------------------------------
 */

char *gl_pointer_path(const char *pointer)
{
    gl_autostrv struct gl_strv words = {0};
    gl_autobuf struct gl_buf text = {0};
    gl_strv_split(&words, pointer, "/");
    for (size_t i = 0; i < words.count; i++) {
        const char *word = words.items[i];
        if (isdigit((unsigned char)*word))
            gl_buf_printf(&text, "[%s]", word);
        else
            gl_buf_printf(&text, "%s%s", i ? "." : "", word);
    }
    return gl_buf_steal(&text);
}

/* "/Properties/Tags/0/Value" to "Tags[0].Value"; what is outside Properties keeps its slash. */
static char *path_of(const json_t *target)
{
    static const char begin[] = "/Properties/";
    const char *attribute = gl_json_str(target, "Attribute", "Properties");
    const char *path = gl_json_str(target, "Path", NULL);
    const char *name = gl_json_str(target, "Name", NULL);
    if (!path)
        return name ? gl_strdup(name) : gl_asprintf("/%s", attribute);
    if (strncmp(path, begin, sizeof begin - 1) != 0)
        return gl_strdup(path);
    return gl_pointer_path(path + sizeof begin - 1);
}

/* The evaluated value at such a path, or the nearest above it: it has the place in the template. */
static const struct gl_value *value_at(const struct gl_resource *resource, const char *path)
{
    gl_autostrv struct gl_strv words = {0};
    const struct gl_value *at = resource ? resource->properties : NULL;
    gl_strv_split(&words, path, ".[]");
    for (size_t i = 0; at && i < words.count; i++) {
        const char *word = words.items[i];
        const struct gl_value *next = at->kind == GL_VALUE_LIST && isdigit((unsigned char)*word)
                                          ? gl_value_at(at, (unsigned)strtoul(word, NULL, 10))
                                          : gl_value_get(at, word);
        if (!next)
            return i ? at : NULL;
        at = next;
    }
    return at;
}

/* ---- values ------------------------------------------------------------------------------------
 */

static const char *shown_after(const struct reading *r, const char *path, const char *text)
{
    if (!text || !strstr(text, known_after))
        return text;
    const struct gl_value *value = value_at(r->resource, path);
    gl_autofree char *shown = value && gl_value_has_unknown(value) ? gl_value_show(value) : NULL;
    return shown ? gl_arena_strdup(r->arena, shown) : _("(known after up)");
}

static enum gl_recreation recreation_of(const json_t *target)
{
    const char *word = gl_json_str(target, "RequiresRecreation", "Never");
    if (strcmp(word, "Always") == 0)
        return GL_RECREATE_ALWAYS;
    return strcmp(word, "Conditionally") == 0 ? GL_RECREATE_PERHAPS : GL_RECREATE_NEVER;
}

static const char *source_of(const struct gl_plan_stack *stack, const char *parameter)
{
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        const struct gl_stack_parameter *at = &stack->def->parameters[i];
        if (strcmp(at->name, parameter) == 0)
            return at->source;
    }
    return NULL;
}

static const char *reason_of(const struct reading *r, const json_t *detail)
{
    const json_t *target = json_object_get(detail, "Target");
    const char *cause = gl_json_str(detail, "CausingEntity", NULL);
    const char *kind = gl_json_str(detail, "ChangeSource", "");
    bool tags = strcmp(gl_json_str(target, "Attribute", ""), "Tags") == 0;
    if (tags && !json_object_get(target, "BeforeValue") && !json_object_get(target, "AfterValue"))
        return _("tags of the stack");
    if (!cause)
        return NULL;
    if (strcmp(kind, "ParameterReference") != 0)
        return gl_arena_printf(r->arena, _("because of %s"), cause);
    const char *source = source_of(r->stack, cause);
    return source ? gl_arena_printf(r->arena, _("parameter %s, from %s"), cause, source)
                  : gl_arena_printf(r->arena, _("parameter %s"), cause);
}

static bool is_secret(const struct reading *r, const struct gl_property_change *p)
{
    const struct gl_value *value = value_at(r->resource, p->path);
    return (value && value->secret) || (p->before && strstr(p->before, masked)) ||
           (p->after && strstr(p->after, masked)) || gl_value_looks_secret(p->path, p->before) ||
           gl_value_looks_secret(p->path, p->after);
}

/* Before and after are copied without what the log knows as secret. */
static const char *clean(struct gl_arena *arena, const char *text)
{
    gl_autofree char *safe = text ? gl_redact(text) : NULL;
    return gl_arena_strdup(arena, safe);
}

/* ---- one property ------------------------------------------------------------------------------
 */

static struct gl_property_change *find(struct gl_resource_change *change, const char *path)
{
    for (size_t i = 0; i < change->property_count; i++) {
        if (strcmp(change->properties[i].path, path) == 0)
            return &change->properties[i];
    }
    return NULL;
}

struct gl_property_change *gl_change_add_property(struct gl_arena *arena,
                                                  struct gl_resource_change *change, size_t *room,
                                                  const char *path)
{
    if (change->property_count == *room) {
        *room = *room ? 2 * *room : 8;
        struct gl_property_change *grown = gl_arena_alloc(arena, *room * sizeof *grown);
        for (size_t i = 0; i < change->property_count; i++)
            grown[i] = change->properties[i];
        change->properties = grown;
    }
    struct gl_property_change *added = &change->properties[change->property_count++];
    *added = (struct gl_property_change){.path = gl_arena_strdup(arena, path)};
    return added;
}

static void finish(struct reading *r, struct gl_property_change *p)
{
    const struct gl_value *value = value_at(r->resource, p->path);
    p->secret = is_secret(r, p);
    p->expected = gl_diff_is_expected(r->change->type, p->path);
    if (value)
        p->place = value->place;
    if (p->secret) { /* does not even stay in memory */
        p->before = p->before ? "***" : NULL;
        p->after = p->after ? "***" : NULL;
    }
}

/* CloudFormation gives one detail for every cause: they become one line. */
static void put(struct reading *r, const char *path, const char *before, const char *after,
                const json_t *detail)
{
    enum gl_recreation recreation = recreation_of(json_object_get(detail, "Target"));
    bool sure = strcmp(gl_json_str(detail, "Evaluation", "Static"), "Static") == 0;
    struct gl_property_change *p = find(r->change, path);
    if (!p) {
        p = gl_change_add_property(r->arena, r->change, &r->room, path);
        p->before = clean(r->arena, before);
        p->after = clean(r->arena, shown_after(r, path, after));
        finish(r, p);
    }
    if (recreation == GL_RECREATE_ALWAYS && !sure)
        recreation = GL_RECREATE_PERHAPS; /* whether the value changes is not known yet */
    if (recreation > p->recreation)
        p->recreation = recreation;
    if (!p->reason)
        p->reason = reason_of(r, detail);
}

static json_t *as_container(const char *text)
{
    if (!text || (*text != '{' && *text != '['))
        return NULL;
    return json_loads(text, 0, NULL);
}

/* A list or map that changes: only what differs inside. False if that cannot be said. */
static bool put_inside(struct reading *r, const char *path, const char *before, const char *after,
                       const json_t *detail)
{
    gl_autojson json_t *old = as_container(before);
    gl_autojson json_t *new = as_container(after);
    if (!old || !new || json_typeof(old) != json_typeof(new))
        return false;
    gl_autojson json_t *old_map = json_pack("{sO}", path, old);
    gl_autojson json_t *new_map = json_pack("{sO}", path, new);
    struct gl_resource_change inside = {.type = r->change->type};
    gl_diff_properties(r->arena, gl_value_from_json(r->arena, old_map, NULL),
                       gl_value_from_json(r->arena, new_map, NULL), &inside);
    for (size_t i = 0; i < inside.property_count; i++)
        put(r, inside.properties[i].path, inside.properties[i].before, inside.properties[i].after,
            detail);
    return inside.property_count > 0;
}

/* A detail without a difference says only that a value may change (Evaluation Dynamic). */
static void read_detail(struct reading *r, const json_t *detail)
{
    const json_t *target = json_object_get(detail, "Target");
    const char *before = gl_json_str(target, "BeforeValue", NULL);
    const char *after = gl_json_str(target, "AfterValue", NULL);
    gl_autofree char *path = path_of(target);
    bool dynamic = strcmp(gl_json_str(detail, "Evaluation", ""), "Dynamic") == 0;
    if (dynamic && before && after && strcmp(before, after) == 0)
        after = known_after;
    if (!put_inside(r, path, before, after, detail))
        put(r, path, before, after, detail);
}

void gl_changeset_read_properties(struct gl_arena *arena, const struct gl_plan_stack *stack,
                                  const json_t *changes, const json_t *details,
                                  struct gl_resource_change *change)
{
    struct reading r = {
        .arena = arena,
        .stack = stack,
        .resource = gl_evaluated_resource(&stack->result, change->id),
        .change = change,
    };
    size_t i;
    const json_t *detail;
    json_array_foreach(details, i, detail)
    {
        if (!gl_changeset_detail_is_settled(changes, detail))
            read_detail(&r, detail);
    }
}
