/* Room-internal: numbers and strings as SSH writes them (RFC 4251, section 5). */
#ifndef GL_SIGN_WIRE_H
#define GL_SIGN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* What is left to read. Every reader returns false, and takes nothing, when that is too short. */
struct gl_wire {
    const unsigned char *data;
    size_t len;
};

/* Points into what is read. */
struct gl_wire_text {
    const unsigned char *data;
    size_t len;
};

gl_nodiscard bool gl_wire_u32(struct gl_wire *wire, uint32_t *ret_number);
gl_nodiscard bool gl_wire_string(struct gl_wire *wire, struct gl_wire_text *ret_text);
/* Takes bytes that must be these. */
gl_nodiscard bool gl_wire_take(struct gl_wire *wire, const void *bytes, size_t len);
/* Takes a string that must be this text. */
gl_nodiscard bool gl_wire_expect(struct gl_wire *wire, const char *text);
/* Reads a whole blob that is a type's name and exactly `len` bytes: a key, or a signature. */
gl_nodiscard bool gl_wire_typed(const struct gl_wire_text *blob, const char *type,
                                unsigned char *ret_bytes, size_t len);
bool gl_wire_is(const struct gl_wire_text *text, const char *expected);

void gl_wire_put_u32(struct gl_buf *buf, uint32_t number);
void gl_wire_put(struct gl_buf *buf, const void *data, size_t len);
void gl_wire_put_text(struct gl_buf *buf, const char *text);

#endif
