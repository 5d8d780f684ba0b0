/* A whole template: parameters, loops, conditions, resources, outputs. */
#include "infra/eval.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/eval_internal.h"
#include "infra/parameters.h"

struct gl_value *gl_eval_fail(struct gl_evaluation *e, const struct gl_value *at, const char *fmt,
                              ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *message = gl_vasprintf(fmt, args);
    va_end(args);
    gl_fail_at(e->err, at, "%s", message);
    return NULL;
}

bool gl_eval_too_large(const struct gl_evaluation *e)
{
    return e->arena->used_bytes - e->first_bytes > e->input->template->limits->eval_bytes;
}

/* ---- any value ---------------------------------------------------------------------------------
 */

/* Bounded by GL_TEMPLATE_DEPTH_MAX: every call goes one level down in the template. */
/* NOLINTBEGIN(misc-no-recursion) */

static struct gl_value *call(struct gl_evaluation *e, const struct gl_value *node, bool *ret_called)
{
    const struct gl_value *only = node->first;
    bool function = node->kind == GL_VALUE_MAP && node->count == 1 &&
                    (strcmp(only->name, "Ref") == 0 || gl_starts_with(only->name, "Fn::"));
    *ret_called = function;
    if (!function)
        return NULL;
    gl_function_fn *run = gl_function_find(only->name);
    if (run)
        return run(e, only);
    const char *nearest = gl_function_nearest(only->name);
    gl_eval_fail(e, node, _("CloudFormation has no function `%s`"), only->name);
    if (nearest)
        gl_error_hint(e->err, _("did you mean `%s`?"), nearest);
    return NULL;
}

static bool evaluate_children(struct gl_evaluation *e, const struct gl_value *node,
                              struct gl_value *result)
{
    for (const struct gl_value *at = node->first; at; at = at->next) {
        if (at->name && gl_starts_with(at->name, "Fn::")) {
            gl_eval_fail(e, at, _("`%s` must stand alone in its map"), at->name);
            return false;
        }
        struct gl_value *child = gl_eval_value(e, at);
        if (!child)
            return false;
        child->name_place = at->name_place;
        if (child->kind != GL_VALUE_NOTHING)
            gl_value_append(result, child, at->name);
    }
    return true;
}

struct gl_value *gl_eval_value(struct gl_evaluation *e, const struct gl_value *node)
{
    if (gl_eval_too_large(e))
        return gl_eval_fail(e, node, _("the template grows beyond %zu MiB here"),
                            e->input->template->limits->eval_bytes >> 20);
    bool called;
    struct gl_value *result = call(e, node, &called);
    if (called)
        return result;
    result = gl_value_new(e->arena, node->kind, node);
    result->text = node->text;
    result->quoted = node->quoted;
    result->secret = node->secret;
    return evaluate_children(e, node, result) ? result : NULL;
}

/* NOLINTEND(misc-no-recursion) */

/* ---- resources ---------------------------------------------------------------------------------
 */

static int exists_here(struct gl_evaluation *e, const struct gl_value *node, const char **ret_name,
                       enum gl_truth *ret_exists)
{
    const struct gl_value *condition = gl_value_get(node, "Condition");
    *ret_exists = GL_TRUE;
    *ret_name = NULL;
    if (!condition)
        return 0;
    if (condition->kind != GL_VALUE_TEXT)
        return gl_fail_at(e->err, condition, _("Condition takes the name of a condition"));
    *ret_name = condition->text;
    return gl_condition_named(e, condition->text, condition, ret_exists);
}

static int add_resource(struct gl_evaluation *e, const struct gl_value *node,
                        struct gl_evaluated *result)
{
    struct gl_resource resource = {
        .id = node->name,
        .type = gl_value_str(node, "Type", NULL),
        .deletion_policy = gl_value_str(node, "DeletionPolicy", NULL),
        .update_replace_policy = gl_value_str(node, "UpdateReplacePolicy", NULL),
        .metadata = gl_value_get(node, "Metadata"),
        .depends_on = gl_value_get(node, "DependsOn"),
        .place = node->name_place,
    };
    if (!resource.type)
        return gl_fail_at(e->err, node, _("resource %s has no Type"), node->name);
    int failed = exists_here(e, node, &resource.condition, &resource.exists);
    if (failed < 0 || resource.exists == GL_FALSE)
        return failed;
    const struct gl_value *properties = gl_value_get(node, "Properties");
    resource.properties =
        properties ? gl_eval_value(e, properties) : gl_value_new(e->arena, GL_VALUE_MAP, node);
    if (!resource.properties)
        return GL_E_CONFIG;
    if (resource.properties->kind != GL_VALUE_MAP)
        return gl_fail_at(e->err, properties, _("Properties of %s must be a map"), node->name);
    unsigned limit = e->input->template->limits->resources;
    if (result->resource_count >= limit)
        return gl_fail_at(e->err, node, _("a stack has at most %u resources"), limit);
    result->resources[result->resource_count++] = resource;
    return 0;
}

