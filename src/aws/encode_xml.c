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

struct writer {
    const struct gl_aws_types *types;
    struct gl_buf *out;
    int depth;
};

static int add_object(struct writer *writer, const char *context, const json_t *object,
                      struct gl_error *err);

static void add_tag(const struct writer *writer, const char *begin, const struct gl_aws_word *tag)
{
    gl_buf_printf(writer->out, "%s%.*s>", begin, (int)tag->len, tag->text);
}

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_element(struct writer *writer, const char *name, const struct gl_aws_word *tag,
                       const json_t *value, struct gl_error *err)
{
    add_tag(writer, "<", tag);
    if (json_is_object(value)) {
        int result = add_object(writer, name, value, err);
        if (result < 0)
            return result;
    } else {
        gl_autofree char *text = gl_aws_scalar_text(value);
        if (!text || !is_xml_text(text))
            return gl_fail(err, GL_E_USAGE, _("parameter %s cannot be written as XML"), name);
        add_escaped(writer->out, text);
    }
    add_tag(writer, "</", tag);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_items(struct writer *writer, const char *name, const struct gl_aws_word *tag,
                     const json_t *list, struct gl_error *err)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        int result = add_element(writer, name, tag, item, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): add_object() limits the depth */
static int add_member(struct writer *writer, const char *context, const char *name,
                      const json_t *value, struct gl_error *err)
{
    struct gl_aws_type type = gl_aws_type_find(writer->types, context, name, true);
    if (!json_is_array(value))
        return add_element(writer, name, &type.wire, value, err);
    if (type.kind == GL_AWS_FLAT_LIST)
        return add_items(writer, name, &type.wire, value, err);
    struct gl_aws_word item = type.item.text ? type.item : (struct gl_aws_word){"member", 6};
    add_tag(writer, "<", &type.wire);
    int result = add_items(writer, name, &item, value, err);
    add_tag(writer, "</", &type.wire);
    return result;
}

/* NOLINTNEXTLINE(misc-no-recursion): limited here */
static int add_object(struct writer *writer, const char *context, const json_t *object,
                      struct gl_error *err)
{
    if (writer->depth > GL_AWS_DEEPEST)
        return gl_fail(err, GL_E_USAGE, _("parameter %s is nested too deeply"), context);
    writer->depth++;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        int result = json_is_null(value) ? 0 : add_member(writer, context, name, value, err);
        if (result < 0)
            return result;
    }
    writer->depth--;
    return 0;
}

int gl_aws_encode_xml(const struct gl_aws_types *types, const char *context, const json_t *object,
                      struct gl_buf *out, struct gl_error *err)
{
    struct writer writer = {.types = types, .out = out};
    return add_object(&writer, context, object, err);
}
