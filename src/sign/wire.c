/* Numbers and strings as SSH writes them. */
#include "sign/wire.h"

#include <string.h>

enum { U32_BYTES = 4 };

bool gl_wire_u32(struct gl_wire *wire, uint32_t *ret_number)
{
    if (wire->len < U32_BYTES)
        return false;
    const unsigned char *at = wire->data;
    *ret_number =
        (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
    wire->data += U32_BYTES;
    wire->len -= U32_BYTES;
    return true;
}

bool gl_wire_string(struct gl_wire *wire, struct gl_wire_text *ret_text)
{
    struct gl_wire after = *wire;
    uint32_t len = 0;
    if (!gl_wire_u32(&after, &len) || len > after.len)
        return false;
    *ret_text = (struct gl_wire_text){after.data, len};
    *wire = (struct gl_wire){after.data + len, after.len - len};
    return true;
}

bool gl_wire_take(struct gl_wire *wire, const void *bytes, size_t len)
{
    if (wire->len < len || memcmp(wire->data, bytes, len) != 0)
        return false;
    wire->data += len;
    wire->len -= len;
    return true;
}

bool gl_wire_is(const struct gl_wire_text *text, const char *expected)
{
    return text->len == strlen(expected) && memcmp(text->data, expected, text->len) == 0;
}

bool gl_wire_expect(struct gl_wire *wire, const char *text)
{
    struct gl_wire after = *wire;
    struct gl_wire_text found;
    if (!gl_wire_string(&after, &found) || !gl_wire_is(&found, text))
        return false;
    *wire = after;
    return true;
}

bool gl_wire_typed(const struct gl_wire_text *blob, const char *type, unsigned char *ret_bytes,
                   size_t len)
{
    struct gl_wire wire = {blob->data, blob->len};
    struct gl_wire_text bytes;
    if (!gl_wire_expect(&wire, type) || !gl_wire_string(&wire, &bytes) || wire.len ||
        bytes.len != len)
        return false;
    memcpy(ret_bytes, bytes.data, len);
    return true;
}

void gl_wire_put_u32(struct gl_buf *buf, uint32_t number)
{
    const unsigned char bytes[U32_BYTES] = {
        (unsigned char)(number >> 24),
        (unsigned char)(number >> 16),
        (unsigned char)(number >> 8),
        (unsigned char)number,
    };
    gl_buf_add(buf, bytes, sizeof bytes);
}

void gl_wire_put(struct gl_buf *buf, const void *data, size_t len)
{
    gl_wire_put_u32(buf, (uint32_t)len);
    gl_buf_add(buf, data, len);
}

void gl_wire_put_text(struct gl_buf *buf, const char *text)
{
    gl_wire_put(buf, text, strlen(text));
}