static int evaluate_resources(struct gl_evaluation *e, struct gl_evaluated *result)
{
    size_t size = e->resources->count * sizeof *result->resources;
    result->resources = gl_arena_alloc(e->arena, size);
    for (const struct gl_value *at = e->resources->first; at; at = at->next) {
        int failed = add_resource(e, at, result);
        if (failed < 0)
            return failed;
    }
    return 0;
}

static int evaluate_outputs(struct gl_evaluation *e, const struct gl_value *outputs,
                            struct gl_evaluated *result)
{
    if (!outputs)
        return 0;
    result->outputs = gl_arena_alloc(e->arena, outputs->count * sizeof *result->outputs);
    for (const struct gl_value *at = outputs->first; at; at = at->next) {
        const char *condition;
        enum gl_truth exists;
        const struct gl_value *node = gl_value_get(at, "Value");
        if (!node)
            return gl_fail_at(e->err, at, _("output %s has no Value"), at->name);
        int failed = exists_here(e, at, &condition, &exists);
        if (failed < 0)
            return failed;
        if (exists == GL_FALSE)
            continue;
        const struct gl_value *value = gl_eval_value(e, node);
        if (!value)
            return GL_E_CONFIG;
        result->outputs[result->output_count++] =
            (struct gl_output){.name = at->name, .value = value, .place = at->name_place};
    }
    return 0;
}

/* ---- the template ------------------------------------------------------------------------------
 */

/* A section with its loops expanded, or as it is; NULL stays NULL. False after an error. */
static bool expand_section(struct gl_evaluation *e, const struct gl_value *section,
                           const struct gl_value **ret_section)
{
    if (!section || !e->input->template->loops) {
        *ret_section = section;
        return true;
    }
    *ret_section = gl_eval_expand(e, section);
    return *ret_section != NULL;
}

int gl_eval_template(struct gl_arena *arena, const struct gl_eval_input *input,
                     struct gl_evaluated *ret_result, struct gl_error *err)
{
    const struct gl_template *template = input->template;
    struct gl_evaluation e = {
        .arena = arena, .input = input, .err = err, .first_bytes = arena->used_bytes};
    struct gl_evaluated result = {0};
    const struct gl_value *conditions = NULL;
    const struct gl_value *outputs = NULL;
    int failed = gl_parameters_resolve(arena, template, input->parameters, &e.parameters, err);
    if (failed < 0)
        return failed;
    if (!expand_section(&e, template->conditions, &conditions) ||
        !expand_section(&e, template->resources, &e.resources) ||
        !expand_section(&e, template->outputs, &outputs))
        return GL_E_CONFIG;
    failed = gl_conditions_prepare(&e, conditions);
    if (failed == 0)
        failed = evaluate_resources(&e, &result);
    if (failed == 0)
        failed = evaluate_outputs(&e, outputs, &result);
    if (failed == 0)
        failed = gl_eval_check_cycles(arena, &result, err);
    if (failed < 0)
        return failed;
    result.parameters = e.parameters;
    *ret_result = result;
    return 0;
}

const struct gl_resource *gl_evaluated_resource(const struct gl_evaluated *stack, const char *id)
{
    for (size_t i = 0; i < stack->resource_count; i++) {
        if (strcmp(stack->resources[i].id, id) == 0)
            return &stack->resources[i];
    }
    return NULL;
}

const struct gl_output *gl_evaluated_output(const struct gl_evaluated *stack, const char *name)
{
    for (size_t i = 0; i < stack->output_count; i++) {
        if (strcmp(stack->outputs[i].name, name) == 0)
            return &stack->outputs[i];
    }
    return NULL;
}
