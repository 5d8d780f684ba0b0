/* From CloudFormation's spelling of a task definition to the ECS API's. */
#include <string.h>

#include "base/json.h"
#include "platform/aws/ecs.h"

/* Members below these are the user's own names (log options, labels): left as they are. */
static const char *const verbatim[] = {"Options", "DockerLabels", "DriverOpts", "Labels"};

/* Members that the API wants as text although they look like numbers. */
static const char *const texts[] = {"Cpu", "Memory", "Value", "Name", "Image"};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0)
            return true;
    }
    return false;
}

static json_t *convert(const json_t *value, const char *name);

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the template
static json_t *convert_object(const json_t *object)
{
    json_t *made = json_object();
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)object, name, item)
    {
        gl_autofree char *own = gl_strdup(name);
        if (*own >= 'A' && *own <= 'Z')
            *own = (char)(*own - 'A' + 'a');
        json_object_set_new(made, own, convert(item, name));
    }
    return made;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the template
static json_t *convert(const json_t *value, const char *name)
{
    size_t i;
    const json_t *item;
    if (is_one_of(name, verbatim, GL_COUNT(verbatim)))
        return json_deep_copy(value);
    if (json_is_object(value))
        return convert_object(value);
    if (json_is_array(value)) {
        json_t *list = json_array();
        json_array_foreach(value, i, item) json_array_append_new(list, convert(item, ""));
        return list;
    }
    if (json_is_number(value) && is_one_of(name, texts, GL_COUNT(texts))) {
        gl_autofree char *text = gl_json_canonical(value);
        return json_string(text);
    }
    return json_deep_copy(value);
}

json_t *gl_ecs_from_properties(const json_t *properties)
{
    return convert_object(properties);
}
