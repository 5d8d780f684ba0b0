/* A successful answer into a tree: body, then what REST operations say in headers. */
#include "aws/codec.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aws/decode_xml.h"
#include "aws/words.h"
#include "base/i18n.h"

/* The element whose children are the members: <XxxResult> in Query, the root elsewhere. */
static xmlNode *result_element(const struct gl_aws_service *service,
                               const struct gl_aws_operation *operation, xmlNode *root)
{
    if (service->protocol != GL_AWS_QUERY)
        return root;
    gl_autofree char *wanted = gl_asprintf("%sResult", operation->name);
    for (xmlNode *child = gl_aws_xml_first(root); child; child = gl_aws_xml_next(child)) {
        if (strcmp(gl_aws_xml_name(child), wanted) == 0)
            return child;
    }
    return NULL;
}

/* The member that is the body itself, as the caller's string; NULL if the body has members. */
static char *body_member(const struct gl_aws_operation *operation)
{
    struct gl_aws_word word = {0};
    while (gl_aws_word_next(operation->output, &word)) {
        struct gl_aws_binding binding = gl_aws_binding_read(&word);
        if (binding.place == GL_AWS_IS_BODY)
            return gl_aws_word_copy(&binding.api);
    }
    return NULL;
}

static int decode_xml(const struct gl_aws_service *service,
                      const struct gl_aws_operation *operation,
                      const struct gl_http_response *response, json_t *result, struct gl_error *err)
{
    gl_autoxml xmlDoc *doc = NULL;
    int failed = gl_aws_xml_parse(gl_buf_text(&response->body), response->body.len, &doc, err);
    if (failed < 0)
        return failed;
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlNode *element = result_element(service, operation, root);
    if (!element)
        return 0;                     /* an operation without a result */
    if (!gl_aws_xml_first(element)) { /* GetBucketLocation: the root is the member */
        gl_autofree char *text = gl_aws_xml_text(element);
        if (element == root && service->protocol == GL_AWS_REST_XML &&
            text[strspn(text, " \t\r\n")])
            gl_json_set_str(result, gl_aws_xml_name(element), text);
        return 0;
    }
    gl_autojson json_t *members = gl_aws_decode_members(service, operation->name, element);
    gl_autofree char *name = body_member(operation);
    if (name)
        json_object_set(result, name, members);
    else
        json_object_update(result, members);
    if (service->protocol == GL_AWS_EC2)
        json_object_del(result, "RequestId");
    return 0;
}

/* GuardDuty's members begin in lower case on the wire. The caller owns it. */
static char *api_name(const struct gl_aws_type *type)
{
    char *name = gl_aws_word_copy(&type->api);
    if (*name >= 'a' && *name <= 'z')
        *name = (char)(*name - 'a' + 'A');
    return name;
}

static json_t *with_api_names(const struct gl_aws_types *types, const json_t *value);

/* NOLINTNEXTLINE(misc-no-recursion): jansson limits the depth to 2048 */
static json_t *object_with_api_names(const struct gl_aws_types *types, const json_t *value)
{
    json_t *object = json_object();
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        struct gl_aws_type type = gl_aws_type_find(types, NULL, key, false);
        gl_autofree char *name = api_name(&type);
        bool keys_are_data = type.kind == GL_AWS_MAP;
        json_object_set_new(object, name,
                            keys_are_data ? json_incref(member) : with_api_names(types, member));
    }
    return object;
}

/* NOLINTNEXTLINE(misc-no-recursion): jansson limits the depth to 2048 */
static json_t *with_api_names(const struct gl_aws_types *types, const json_t *value)
{
    if (json_is_object(value))
        return object_with_api_names(types, value);
    if (!json_is_array(value))
        return json_incref((json_t *)value);
    json_t *list = json_array();
    size_t i;
    const json_t *item;
    json_array_foreach(value, i, item) json_array_append_new(list, with_api_names(types, item));
    return list;
}

static int decode_json(const struct gl_aws_service *service,
                       const struct gl_http_response *response, json_t *result,
                       struct gl_error *err)
{
    if (!response->body.len)
        return 0;
    json_error_t problem;
    /* Log messages may hold NUL; they end there. */
    gl_autojson json_t *body =
        json_loadb(response->body.data, response->body.len, JSON_ALLOW_NUL, &problem);
    if (!json_is_object(body))
        return body
                   ? gl_fail(err, GL_E_CORRUPT, _("the answer is not a JSON object"))
                   : gl_fail(err, GL_E_CORRUPT, _("the answer is not valid JSON (line %d)"),
                             problem.line); /* its text would quote the answer: a secret, perhaps */
    gl_autojson json_t *named =
        service->lower_names ? with_api_names(&service->output, body) : json_incref(body);
    json_object_update(result, named);
    return 0;
}

