/* Ref and Fn::GetAtt: parameters, pseudo parameters, resources. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/eval_internal.h"
#include "infra/region.h"

/* ---- pseudo parameters -------------------------------------------------------------------------
 */

static struct gl_value *stack_id(struct gl_evaluation *e, const struct gl_value *at)
{
    gl_autofree char *source = gl_asprintf("%s, AWS::StackId", e->input->stack_name);
    return gl_value_unknown(e->arena, GL_UNKNOWN_COMPUTED, source, at);
}

static struct gl_value *account_id(struct gl_evaluation *e, const struct gl_value *at)
{
    if (e->input->account_id)
        return gl_value_text(e->arena, e->input->account_id, at);
    return gl_value_unknown(e->arena, GL_UNKNOWN_LIVE, "AWS::AccountId", at);
}

static struct gl_value *region(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_text(e->arena, e->input->region, at);
}

static struct gl_value *partition(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_text(e->arena, gl_region_partition(e->input->region), at);
}

static struct gl_value *url_suffix(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_text(e->arena, gl_region_url_suffix(e->input->region), at);
}

static struct gl_value *stack_name(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_text(e->arena, e->input->stack_name, at);
}

/* golive passes no notification topics. */
static struct gl_value *notification_arns(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_new(e->arena, GL_VALUE_LIST, at);
}

static struct gl_value *no_value(struct gl_evaluation *e, const struct gl_value *at)
{
    return gl_value_new(e->arena, GL_VALUE_NOTHING, at);
}

static const struct {
    const char *name;
    struct gl_value *(*make)(struct gl_evaluation *e, const struct gl_value *at);
} pseudo[] = {
    {"AWS::AccountId",        account_id       },
    {"AWS::NoValue",          no_value         },
    {"AWS::NotificationARNs", notification_arns},
    {"AWS::Partition",        partition        },
    {"AWS::Region",           region           },
    {"AWS::StackId",          stack_id         },
    {"AWS::StackName",        stack_name       },
    {"AWS::URLSuffix",        url_suffix       },
};

/* ---- names -------------------------------------------------------------------------------------
 */

static void add_names(struct gl_strv *names, const struct gl_value *map)
{
    for (const struct gl_value *at = map ? map->first : NULL; at; at = at->next)
        gl_strv_add(names, at->name);
}

static struct gl_value *no_such_name(struct gl_evaluation *e, const char *name,
                                     const struct gl_value *at)
{
    gl_autostrv struct gl_strv names = {0};
    add_names(&names, e->parameters);
    add_names(&names, e->resources);
    for (size_t i = 0; i < GL_COUNT(pseudo); i++)
        gl_strv_add(&names, pseudo[i].name);
    const char *nearest = gl_nearest(name, (const char *const *)names.items, names.count);
    gl_eval_fail(e, at, _("there is no parameter and no resource `%s`"), name);
    if (nearest)
        gl_error_hint(e->err, _("did you mean `%s`?"), nearest);
    return NULL;
}

/* A resource may be named only where it exists; CloudFormation says so only after minutes. */
static bool check_exists(struct gl_evaluation *e, const struct gl_value *resource,
                         const struct gl_value *at)
{
    const char *condition = gl_value_str(resource, "Condition", NULL);
    enum gl_truth exists = GL_TRUE;
    if (condition && gl_condition_named(e, condition, resource, &exists) < 0)
        return false;
    if (exists != GL_FALSE)
        return true;
    gl_eval_fail(e, at, _("this names %s, which does not exist: its condition %s is false"),
                 resource->name, condition);
    gl_error_hint(e->err, _("Choose with !If [%s, ..., !Ref \"AWS::NoValue\"]."), condition);
    return false;
}

struct gl_value *gl_eval_name(struct gl_evaluation *e, const char *name, const struct gl_value *at)
{
    const struct gl_value *parameter = gl_value_get(e->parameters, name);
    if (parameter) {
        struct gl_value *value = gl_value_copy(e->arena, parameter);
        value->place = at->place;
        return value;
    }
    for (size_t i = 0; i < GL_COUNT(pseudo); i++) {
        if (strcmp(pseudo[i].name, name) == 0)
            return pseudo[i].make(e, at);
    }
    const struct gl_value *resource = gl_value_get(e->resources, name);
    if (!resource)
        return no_such_name(e, name, at);
    if (!check_exists(e, resource, at))
        return NULL;
    return gl_value_unknown(e->arena, GL_UNKNOWN_RESOURCE, name, at);
}

struct gl_value *gl_eval_ref(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *name = gl_eval_value(e, argument);
    if (!name)
        return NULL;
    if (name->kind != GL_VALUE_TEXT)
        return gl_eval_fail(e, argument, _("Ref takes a name"));
    return gl_eval_name(e, name->text, argument);
}

struct gl_value *gl_eval_attribute(struct gl_evaluation *e, const char *id, const char *attribute,
                                   const struct gl_value *at)
{
    const struct gl_value *resource = gl_value_get(e->resources, id);
    if (!resource)
        return no_such_name(e, id, at);
    if (!check_exists(e, resource, at))
        return NULL;
    gl_autofree char *source = gl_asprintf("%s.%s", id, attribute);
    return gl_value_unknown(e->arena, GL_UNKNOWN_RESOURCE, source, at);
}

struct gl_value *gl_eval_getatt(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *list = gl_eval_value(e, argument);
    if (!list)
        return NULL;
    const struct gl_value *id = gl_value_at(list, 0);
    const struct gl_value *attribute = gl_value_at(list, 1);
    if (!id || !attribute || list->count != 2 || id->kind != GL_VALUE_TEXT)
        return gl_eval_fail(e, argument, _("Fn::GetAtt takes a resource and an attribute"));
    if (!gl_value_is_scalar(attribute))
        return gl_eval_unknown(e, "Fn::GetAtt", list);
    return gl_eval_attribute(e, id->text, attribute->text, argument);
}
