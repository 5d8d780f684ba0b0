/* Parameters as a form: AWS Query and EC2.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
#include <string.h>

#include "aws/encode.h"
#include "aws/uri.h"
#include "aws/words.h"
#include "base/i18n.h"

struct form {
    const struct gl_aws_types *types;
    bool ec2;
    struct gl_buf *out;
    const char *operation;
    int depth;
};

static int add(struct form *form, const char *prefix, const char *context, const json_t *value,
               struct gl_error *err);

static void add_pair(const struct form *form, const char *name, const char *value)
{
    gl_buf_putc(form->out, '&');
    gl_aws_uri_encode(form->out, name, false);
    gl_buf_putc(form->out, '=');
    gl_aws_uri_encode(form->out, value, false);
}

/* NOLINTNEXTLINE(misc-no-recursion): add() limits the depth */
static int add_list(struct form *form, const char *prefix, const char *context, const json_t *list,
                    struct gl_error *err)
{
    if (json_array_size(list) == 0 && !form->ec2)
        add_pair(form, prefix, ""); /* an empty list is not the same as none */
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        gl_autofree char *name = gl_asprintf("%s.%zu", prefix, i + 1);
        int result = add(form, name, context, item, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): add() limits the depth */
static int add_map(struct form *form, const char *prefix, const char *context, const json_t *map,
                   struct gl_error *err)
{
    size_t number = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)map, key, value)
    {
        number++;
        gl_autofree char *key_name = gl_asprintf("%s.entry.%zu.key", prefix, number);
        gl_autofree char *value_name = gl_asprintf("%s.entry.%zu.value", prefix, number);
        add_pair(form, key_name, key);
        int result = add(form, value_name, context, value, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* One member of the structure `context`, which is called `name` in the API. */
/* NOLINTNEXTLINE(misc-no-recursion): add() limits the depth */
static int add_member(struct form *form, const char *prefix, const struct gl_aws_type *type,
                      const char *name, const json_t *value, struct gl_error *err)
{
    gl_autobuf struct gl_buf path = {0};
    gl_buf_printf(&path, "%s%s%.*s", prefix ? prefix : "", prefix ? "." : "", (int)type->wire.len,
                  type->wire.text);
    if (type->kind == GL_AWS_MAP && json_is_object(value))
        return add_map(form, path.data, name, value, err);
    if (!json_is_array(value))
        return add(form, path.data, name, value, err);
    if (type->kind != GL_AWS_FLAT_LIST && !form->ec2 && json_array_size(value)) {
        struct gl_aws_word item = type->item.text ? type->item : (struct gl_aws_word){"member", 6};
        gl_buf_printf(&path, ".%.*s", (int)item.len, item.text);
    }
    return add_list(form, path.data, name, value, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): add() limits the depth */
static int add_members(struct form *form, const char *prefix, const char *context,
                       const json_t *object, struct gl_error *err)
{
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)object, name, member)
    {
        struct gl_aws_type type = gl_aws_type_find(form->types, context, name, true);
        int result = add_member(form, prefix, &type, name, member, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): limited here */
static int add(struct form *form, const char *prefix, const char *context, const json_t *value,
               struct gl_error *err)
{
    if (json_is_null(value))
        return 0;
    if (form->depth > GL_AWS_DEEPEST)
        return gl_fail(err, GL_E_USAGE, _("%s: parameter %s is nested too deeply"), form->operation,
                       prefix);
    if (json_is_object(value)) {
        form->depth++;
        int result = add_members(form, prefix, context, value, err);
        form->depth--;
        return result;
    }
    gl_autofree char *text = gl_aws_scalar_text(value);
    if (!text)
        return gl_fail(err, GL_E_USAGE, _("%s: parameter %s cannot be a list of lists"),
                       form->operation, prefix);
    add_pair(form, prefix, text);
    gl_wipe(text, strlen(text));
    return 0;
}

int gl_aws_encode_form(const struct gl_aws_service *service,
                       const struct gl_aws_operation *operation, const json_t *params,
                       struct gl_aws_message *message, struct gl_error *err)
{
    struct form form = {
        .types = &service->input,
        .ec2 = service->protocol == GL_AWS_EC2,
        .out = &message->body,
        .operation = operation->name,
    };
    gl_strv_add(&message->headers,
                "Content-Type: application/x-www-form-urlencoded; charset=utf-8");
    gl_buf_printf(&message->body, "Action=%s&Version=%s", operation->name, service->version);
    return params ? add(&form, NULL, operation->name, params, err) : 0;
}