static void read_header(const struct gl_aws_service *service, const char *header,
                        const struct gl_aws_binding *binding, json_t *result)
{
    size_t len = binding->wire.len;
    size_t name_len = strcspn(header, ":");
    const char *value = header + name_len + strspn(header + name_len, ": ");
    gl_autofree char *name = gl_aws_word_copy(&binding->api);
    if (name_len < len || strncasecmp(header, binding->wire.text, len) != 0)
        return;
    if (binding->place == GL_AWS_IN_HEADERS) {
        gl_autofree char *key = gl_strndup(header + len, name_len - len);
        if (!json_object_get(result, name))
            json_object_set_new(result, name, json_object());
        gl_json_set_str(json_object_get(result, name), key, value);
    } else if (name_len == len) {
        json_t *decoded = gl_aws_decode_text(&service->output, name, value);
        json_object_set_new(result, name, decoded);
    }
}

static void read_headers(const struct gl_aws_service *service,
                         const struct gl_aws_operation *operation,
                         const struct gl_http_response *response, json_t *result)
{
    struct gl_aws_word word = {0};
    while (gl_aws_word_next(operation->output, &word)) {
        struct gl_aws_binding binding = gl_aws_binding_read(&word);
        if (binding.place != GL_AWS_IN_HEADER && binding.place != GL_AWS_IN_HEADERS)
            continue;
        for (size_t i = 0; i < response->headers.count; i++)
            read_header(service, response->headers.items[i], &binding, result);
    }
}

/* What the body of a REST answer is: nothing, a stream, a string, XML. */
static int decode_rest_xml(const struct gl_aws_service *service,
                           const struct gl_aws_operation *operation,
                           const struct gl_http_response *response, json_t *result,
                           struct gl_error *err)
{
    gl_autofree char *name = body_member(operation);
    const char *body = gl_buf_text(&response->body);
    if (name && strcmp(name, "Body") == 0)
        return 0;
    if (name && strcmp(name, "Policy") == 0) {
        gl_json_set_str(result, name, body);
        return 0;
    }
    if (!body[strspn(body, " \t\r\n")])
        return 0;
    return decode_xml(service, operation, response, result, err);
}

int gl_aws_decode(const struct gl_aws_service *service, const struct gl_aws_operation *operation,
                  const struct gl_http_response *response, json_t **ret_result,
                  struct gl_error *err)
{
    gl_autojson json_t *result = json_object();
    int failed = 0;
    if (service->protocol == GL_AWS_JSON || service->protocol == GL_AWS_REST_JSON)
        failed = decode_json(service, response, result, err);
    else if (service->protocol == GL_AWS_REST_XML)
        failed = decode_rest_xml(service, operation, response, result, err);
    else
        failed = decode_xml(service, operation, response, result, err);
    if (failed < 0)
        return gl_error_wrap(err, "%s %s", service->name, operation->name);
    read_headers(service, operation, response, result);
    *ret_result = gl_steal(&result);
    return 0;
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return found ? (int)(found - digits) : -1;
}

int gl_aws_policy(const json_t *value, json_t **ret_policy, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    const char *at = json_is_string(value) ? json_string_value(value) : "";
    for (; *at; at++) {
        int high = *at == '%' ? hex_value(at[1]) : -1;
        int low = high >= 0 ? hex_value(at[2]) : -1;
        unsigned char byte = (unsigned char)(low >= 0 ? 16 * high + low : (unsigned char)*at);
        gl_buf_add(&text, &byte, 1);
        at += low >= 0 ? 2 : 0;
    }
    return gl_json_parse(gl_buf_text(&text), text.len, _("the policy document"), ret_policy, err);
}

/* ".123" as milliseconds; steps over it. */
static int read_fraction(const char **rest)
{
    int ms = 0;
    if (**rest != '.')
        return 0;
    for (int weight = 100; *++*rest >= '0' && **rest <= '9'; weight /= 10)
        ms += (**rest - '0') * weight;
    return ms;
}

/* "", "Z" or "+09:00" as seconds; false for anything else. */
static bool read_offset(const char *text, int64_t *ret_offset_s)
{
    *ret_offset_s = 0;
    if (!*text || strcmp(text, "Z") == 0)
        return true;
    struct tm parts = {0};
    const char *end = *text == '+' || *text == '-' ? strptime(text + 1, "%H:%M", &parts) : NULL;
    if (!end || *end)
        return false;
    *ret_offset_s = (*text == '-' ? -60 : 60) * (int64_t)(parts.tm_hour * 60 + parts.tm_min);
    return true;
}

bool gl_aws_time(const json_t *value, int64_t *ret_unix_ms)
{
    if (json_is_number(value)) {
        double seconds = json_number_value(value);
        if (!isfinite(seconds) || fabs(seconds) > 1e12)
            return false;
        *ret_unix_ms = (int64_t)llround(seconds * 1000);
        return true;
    }
    const char *text = json_string_value(value);
    struct tm parts = {0};
    int64_t offset_s = 0;
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) : NULL;
    if (!rest)
        return false;
    int ms = read_fraction(&rest);
    if (!read_offset(rest, &offset_s))
        return false;
    *ret_unix_ms = ((int64_t)timegm(&parts) - offset_s) * 1000 + ms;
    return true;
}

json_t *gl_aws_at(const json_t *result, const char *path)
{
    json_t *at = (json_t *)result;
    while (at && *path) {
        size_t len = strcspn(path, ".");
        gl_autofree char *name = gl_strndup(path, len);
        at = json_object_get(at, name);
        path += len + (path[len] == '.');
    }
    return at;
}
