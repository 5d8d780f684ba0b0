/* The parameters that are passed to a stack, from their five kinds of sources. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "config/schema.h"
#include "infra/computed.h"
#include "infra/live.h"
#include "infra/mix.h"
#include "infra/plan_internal.h"

struct giving {
    struct gl_plan *plan;
    const struct gl_plan_stack *stack;
    const struct gl_stack_parameter *parameter;
    struct gl_error *err;
};

/* Each sets *ret_value, or leaves it NULL for the template's Default. */
typedef int give_fn(const struct giving *g, struct gl_value **ret_value);

static int hint_nearest(const struct giving *g, const char *nearest)
{
    return nearest ? gl_error_hint(g->err, _("did you mean `%s`?"), nearest) : GL_E_CONFIG;
}

static int give_config(const struct giving *g, struct gl_value **ret_value)
{
    const char *key = g->parameter->source;
    const struct gl_schema_node *schema = gl_schema_find(key);
    if (!schema) {
        gl_fail_at(g->err, g->parameter->at, _("golive.yaml has no key `%s`"), key);
        return hint_nearest(g, gl_schema_nearest(key));
    }
    if (schema->flags & GL_KEY_SENSITIVE) {
        gl_fail_at(g->err, g->parameter->at, _("%s may hold a password"), key);
        return gl_error_hint(g->err, _("Parameters are read by many; store it as a secret."));
    }
    const json_t *node = gl_config_node(g->plan->config, key);
    gl_autobuf struct gl_buf text = {0};
    if (!node)
        return 0;
    if (!gl_config_value_text(node, &text))
        return gl_fail_at(g->err, g->parameter->at, _("%s is no single value and no list of them"),
                          key);
    *ret_value = gl_value_text(&g->plan->arena, gl_buf_text(&text), g->parameter->at);
    return 0;
}

/* ---- outputs of other stacks -------------------------------------------------------------------
 */

/* A part of another stack's output, seen from outside. */
static struct gl_value *from_outside(const struct giving *g, const char *stack, const char *source,
                                     const struct gl_value *part)
{
    struct gl_arena *arena = &g->plan->arena;
    struct gl_value *value = gl_value_unknown(arena, GL_UNKNOWN_OUTPUT, source, g->parameter->at);
    if (part->unknown == GL_UNKNOWN_RESOURCE)
        value->resource = gl_arena_printf(arena, "%s.%s", stack, part->source);
    else
        value->resource = part->resource;
    return value;
}

/* A joined text keeps its shape, so that a list of subnets stays a list of two or three. */
static struct gl_value *mixed_output(const struct giving *g, const char *stack,
                                     const struct gl_value *output)
{
    struct gl_mix mix = {.arena = &g->plan->arena, .like = g->parameter->at};
    for (const struct gl_value *part = output->first; part; part = part->next) {
        if (part->kind != GL_VALUE_UNKNOWN) {
            gl_mix_value(&mix, part);
            continue;
        }
        gl_autofree char *source = gl_asprintf("%s.%s", stack, part->source ? part->source : "?");
        const char *shown = part->unknown == GL_UNKNOWN_RESOURCE ? source : part->source;
        gl_mix_value(&mix, from_outside(g, stack, shown ? shown : source, part));
    }
    return gl_mix_finish(&mix);
}

