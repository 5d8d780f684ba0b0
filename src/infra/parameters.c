/* Types and constraints of parameters. */
#include "infra/parameters.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/mix.h"
#include "infra/pattern.h"

enum { VALUE_BYTES_MAX = 4096 }; /* CloudFormation's own limit */

struct parameter {
    const char *name;
    const char *type;
    const struct gl_value *node; /* its map in the template */
};

bool gl_parameter_type_is_list(const char *type)
{
    return strcmp(type, "CommaDelimitedList") == 0 || gl_starts_with(type, "List<");
}

static bool is_number_type(const char *type)
{
    return strcmp(type, "Number") == 0 || strcmp(type, "List<Number>") == 0;
}

static int broken(const struct parameter *parameter, const char *value, const char *rule,
                  struct gl_error *err)
{
    bool secret = gl_value_is_word(gl_value_get(parameter->node, "NoEcho"), "true");
    gl_fail_at(err, parameter->node, _("parameter %s cannot be `%s`: %s"), parameter->name,
               secret ? "***" : value, rule);
    const char *description = gl_value_str(parameter->node, "ConstraintDescription", NULL);
    return description ? gl_error_hint(err, "%s", description) : GL_E_CONFIG;
}

/* ---- constraints -------------------------------------------------------------------------------
 */

static int check_pattern(const struct parameter *parameter, const char *text, struct gl_error *err)
{
    const struct gl_value *pattern = gl_value_get(parameter->node, "AllowedPattern");
    bool matches;
    if (!gl_value_is_scalar(pattern))
        return 0;
    if (!gl_pattern_match(pattern->text, text, &matches))
        return gl_fail_at(err, pattern, _("golive cannot read the pattern `%s` of parameter %s"),
                          pattern->text, parameter->name);
    if (matches)
        return 0;
    gl_autofree char *rule = gl_asprintf(_("it must match %s"), pattern->text);
    return broken(parameter, text, rule, err);
}

static int check_words(const struct parameter *parameter, const char *text, struct gl_error *err)
{
    const struct gl_value *words = gl_value_get(parameter->node, "AllowedValues");
    if (!words || words->kind != GL_VALUE_LIST)
        return 0;
    gl_autostrv struct gl_strv all = {0};
    for (const struct gl_value *at = words->first; at; at = at->next) {
        if (gl_value_is_word(at, text))
            return 0;
        gl_strv_add(&all, gl_value_is_scalar(at) ? at->text : "");
    }
    gl_autofree char *list = gl_strv_join(&all, ", ");
    gl_autofree char *rule = gl_asprintf(_("it must be one of %s"), list);
    return broken(parameter, text, rule, err);
}

