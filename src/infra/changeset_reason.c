/* What a refused change set says, and where in the template or golive.yaml that is. */
#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "infra/changeset_internal.h"

bool gl_changeset_reason_is_no_change(const char *reason)
{
    return reason && (strstr(reason, "didn't contain changes") ||
                      strstr(reason, "No updates are to be performed"));
}

char *gl_changeset_reason_of_events(const json_t *events, const char *reason)
{
    const json_t *list = json_object_get(events, "OperationEvents");
    gl_autobuf struct gl_buf text = {0};
    size_t i;
    const json_t *event;
    json_array_foreach(list, i, event)
    {
        const char *words = gl_json_str(event, "ValidationStatusReason", NULL);
        if (words)
            gl_buf_printf(&text, "%s%s: %s", text.len ? "; " : "",
                          gl_json_str(event, "ValidationPath", "?"), words);
    }
    return text.len ? gl_buf_steal(&text) : gl_strdup(reason);
}

/* A word of AWS's sentence, as logical ids and parameters are written. */
static size_t word_len(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]))
        len++;
    return len;
}

static const struct gl_value *child_named(const struct gl_value *map, const char *name, size_t len)
{
    for (const struct gl_value *at = map ? map->first : NULL; at; at = at->next) {
        if (strlen(at->name) == len && strncmp(at->name, name, len) == 0)
            return at;
    }
    return NULL;
}

static const struct gl_stack_parameter *source_of(const struct gl_stack_def *def, const char *name)
{
    for (size_t i = 0; i < def->parameter_count; i++) {
        if (strcmp(def->parameters[i].name, name) == 0)
            return &def->parameters[i];
    }
    return NULL;
}

/* A parameter's value is wrong where it was written: in golive.yaml, if it comes from there. */
static void point_at_parameter(const struct gl_plan *plan, const struct gl_stack_def *def,
                               const struct gl_value *parameter, struct gl_error *err)
{
    const struct gl_stack_parameter *source = source_of(def, parameter->name);
    struct gl_place place = parameter->name_place;
    if (source && source->kind == GL_SOURCE_CONFIG) {
        struct gl_origin origin = gl_config_origin(plan->config, source->source);
        gl_error_hint(err, _("%s comes from %s of golive.yaml."), parameter->name, source->source);
        if (origin.line)
            place = (struct gl_place){gl_config_path(plan->config), origin.line, origin.column};
    }
    if (place.file)
        gl_error_at(err, place.file, place.line, place.column);
}

/* A resource with the place of the property behind it: "[/Resources/X/Properties/Y]". */
static void point_at_resource(const struct gl_value *resource, const char *after,
                              struct gl_error *err)
{
    struct gl_place place = resource->name_place;
    const struct gl_value *properties = gl_value_get(resource, "Properties");
    static const char words[] = "/Properties/";
    if (strncmp(after, words, sizeof words - 1) == 0) {
        const char *name = after + sizeof words - 1;
        const struct gl_value *property = child_named(properties, name, word_len(name));
        place = property ? property->name_place : place;
    }
    if (place.file)
        gl_error_at(err, place.file, place.line, place.column);
}

int gl_changeset_refused(const struct gl_plan *plan, const struct gl_plan_stack *stack,
                         const char *reason, struct gl_error *err)
{
    const struct gl_template *template = &stack->def->template;
    gl_autofree char *words = gl_redact(reason && *reason ? reason : _("(no reason given)"));
    gl_fail(err, GL_E_CONFIG, _("CloudFormation does not accept stack %s: %s"), stack->key, words);
    for (const char *at = words; *at;) {
        size_t len = word_len(at);
        if (len < 2) {
            at += len ? len : 1;
            continue;
        }
        const struct gl_value *resource = child_named(template->resources, at, len);
        const struct gl_value *parameter = child_named(template->parameters, at, len);
        if (resource)
            point_at_resource(resource, at + len, err);
        else if (parameter)
            point_at_parameter(plan, stack->def, parameter, err);
        if (resource || parameter)
            return GL_E_CONFIG;
        at += len;
    }
    return gl_error_at(err, stack->def->file, 1, 1);
}
