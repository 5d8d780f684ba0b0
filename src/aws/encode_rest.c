/* Parameters in path, query, headers and body: the REST protocols. */
#include <ctype.h>
#include <string.h>

#include "aws/encode.h"
#include "aws/uri.h"
#include "aws/words.h"
#include "base/hash.h"
#include "base/i18n.h"

struct rest {
    const struct gl_aws_service *service;
    const struct gl_aws_operation *operation;
    const json_t *params;
    struct gl_aws_message *message;
    json_t *body; /* members that go nowhere else */
};

static int misfit(const struct rest *rest, const char *name, struct gl_error *err)
{
    return gl_fail(err, GL_E_USAGE, _("%s %s: parameter %s is missing or does not fit"),
                   rest->service->name, rest->operation->name, name);
}

/* Route 53 answers with ids like "/hostedzone/Z1" but asks for "Z1". */
static const char *label_value(const struct rest *rest, const char *value)
{
    const char *slash = strrchr(value, '/');
    return strcmp(rest->service->name, "route53") == 0 && slash ? slash + 1 : value;
}

/* The parameter that fills a label; NULL if there is none. The caller owns it. */
static char *label_text(const struct rest *rest, const char *label, size_t len)
{
    struct gl_aws_word word = {0};
    while (gl_aws_word_next(rest->operation->input, &word)) {
        struct gl_aws_binding binding = gl_aws_binding_read(&word);
        if (binding.place != GL_AWS_IN_BODY || binding.wire.len != len ||
            memcmp(binding.wire.text, label, len) != 0)
            continue;
        gl_autofree char *name = gl_aws_word_copy(&binding.api);
        const json_t *value = json_object_get(rest->params, name);
        return value ? gl_aws_scalar_text(value) : NULL;
    }
    return NULL;
}

static int add_path(const struct rest *rest, struct gl_buf *path, struct gl_error *err)
{
    for (const char *at = rest->operation->uri; *at;) {
        size_t plain = strcspn(at, "{");
        gl_buf_add(path, at, plain);
        at += plain;
        if (!*at)
            break;
        size_t len = strcspn(at + 1, "}+");
        bool keep_slash = at[1 + len] == '+';
        gl_autofree char *text = label_text(rest, at + 1, len);
        if (!text || !*text) {
            gl_autofree char *label = gl_strndup(at + 1, len);
            return misfit(rest, label, err);
        }
        gl_aws_uri_encode(path, label_value(rest, text), keep_slash);
        at += 1 + len + (keep_slash ? 2 : 1);
    }
    return 0;
}

static bool is_label(const struct rest *rest, const struct gl_aws_word *wire)
{
    gl_autofree char *plain = gl_asprintf("{%.*s}", (int)wire->len, wire->text);
    gl_autofree char *greedy = gl_asprintf("{%.*s+}", (int)wire->len, wire->text);
    return strstr(rest->operation->uri, plain) || strstr(rest->operation->uri, greedy);
}

static int add_query(const struct rest *rest, struct gl_buf *path,
                     const struct gl_aws_binding *binding, const json_t *value,
                     struct gl_error *err)
{
    gl_autofree char *name = gl_aws_word_copy(&binding->wire);
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        gl_autofree char *text = gl_aws_scalar_text(item);
        if (!text)
            return misfit(rest, name, err);
        gl_buf_putc(path, strchr(gl_buf_text(path), '?') ? '&' : '?');
        gl_aws_uri_encode(path, name, false);
        gl_buf_putc(path, '=');
        gl_aws_uri_encode(path, text, false);
    }
    return 0;
}

/* A line break in a value would become a header of its own. */
static int add_header(const struct rest *rest, const char *name, const json_t *value,
                      struct gl_error *err)
{
    gl_autofree char *text = gl_aws_scalar_text(value);
    if (!text || strpbrk(text, "\r\n") || strpbrk(name, "\r\n:"))
        return misfit(rest, name, err);
    gl_strv_addf(&rest->message->headers, "%s: %s", name, text);
    return 0;
}

static int add_headers(const struct rest *rest, const struct gl_aws_binding *binding,
                       const json_t *map, struct gl_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)map, key, value)
    {
        gl_autofree char *name =
            gl_asprintf("%.*s%s", (int)binding->wire.len, binding->wire.text, key);
        int result = add_header(rest, name, value, err);
        if (result < 0)
            return result;
    }
    return 0;
}

