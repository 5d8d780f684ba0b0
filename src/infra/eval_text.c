/* Functions that make texts: Fn::Sub, Fn::Join, Fn::Split, Fn::Base64, Fn::ToJsonString. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "infra/eval_internal.h"
#include "infra/mix.h"

/* The evaluated argument, if it is a list of `count` items; else an error with `usage`. */
static struct gl_value *arguments(struct gl_evaluation *e, const struct gl_value *argument,
                                  unsigned count, const char *usage)
{
    struct gl_value *list = gl_eval_value(e, argument);
    if (!list)
        return NULL;
    if (list->kind != GL_VALUE_LIST || list->count != count)
        return gl_eval_fail(e, argument, "%s", usage);
    return list;
}

/* ---- Fn::Sub -----------------------------------------------------------------------------------
 */

struct substitution {
    struct gl_evaluation *e;
    const struct gl_value *variables; /* evaluated map, or NULL */
    const struct gl_value *at;
    struct gl_mix mix;
};

static struct gl_value *variable(struct substitution *sub, const char *name)
{
    struct gl_value *own = gl_value_get(sub->variables, name);
    const char *dot = strchr(name, '.');
    if (own)
        return own;
    if (!dot)
        return gl_eval_name(sub->e, name, sub->at);
    gl_autofree char *id = gl_strndup(name, (size_t)(dot - name));
    return gl_eval_attribute(sub->e, id, dot + 1, sub->at);
}

/* One "${...}" from behind the brace to before the closing one. */
static bool add_variable(struct substitution *sub, const char *from, size_t len)
{
    if (*from == '!') { /* ${!Literal} stands for ${Literal} */
        gl_mix_text(&sub->mix, "${", 2);
        gl_mix_text(&sub->mix, from + 1, len - 1);
        gl_mix_text(&sub->mix, "}", 1);
        return true;
    }
    gl_autofree char *name = gl_strndup(from, len);
    struct gl_value *value = variable(sub, name);
    if (!value)
        return false;
    if (value->kind != GL_VALUE_NOTHING && gl_mix_value(&sub->mix, value))
        return true;
    gl_eval_fail(sub->e, sub->at, _("`${%s}` is no text"), name);
    return false;
}

static bool substitute(struct substitution *sub, const char *text)
{
    const char *open;
    while ((open = strstr(text, "${"))) {
        gl_mix_text(&sub->mix, text, (size_t)(open - text));
        const char *close = strchr(open, '}');
        if (!close || close == open + 2) {
            gl_eval_fail(sub->e, sub->at, _("a `${` in Fn::Sub has no name or no end"));
            return false;
        }
        if (!add_variable(sub, open + 2, (size_t)(close - open) - 2))
            return false;
        text = close + 1;
    }
    gl_mix_text(&sub->mix, text, strlen(text));
    return true;
}

struct gl_value *gl_eval_sub(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct substitution sub = {.e = e, .at = argument};
    const struct gl_value *text = argument;
    if (argument->kind == GL_VALUE_LIST) {
        const struct gl_value *variables = gl_value_at(argument, 1);
        text = gl_value_at(argument, 0);
        sub.variables = variables ? gl_eval_value(e, variables) : NULL;
        if (variables && !sub.variables)
            return NULL;
        if (argument->count != 2 || !sub.variables || sub.variables->kind != GL_VALUE_MAP)
            return gl_eval_fail(e, argument, _("Fn::Sub takes a text, or a text and a map"));
    }
    if (!gl_value_is_scalar(text))
        return gl_eval_fail(e, argument, _("Fn::Sub takes a text, or a text and a map"));
    sub.mix = (struct gl_mix){.arena = e->arena, .like = argument};
    struct gl_value *result = substitute(&sub, text->text) ? gl_mix_finish(&sub.mix) : NULL;
    gl_mix_done(&sub.mix);
    return result;
}

/* ---- Fn::Join, Fn::Split -----------------------------------------------------------------------
 */

