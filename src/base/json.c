/* jansson with ownership attributes and typed look-ups. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"

void gl_json_unref(json_t **json)
{
    json_decref(*json);
}

static json_t *parse(const char *text, size_t len, json_error_t *problem)
{
    return json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, problem);
}

static int name_place(const json_error_t *problem, const char *name, struct gl_error *err)
{
    unsigned line = problem->line > 0 ? (unsigned)problem->line : 0;
    unsigned column = problem->column > 0 ? (unsigned)problem->column : 0;
    return gl_error_at(err, name, line, column);
}

int gl_json_parse(const char *text, size_t len, const char *name, json_t **ret_json,
                  struct gl_error *err)
{
    json_error_t problem;
    json_t *json = parse(text, len, &problem);
    if (!json) {
        gl_fail(err, GL_E_CORRUPT, _("%s is not valid JSON: %s"), name, problem.text);
        return name_place(&problem, name, err);
    }
    *ret_json = json;
    return 0;
}

/* jansson's text quotes what it was reading: a part of a secret, perhaps all of it. */
int gl_json_parse_secret(const char *text, size_t len, const char *name, json_t **ret_json,
                         struct gl_error *err)
{
    json_error_t problem;
    json_t *json = parse(text, len, &problem);
    if (!json) {
        gl_fail(err, GL_E_CORRUPT, _("%s is not valid JSON (line %d)"), name, problem.line);
        return name_place(&problem, name, err);
    }
    *ret_json = json;
    return 0;
}

int gl_json_load(const char *path, json_t **ret_json, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    int result = gl_read_file(path, 0, &data, err);
    if (result < 0)
        return result;
    return gl_json_parse(gl_buf_text(&data), data.len, path, ret_json, err);
}

int gl_json_load_secret(const char *path, json_t **ret_json, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    int result = gl_read_file(path, 0, &data, err);
    if (result < 0)
        return result;
    result = gl_json_parse_secret(gl_buf_text(&data), data.len, path, ret_json, err);
    if (data.data)
        gl_wipe(data.data, data.len);
    return result;
}

static char *dump(const json_t *json, size_t flags)
{
    char *text = json_dumps(json, flags | JSON_ENCODE_ANY);
    if (!text)
        abort(); /* only invalid UTF-8 or memory; json_string() refuses the former */
    return text;
}

char *gl_json_canonical(const json_t *json)
{
    return dump(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
}

char *gl_json_pretty(const json_t *json)
{
    gl_autofree char *text = dump(json, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    return gl_asprintf("%s\n", text);
}

const char *gl_json_str(const json_t *object, const char *key, const char *fallback)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : fallback;
}

int64_t gl_json_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool gl_json_bool(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* Bytes that are not UTF-8 (a program's output, say) are kept as '?', never lost as a whole. */
static json_t *string_of(const char *value)
{
    json_t *string = json_string(value);
    if (string)
        return string;
    gl_autofree char *ascii = gl_strdup(value);
    for (char *at = ascii; *at; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    return json_string(ascii);
}

void gl_json_set_str(json_t *object, const char *key, const char *value)
{
    if (value)
        json_object_set_new(object, key, string_of(value));
}

void gl_json_set_int(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

void gl_json_set_bool(json_t *object, const char *key, bool value)
{
    json_object_set_new(object, key, json_boolean(value));
}

void gl_json_set_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, json_real(value));
}