static void start_xml(const struct rest *rest)
{
    gl_buf_printf(&rest->message->body, "<%s xmlns=\"%s\">", rest->operation->root,
                  rest->service->xmlns);
}

static int add_payload(const struct rest *rest, const char *name, const json_t *value,
                       struct gl_error *err)
{
    struct gl_buf *body = &rest->message->body;
    if (rest->operation->root && json_is_object(value)) {
        start_xml(rest);
        int result = gl_aws_encode_xml(&rest->service->input, name, value, body, err);
        gl_buf_printf(body, "</%s>", rest->operation->root);
        return result;
    }
    if (!json_is_string(value))
        return misfit(rest, name, err);
    gl_buf_add(body, json_string_value(value), json_string_length(value));
    return 0;
}

/* It becomes part of the host, so it must be nothing but a name.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
static int take_bucket(const struct rest *rest, const json_t *value, struct gl_error *err)
{
    const char *name = json_string_value(value);
    size_t len = name ? strlen(name) : 0;
    if (len < 3 || len > 63 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != len ||
        strchr(".-", name[0]) || strstr(name, ".."))
        return misfit(rest, "Bucket", err);
    rest->message->bucket = gl_strdup(name);
    return 0;
}

static int add_parameter(const struct rest *rest, struct gl_buf *path,
                         const struct gl_aws_word *word, struct gl_error *err)
{
    struct gl_aws_binding binding = gl_aws_binding_read(word);
    gl_autofree char *name = gl_aws_word_copy(&binding.api);
    gl_autofree char *wire = gl_aws_word_copy(&binding.wire);
    json_t *value = json_object_get(rest->params, name);
    if (!value || json_is_null(value))
        return 0;
    switch (binding.place) {
    case GL_AWS_IN_QUERY:
        return add_query(rest, path, &binding, value, err);
    case GL_AWS_IN_HEADER:
        return add_header(rest, wire, value, err);
    case GL_AWS_IN_HEADERS:
        return add_headers(rest, &binding, value, err);
    case GL_AWS_IS_BODY:
        return add_payload(rest, name, value, err);
    case GL_AWS_IN_BODY:
    default:
        if (strcmp(rest->service->name, "s3") == 0 && strcmp(name, "Bucket") == 0)
            return take_bucket(rest, value, err);
        if (!is_label(rest, &binding.wire))
            json_object_set(rest->body, wire, value);
        return 0;
    }
}

static int add_body(const struct rest *rest, struct gl_error *err)
{
    struct gl_buf *body = &rest->message->body;
    if (rest->service->protocol == GL_AWS_REST_JSON && json_object_size(rest->body)) {
        gl_autofree char *text = json_dumps(rest->body, JSON_COMPACT);
        if (!text)
            return misfit(rest, "body", err);
        gl_buf_puts(body, text);
    }
    if (rest->service->protocol == GL_AWS_REST_XML && rest->operation->root && !body->len &&
        json_object_size(rest->body)) {
        start_xml(rest);
        int result =
            gl_aws_encode_xml(&rest->service->input, rest->operation->name, rest->body, body, err);
        if (result < 0)
            return result;
        gl_buf_printf(body, "</%s>", rest->operation->root);
    }
    if (body->len && rest->service->protocol == GL_AWS_REST_JSON)
        gl_strv_add(&rest->message->headers, "Content-Type: application/json");
    else if (body->len && rest->operation->root)
        gl_strv_add(&rest->message->headers, "Content-Type: application/xml");
    return 0;
}

static void add_md5(struct gl_aws_message *message)
{
    gl_autofree char *digest = gl_md5_base64(gl_buf_text(&message->body), message->body.len);
    gl_strv_addf(&message->headers, "Content-MD5: %s", digest);
}

int gl_aws_encode_rest(const struct gl_aws_service *service,
                       const struct gl_aws_operation *operation, const json_t *params,
                       struct gl_aws_message *message, struct gl_error *err)
{
    gl_autojson json_t *body = json_object();
    struct rest rest = {service, operation, params, message, body};
    gl_autobuf struct gl_buf path = {0};
    int result = add_path(&rest, &path, err);
    struct gl_aws_word word = {0};
    while (result == 0 && gl_aws_word_next(operation->input, &word))
        result = add_parameter(&rest, &path, &word, err);
    if (result == 0)
        result = add_body(&rest, err);
    if (result < 0)
        return result;
    if (operation->md5)
        add_md5(message);
    message->method = operation->method;
    message->path = gl_buf_steal(&path);
    return 0;
}