struct gl_value *gl_eval_join(struct gl_evaluation *e, const struct gl_value *argument)
{
    const char *usage = _("Fn::Join takes a separator and a list of texts");
    const struct gl_value *list = arguments(e, argument, 2, usage);
    if (!list)
        return NULL;
    const struct gl_value *separator = gl_value_at(list, 0);
    const struct gl_value *items = gl_value_at(list, 1);
    if (!gl_value_is_scalar(separator))
        return gl_eval_fail(e, argument, "%s", usage);
    if (items->kind == GL_VALUE_UNKNOWN)
        return gl_eval_unknown(e, "Fn::Join", items);
    if (items->kind != GL_VALUE_LIST)
        return gl_eval_fail(e, argument, "%s", usage);
    gl_automix struct gl_mix mix = {.arena = e->arena, .like = argument};
    for (const struct gl_value *at = items->first; at; at = at->next) {
        if (at != items->first)
            gl_mix_text(&mix, separator->text, strlen(separator->text));
        if (!gl_mix_value(&mix, at))
            return gl_eval_fail(e, argument, "%s", usage);
    }
    return gl_mix_finish(&mix);
}

struct gl_value *gl_eval_split(struct gl_evaluation *e, const struct gl_value *argument)
{
    const char *usage = _("Fn::Split takes a separator and a text");
    const struct gl_value *list = arguments(e, argument, 2, usage);
    if (!list)
        return NULL;
    const struct gl_value *separator = gl_value_at(list, 0);
    const struct gl_value *text = gl_value_at(list, 1);
    if (!gl_value_is_scalar(separator) || !*separator->text ||
        !(gl_value_is_scalar(text) || text->kind == GL_VALUE_UNKNOWN))
        return gl_eval_fail(e, argument, "%s", usage);
    struct gl_value *pieces = gl_mix_split(e->arena, text, separator->text);
    return pieces ? pieces : gl_eval_unknown(e, "Fn::Split", text);
}

/* ---- Fn::Base64, Fn::ToJsonString --------------------------------------------------------------
 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64(struct gl_arena *arena, const char *text)
{
    size_t len = strlen(text);
    char *out = gl_arena_alloc(arena, (len + 2) / 3 * 4 + 1);
    char *to = out;
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = (unsigned)(unsigned char)text[i] << 16;
        if (i + 1 < len)
            bits |= (unsigned)(unsigned char)text[i + 1] << 8;
        if (i + 2 < len)
            bits |= (unsigned char)text[i + 2];
        *to++ = alphabet[bits >> 18 & 63];
        *to++ = alphabet[bits >> 12 & 63];
        *to++ = (char)(i + 1 < len ? alphabet[bits >> 6 & 63] : '=');
        *to++ = (char)(i + 2 < len ? alphabet[bits & 63] : '=');
    }
    return out;
}

struct gl_value *gl_eval_base64(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *text = gl_eval_value(e, argument);
    if (!text)
        return NULL;
    if (text->kind == GL_VALUE_UNKNOWN)
        return gl_eval_unknown(e, "Fn::Base64", text);
    if (!gl_value_is_scalar(text))
        return gl_eval_fail(e, argument, _("Fn::Base64 takes a text"));
    struct gl_value *result = gl_value_new(e->arena, GL_VALUE_TEXT, argument);
    result->text = base64(e->arena, text->text);
    result->secret = text->secret;
    return result;
}

static bool has_secret(const struct gl_value *value)
{
    for (const struct gl_value *at = value; at; at = gl_value_next(value, at)) {
        if (at->secret)
            return true;
    }
    return false;
}

struct gl_value *gl_eval_json_text(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *value = gl_eval_value(e, argument);
    if (!value)
        return NULL;
    if (value->kind != GL_VALUE_MAP && value->kind != GL_VALUE_LIST)
        return gl_eval_fail(e, argument, _("Fn::ToJsonString takes a map or a list"));
    gl_autojson json_t *json = gl_value_json(value);
    gl_autofree char *text = json_dumps(json, JSON_COMPACT);
    struct gl_value *result = gl_value_text(e->arena, text ? text : "", argument);
    result->secret = has_secret(value);
    if (gl_value_has_unknown(value)) {
        result->kind = GL_VALUE_UNKNOWN;
        result->unknown = GL_UNKNOWN_COMPUTED;
        result->source = "Fn::ToJsonString";
        gl_value_append(result, value, NULL);
    }
    return result;
}
