/* Typed values: what a scalar's text means is decided by the schema, never by the look of it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "config/schema.h"

static bool within(const struct gl_key *row, double number)
{
    if (!row || (row->min == 0 && row->max == 0))
        return true;
    return number >= row->min && number <= row->max;
}

static bool is_listed(const struct gl_key *row, const char *text)
{
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, row->words, " ");
    return gl_strv_has(&words, text);
}

static json_t *convert_int(const struct gl_schema_node *node, const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || text[strspn(text, "+-0123456789")])
        return NULL;
    if (node->row && node->row->words && !is_listed(node->row, text))
        return NULL;
    return within(node->row, (double)number) ? json_integer(number) : NULL;
}

/* strtod() also reads "nan", "inf" and "0x1p3", which nobody means here. */
static json_t *convert_real(const struct gl_schema_node *node, const char *text)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (errno || end == text || *end || text[strspn(text, "+-0123456789.eE")])
        return NULL;
    return isfinite(number) && within(node->row, number) ? json_real(number) : NULL;
}

static json_t *convert_bool(const char *text)
{
    if (strcmp(text, "true") == 0)
        return json_true();
    return strcmp(text, "false") == 0 ? json_false() : NULL;
}

/* YAML's core schema, for values whose type is theirs alone (a request's body, say). */
static json_t *convert_any(const char *text, bool quoted)
{
    if (quoted)
        return json_string(text);
    json_t *number = json_loads(text, JSON_DECODE_ANY, NULL);
    if (number && !json_is_string(number) && json_is_number(number))
        return number;
    json_decref(number);
    json_t *truth = convert_bool(text);
    return truth ? truth : json_string(text);
}

json_t *gl_value_convert(const struct gl_schema_node *node, const char *text, bool quoted)
{
    switch (node->type) {
    case GL_TYPE_INT:
        return convert_int(node, text);
    case GL_TYPE_REAL:
        return convert_real(node, text);
    case GL_TYPE_BOOL:
        return convert_bool(text);
    case GL_TYPE_ENUM:
        return is_listed(node->row, text) ? json_string(text) : NULL;
    case GL_TYPE_ANY:
        return convert_any(text, quoted);
    case GL_TYPE_STR:
    case GL_TYPE_COMMAND:
        return json_string(text);
    case GL_TYPE_MAP:
    case GL_TYPE_LIST:
        break;
    }
    return NULL;
}

bool gl_value_fits(const struct gl_schema_node *node, const char *text, bool quoted)
{
    json_t *value = gl_value_convert(node, text, quoted);
    bool converts = value != NULL;
    json_decref(value);
    return converts && (!node->row || gl_format_matches(node->row->format, text));
}

static void describe_words(const char *words, struct gl_buf *text)
{
    gl_autostrv struct gl_strv list = {0};
    gl_strv_split(&list, words, " ");
    for (size_t i = 0; i < list.count; i++) {
        const char *between = i + 1 == list.count ? _(" or ") : ", ";
        gl_buf_printf(text, "%s`%s`", i ? between : "", list.items[i]);
    }
}

static void describe_number(const struct gl_key *row, const char *kind, struct gl_buf *text)
{
    gl_buf_puts(text, kind);
    if (row && (row->min != 0 || row->max != 0))
        gl_buf_printf(text, _(" from %.15g to %.15g"), row->min, row->max);
    if (row && row->unit)
        gl_buf_printf(text, " (%s)", row->unit);
}

void gl_schema_describe(const struct gl_schema_node *node, struct gl_buf *ret_text)
{
    switch (node->type) {
    case GL_TYPE_MAP:
        gl_buf_puts(ret_text, _("a map of keys"));
        break;
    case GL_TYPE_LIST:
        gl_buf_puts(ret_text, _("a list"));
        break;
    case GL_TYPE_STR:
        gl_buf_puts(ret_text, gl_format_description(node->row ? node->row->format : 0));
        break;
    case GL_TYPE_INT:
        if (node->row && node->row->words)
            describe_words(node->row->words, ret_text);
        else
            describe_number(node->row, _("a whole number"), ret_text);
        break;
    case GL_TYPE_REAL:
        describe_number(node->row, _("a number"), ret_text);
        break;
    case GL_TYPE_BOOL:
        gl_buf_puts(ret_text, _("`true` or `false`"));
        break;
    case GL_TYPE_ENUM:
        describe_words(node->row->words, ret_text);
        break;
    case GL_TYPE_COMMAND:
        gl_buf_puts(ret_text, _("a command, or a list of commands"));
        break;
    case GL_TYPE_ANY:
        gl_buf_puts(ret_text, _("any value"));
        break;
    }
    if (node->flags & GL_KEY_NULLABLE)
        gl_buf_puts(ret_text, _(", or null"));
}

bool gl_config_scalar_text(const json_t *value, struct gl_buf *text)
{
    if (json_is_string(value))
        gl_buf_puts(text, json_string_value(value));
    else if (json_is_integer(value))
        gl_buf_printf(text, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        gl_buf_printf(text, "%.12g", json_real_value(value));
    else if (json_is_boolean(value))
        gl_buf_puts(text, json_is_true(value) ? "true" : "false");
    else
        return false;
    return true;
}
