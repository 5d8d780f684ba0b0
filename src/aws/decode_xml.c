/* An XML element into a tree, with the names and types of the service's table. */
#include "aws/decode_xml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aws/words.h"

/* libxml2 refuses deeper documents by itself (256), but this needs no trust in an option. */
enum { DEEPEST = 128 };

/* Children of the element are looked up in `context`. */
static json_t *element_value(const struct gl_aws_service *service, const struct gl_aws_type *type,
                             const xmlNode *element, const char *context, int depth);

/* A string whatever it holds: text of libxml2 is valid UTF-8. */
static json_t *string_of(const char *text)
{
    json_t *string = json_string(text);
    return string ? string : json_string("");
}

/* A number that is none stays text: better than a wrong one. */
static json_t *number_of(const char *text, bool real)
{
    char *end = NULL;
    errno = 0;
    if (real) {
        double value = strtod(text, &end);
        bool whole = end != text && !end[strspn(end, " \t\r\n")];
        return whole && isfinite(value) ? json_real(value) : string_of(text);
    }
    long long value = strtoll(text, &end, 10);
    bool whole = end != text && !end[strspn(end, " \t\r\n")] && errno == 0;
    return whole ? json_integer(value) : string_of(text);
}

static json_t *text_value(enum gl_aws_type_kind kind, const char *text)
{
    switch (kind) {
    case GL_AWS_BOOLEAN:
        return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0
                   ? json_boolean(strcasecmp(text, "true") == 0)
                   : string_of(text);
    case GL_AWS_INTEGER:
        return number_of(text, false);
    case GL_AWS_REAL:
        return number_of(text, true);
    default:
        return string_of(text);
    }
}

json_t *gl_aws_decode_text(const struct gl_aws_types *types, const char *name, const char *text)
{
    return text_value(gl_aws_type_find(types, NULL, name, false).kind, text);
}

/* EC2's members begin in lower case on the wire; a row says the exceptions. */
static char *api_name(const struct gl_aws_service *service, const struct gl_aws_type *type)
{
    char *name = gl_aws_word_copy(&type->api);
    bool renamed = type->api.text != type->wire.text;
    if (service->protocol == GL_AWS_EC2 && !renamed && *name >= 'a' && *name <= 'z')
        *name = (char)(*name - 'a' + 'A');
    return name;
}

/* NOLINTNEXTLINE(misc-no-recursion): element_value() limits the depth */
static json_t *members(const struct gl_aws_service *service, const char *context,
                       const xmlNode *element, int depth)
{
    json_t *object = json_object();
    for (xmlNode *child = gl_aws_xml_first(element); child; child = gl_aws_xml_next(child)) {
        const char *wire = gl_aws_xml_name(child);
        struct gl_aws_type type = gl_aws_type_find(&service->output, context, wire, false);
        gl_autofree char *name = api_name(service, &type);
        json_t *value = element_value(service, &type, child, wire, depth);
        if (type.kind != GL_AWS_FLAT_LIST) {
            json_object_set_new(object, name, value);
            continue;
        }
        if (!json_is_array(json_object_get(object, name)))
            json_object_set_new(object, name, json_array());
        json_array_append_new(json_object_get(object, name), value);
    }
    return object;
}

/* NOLINTNEXTLINE(misc-no-recursion): element_value() limits the depth */
static json_t *items(const struct gl_aws_service *service, const xmlNode *element, int depth)
{
    json_t *list = json_array();
    const char *context = gl_aws_xml_name(element);
    for (xmlNode *child = gl_aws_xml_first(element); child; child = gl_aws_xml_next(child)) {
        struct gl_aws_type type =
            gl_aws_item_type_find(&service->output, context, gl_aws_xml_name(child));
        json_array_append_new(list, element_value(service, &type, child, context, depth));
    }
    return list;
}

/* NOLINTNEXTLINE(misc-no-recursion): element_value() limits the depth */
static json_t *entries(const struct gl_aws_service *service, const xmlNode *element, int depth)
{
    json_t *map = json_object();
    const char *context = gl_aws_xml_name(element);
    for (xmlNode *entry = gl_aws_xml_first(element); entry; entry = gl_aws_xml_next(entry)) {
        xmlNode *key = gl_aws_xml_find(entry, "key");
        xmlNode *value = gl_aws_xml_find(entry, "value");
        if (!key || !value)
            continue;
        gl_autofree char *name = gl_aws_xml_text(key);
        struct gl_aws_type type = gl_aws_item_type_find(&service->output, context, "value");
        json_object_set_new(map, name, element_value(service, &type, value, context, depth));
    }
    return map;
}

/* NOLINTNEXTLINE(misc-no-recursion): limited here */
static json_t *element_value(const struct gl_aws_service *service, const struct gl_aws_type *type,
                             const xmlNode *element, const char *context, int depth)
{
    if (depth > DEEPEST)
        return json_null();
    bool has_members = gl_aws_xml_first(element) != NULL;
    switch (type->kind) {
    case GL_AWS_LIST:
        return items(service, element, depth + 1);
    case GL_AWS_MAP:
        return entries(service, element, depth + 1);
    case GL_AWS_STRUCT:
        return members(service, context, element, depth + 1);
    case GL_AWS_UNNAMED:
    case GL_AWS_FLAT_LIST:
        if (has_members)
            return members(service, context, element, depth + 1);
        break;
    default:
        break;
    }
    gl_autofree char *text = gl_aws_xml_text(element);
    return text_value(type->kind, text);
}

json_t *gl_aws_decode_members(const struct gl_aws_service *service, const char *context,
                              const xmlNode *element)
{
    return members(service, context, element, 0);
}
