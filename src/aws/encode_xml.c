/* Parameters as XML: the bodies of S3, CloudFront and Route 53.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
#include <string.h>

#include "aws/encode.h"
#include "aws/words.h"
#include "base/i18n.h"

static void add_escaped(struct gl_buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            gl_buf_puts(out, "&amp;");
            break;
        case '<':
            gl_buf_puts(out, "&lt;");
            break;
        case '>':
            gl_buf_puts(out, "&gt;");
            break;
        case '"':
            gl_buf_puts(out, "&quot;");
            break;
        case '\r': /* a parser would make it a newline, or lose it */
            gl_buf_puts(out, "&#xD;");
            break;
        default:
            gl_buf_putc(out, *text);
        }
    }
}

/* XML 1.0 has no way to write most control characters. */
static bool is_xml_text(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 && !strchr("\t\n\r", *text))
            return false;
    }
    return true;
}

static int add_object(const struct gl_aws_types *types, const char *context, const json_t *object,
                      struct gl_buf *out, int depth, struct gl_error *err);

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_element(const struct gl_aws_types *types, const char *name,
                       const struct gl_aws_word *tag, const json_t *value, struct gl_buf *out,
                       int depth, struct gl_error *err);

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_items(const struct gl_aws_types *types, const char *name,
                     const struct gl_aws_word *tag, const json_t *list, struct gl_buf *out,
                     int depth, struct gl_error *err)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        int result = add_element(types, name, tag, item, out, depth, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_element(const struct gl_aws_types *types, const char *name,
                       const struct gl_aws_word *tag, const json_t *value, struct gl_buf *out,
                       int depth, struct gl_error *err)
{
    gl_buf_printf(out, "<%.*s>", (int)tag->len, tag->text);
    if (json_is_object(value)) {
        int result = add_object(types, name, value, out, depth + 1, err);
        if (result < 0)
            return result;
    } else {
        gl_autofree char *text = gl_aws_scalar_text(value);
        if (!text || !is_xml_text(text))
            return gl_fail(err, GL_E_USAGE, _("parameter %s cannot be written as XML"), name);
        add_escaped(out, text);
    }
    gl_buf_printf(out, "</%.*s>", (int)tag->len, tag->text);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_member(const struct gl_aws_types *types, const char *context, const char *name,
                      const json_t *value, struct gl_buf *out, int depth, struct gl_error *err)
{
    struct gl_aws_type type = gl_aws_type_find(types, context, name, true);
    if (!json_is_array(value))
        return add_element(types, name, &type.wire, value, out, depth, err);
    if (type.kind == GL_AWS_FLAT_LIST)
        return add_items(types, name, &type.wire, value, out, depth, err);
    struct gl_aws_word item = type.item.text ? type.item : (struct gl_aws_word){"member", 6};
    gl_buf_printf(out, "<%.*s>", (int)type.wire.len, type.wire.text);
    int result = add_items(types, name, &item, value, out, depth, err);
    gl_buf_printf(out, "</%.*s>", (int)type.wire.len, type.wire.text);
    return result;
}

/* NOLINTNEXTLINE(misc-no-recursion): limited here */
static int add_object(const struct gl_aws_types *types, const char *context, const json_t *object,
                      struct gl_buf *out, int depth, struct gl_error *err)
{
    if (depth > GL_AWS_DEEPEST)
        return gl_fail(err, GL_E_USAGE, _("parameter %s is nested too deeply"), context);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        int result =
            json_is_null(value) ? 0 : add_member(types, context, name, value, out, depth, err);
        if (result < 0)
            return result;
    }
    return 0;
}

int gl_aws_encode_xml(const struct gl_aws_types *types, const char *context, const json_t *object,
                      struct gl_buf *out, struct gl_error *err)
{
    return add_object(types, context, object, out, 0, err);
}