static bool limit_of(const struct parameter *parameter, const char *name, double *ret_limit)
{
    const char *text = gl_value_str(parameter->node, name, NULL);
    if (!text)
        return false;
    *ret_limit = strtod(text, NULL);
    return true;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static int check_range(const struct parameter *parameter, const char *text, double value,
                       const char *const names[2], struct gl_error *err)
{
    double limit;
    gl_autofree char *rule = NULL;
    if (limit_of(parameter, names[0], &limit) && value < limit)
        rule = gl_asprintf("%s %g", names[0], limit);
    else if (limit_of(parameter, names[1], &limit) && value > limit)
        rule = gl_asprintf("%s %g", names[1], limit);
    return rule ? broken(parameter, text, rule, err) : 0;
}

static int check_text(const struct parameter *parameter, const char *text, struct gl_error *err)
{
    static const char *const lengths[] = {"MinLength", "MaxLength"};
    static const char *const values[] = {"MinValue", "MaxValue"};
    int failed = check_words(parameter, text, err);
    if (failed == 0 && is_number_type(parameter->type)) {
        char *end;
        double number = strtod(text, &end);
        if (end == text || *end)
            return broken(parameter, text, _("it must be a number"), err);
        return check_range(parameter, text, number, values, err);
    }
    if (failed == 0)
        failed = check_pattern(parameter, text, err);
    if (failed == 0 && strcmp(parameter->type, "String") == 0)
        failed = check_range(parameter, text, (double)characters(text), lengths, err);
    if (failed == 0 && strlen(text) > VALUE_BYTES_MAX)
        failed = broken(parameter, "...", _("it may have at most 4096 bytes"), err);
    return failed;
}

/* ---- values ------------------------------------------------------------------------------------
 */

struct making {
    struct gl_arena *arena;
    struct parameter parameter;
    bool secret;
};

static struct gl_value *new_item(const struct making *making, const char *text, size_t len)
{
    struct gl_value *item = gl_value_new(making->arena, GL_VALUE_TEXT, making->parameter.node);
    item->text = gl_arena_strndup(making->arena, text, len);
    item->secret = making->secret;
    return item;
}

/* "a, b" -> ["a", "b"]: blanks around the items do not count; "" is a list of one empty text, as
 * in CloudFormation. */
static struct gl_value *split_list(const struct making *making, const char *text)
{
    struct gl_value *list = gl_value_new(making->arena, GL_VALUE_LIST, making->parameter.node);
    for (;;) {
        size_t len = strcspn(text, ",");
        const char *from = text;
        const char *to = text + len;
        while (from < to && *from == ' ')
            from++;
        while (to > from && to[-1] == ' ')
            to--;
        gl_value_append(list, new_item(making, from, (size_t)(to - from)), NULL);
        if (!text[len])
            return list;
        text += len + 1;
    }
}

static int check_value(const struct making *making, const struct gl_value *value,
                       struct gl_error *err)
{
    if (value->kind != GL_VALUE_LIST)
        return check_text(&making->parameter, value->text, err);
    for (const struct gl_value *at = value->first; at; at = at->next) {
        int failed = at->text && at->kind != GL_VALUE_UNKNOWN
                         ? check_text(&making->parameter, at->text, err)
                         : 0;
        if (failed < 0)
            return failed;
    }
    return 0;
}

static struct gl_value *make_typed(const struct making *making, const struct gl_value *given)
{
    bool list = gl_parameter_type_is_list(making->parameter.type);
    if (given->kind == GL_VALUE_UNKNOWN) {
        struct gl_value *items = list ? gl_mix_split(making->arena, given, ",") : NULL;
        return items ? items : gl_value_copy(making->arena, given);
    }
    if (given->kind == GL_VALUE_LIST)
        return list ? gl_value_copy(making->arena, given) : NULL;
    if (!gl_value_is_scalar(given))
        return NULL;
    return list ? split_list(making, given->text)
                : new_item(making, given->text, strlen(given->text));
}

static int resolve_one(const struct making *making, const struct gl_value *given,
                       struct gl_value **ret_value, struct gl_error *err)
{
    const struct parameter *parameter = &making->parameter;
    if (!given)
        given = gl_value_get(parameter->node, "Default");
    if (!given) {
        gl_fail_at(err, parameter->node, _("parameter %s has no value and no Default"),
                   parameter->name);
        return gl_error_hint(err, _("Say in Metadata.golive.parameters where it comes from."));
    }
    if (gl_starts_with(parameter->type, "AWS::SSM::Parameter::")) {
        *ret_value = gl_value_unknown(making->arena, GL_UNKNOWN_LIVE,
                                      gl_value_is_scalar(given) ? given->text : parameter->name,
                                      parameter->node);
        return 0;
    }
    struct gl_value *value = make_typed(making, given);
    if (!value)
        return gl_fail_at(err, parameter->node, _("the value of parameter %s is no %s"),
                          parameter->name, parameter->type);
    *ret_value = value;
    return value->kind == GL_VALUE_UNKNOWN ? 0 : check_value(making, value, err);
}

static int refuse_strangers(const struct gl_template *template, const struct gl_value *given,
                            struct gl_error *err)
{
    for (const struct gl_value *at = given ? given->first : NULL; at; at = at->next) {
        if (!gl_value_get(template->parameters, at->name)) {
            gl_fail(err, GL_E_CONFIG, _("the template has no parameter %s"), at->name);
            return gl_error_at(err, template->file, at->name_place.line, at->name_place.column);
        }
    }
    return 0;
}

static const char *const plain_types[] = {"String", "Number", "CommaDelimitedList"};

static int check_type(const struct gl_value *node, struct gl_error *err)
{
    const char *type = gl_value_str(node, "Type", NULL);
    if (!type)
        return gl_fail_at(err, node, _("parameter %s has no Type"), node->name);
    for (size_t i = 0; i < GL_COUNT(plain_types); i++) {
        if (strcmp(type, plain_types[i]) == 0)
            return 0;
    }
    if (gl_starts_with(type, "List<") || gl_starts_with(type, "AWS::"))
        return 0;
    return gl_fail_at(err, gl_value_get(node, "Type"), _("`%s` is no type of a parameter"), type);
}

int gl_parameters_resolve(struct gl_arena *arena, const struct gl_template *template,
                          const struct gl_value *given, const struct gl_value **ret_values,
                          struct gl_error *err)
{
    struct gl_value *values = gl_value_new(arena, GL_VALUE_MAP, template->parameters);
    int failed = refuse_strangers(template, given, err);
    const struct gl_value *at = template->parameters ? template->parameters->first : NULL;
    for (; failed == 0 && at; at = at->next) {
        failed = check_type(at, err);
        if (failed < 0)
            break;
        struct making making = {
            .arena = arena,
            .parameter = {.name = at->name, .type = gl_value_str(at, "Type", ""), .node = at},
            .secret = gl_value_is_word(gl_value_get(at, "NoEcho"), "true"),
        };
        struct gl_value *value = NULL;
        failed = resolve_one(&making, gl_value_get(given, at->name), &value, err);
        if (failed == 0 && value) {
            value->secret = value->secret || making.secret;
            gl_value_append(values, value, at->name);
        }
    }
    if (failed == 0)
        *ret_values = values;
    return failed;
}
