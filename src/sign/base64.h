/* Base 64 with padding (RFC 4648, section 4), as keys and signatures are written. */
#ifndef GL_SIGN_BASE64_H
#define GL_SIGN_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Adds what `len` characters stand for to `ret_data`; white space between them is passed over.
 * False when they are no complete base 64: then `ret_data` has an unspecified part of it. The bytes
 * may be a secret: the caller wipes them. */
gl_nodiscard bool gl_base64_read(const char *text, size_t len, struct gl_buf *ret_data);

/* The characters, with a newline after every `width` of them and at the end; 0 = in one line
 * without one. The caller owns them. */
char *gl_base64_write(const void *data, size_t len, size_t width);

#endif