static int give_output(const struct giving *g, struct gl_value **ret_value)
{
    const char *name = NULL;
    const struct gl_plan_stack *from = gl_plan_producer(g->plan, g->parameter->source, &name);
    const struct gl_output *output = from ? gl_evaluated_output(&from->result, name) : NULL;
    if (!output)
        return 0;
    const struct gl_value *value = output->value;
    if (value->kind == GL_VALUE_UNKNOWN && value->unknown == GL_UNKNOWN_MIXED) {
        *ret_value = mixed_output(g, from->key, value);
    } else if (value->kind == GL_VALUE_UNKNOWN) {
        gl_autofree char *source = gl_asprintf("%s.%s", from->key, name);
        *ret_value = from_outside(g, from->key, source, value);
    } else if (gl_value_is_scalar(value)) {
        *ret_value = gl_value_text(&g->plan->arena, value->text, g->parameter->at);
        (*ret_value)->secret = value->secret;
    } else {
        gl_fail(g->err, GL_E_CONFIG, _("output %s is no text"), name);
        return gl_error_at(g->err, output->place.file, output->place.line, output->place.column);
    }
    return 0;
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

static int give_instance(const struct giving *g, struct gl_value **ret_value)
{
    const struct {
        const char *name;
        const char *value;
    } words[] = {
        {"account_id", g->plan->account_id          },
        {"app",        gl_config_str(g->plan->config, "app.name")},
        {"env",            g->plan->env                                    },
        {"placement",            gl_placement_word(g->stack->placement)},
        {"region",            g->stack->region                                       },
    };

    const char *names[GL_COUNT(words)];
    for (size_t i = 0; i < GL_COUNT(words); i++) {
        names[i] = words[i].name;
        if (strcmp(words[i].name, g->parameter->source) != 0)
            continue;
        if (words[i].value)
            *ret_value = gl_value_text(&g->plan->arena, words[i].value, g->parameter->at);
        return 0;
    }
    gl_fail_at(g->err, g->parameter->at, _("an instance has no `%s`"), g->parameter->source);
    return hint_nearest(g, gl_nearest(g->parameter->source, names, GL_COUNT(names)));
}

static int give_live(const struct giving *g, struct gl_value **ret_value)
{
    if (!gl_live_find(g->parameter->source)) {
        gl_fail_at(g->err, g->parameter->at, _("golive reads no `%s` from the account"),
                   g->parameter->source);
        return hint_nearest(g, gl_live_nearest(g->parameter->source));
    }
    *ret_value =
        gl_value_unknown(&g->plan->arena, GL_UNKNOWN_LIVE, g->parameter->source, g->parameter->at);
    return 0;
}

static int give_computed(const struct giving *g, struct gl_value **ret_value)
{
    struct gl_arena *arena = &g->plan->arena;
    const struct gl_computed *function = gl_computed_find(g->parameter->source);
    if (!function) {
        gl_fail_at(g->err, g->parameter->at, _("golive computes no `%s`"), g->parameter->source);
        return hint_nearest(g, gl_computed_nearest(g->parameter->source));
    }
    struct gl_computing c = {.config = g->plan->config,
                             .argument = function->argument,
                             .region = g->stack->region,
                             .err = g->err};
    if (function->list) {
        gl_autojson json_t *list = function->list(&c);
        *ret_value = gl_value_from_json(arena, list, g->parameter->at);
        return 0;
    }
    gl_autobuf struct gl_buf text = {0};
    bool given = false;
    int failed = function->compute(&c, &text, &given);
    if (failed == 0 && given)
        *ret_value = gl_value_text(arena, gl_buf_text(&text), g->parameter->at);
    return failed;
}

/* What a release knows: its images with their digests, its version, and for what processor the
 * image is. */
static const char *const release_words[] = {"image", "frontend_image", "version", "arch"};

static int give_release(const struct giving *g, struct gl_value **ret_value)
{
    const char *source = g->parameter->source;
    for (size_t i = 0; i < GL_COUNT(release_words); i++) {
        if (strcmp(release_words[i], source) != 0)
            continue;
        *ret_value =
            gl_value_unknown(&g->plan->arena, GL_UNKNOWN_RELEASE, source, g->parameter->at);
        return 0;
    }
    gl_fail_at(g->err, g->parameter->at, _("a release has no `%s`"), source);
    return hint_nearest(g, gl_nearest(source, release_words, GL_COUNT(release_words)));
}

static give_fn *const givers[] = {
    [GL_SOURCE_CONFIG] = give_config,     [GL_SOURCE_OUTPUT] = give_output,
    [GL_SOURCE_INSTANCE] = give_instance, [GL_SOURCE_LIVE] = give_live,
    [GL_SOURCE_COMPUTED] = give_computed, [GL_SOURCE_RELEASE] = give_release,
};

int gl_plan_give(struct gl_plan *plan, const struct gl_plan_stack *stack,
                 const struct gl_value **ret_given, struct gl_error *err)
{
    struct gl_value *map = gl_value_new(&plan->arena, GL_VALUE_MAP, NULL);
    for (size_t i = 0; i < stack->def->parameter_count; i++) {
        struct giving g = {
            .plan = plan, .stack = stack, .parameter = &stack->def->parameters[i], .err = err};
        struct gl_value *value = NULL;
        int failed = givers[g.parameter->kind](&g, &value);
        if (failed < 0)
            return failed;
        if (value)
            gl_value_append(map, value, g.parameter->name);
    }
    *ret_given = map;
    return 0;
}

int gl_plan_know(struct gl_plan *plan, struct gl_plan_stack *stack, gl_known_fn *known,
                 void *context, struct gl_error *err)
{
    struct gl_value *map = gl_value_new(&plan->arena, GL_VALUE_MAP, NULL);
    for (const struct gl_value *at = stack->given->first; at; at = at->next) {
        const struct gl_stack_parameter *parameter = gl_stack_source(stack->def, at->name);
        const char *text =
            at->kind == GL_VALUE_UNKNOWN && parameter ? known(stack, parameter, context) : NULL;
        struct gl_value *value =
            text ? gl_value_text(&plan->arena, text, at) : gl_value_copy(&plan->arena, at);
        gl_value_append(map, value, at->name);
    }
    return gl_plan_evaluate(plan, stack, map, err);
}
