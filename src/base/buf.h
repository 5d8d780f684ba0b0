/* A growing byte buffer that is always NUL-terminated. */
#ifndef GL_BASE_BUF_H
#define GL_BASE_BUF_H

#include <stddef.h>

#include "base/mem.h"

/* Zero-initialise. `data` is NULL until something was added; use gl_buf_text() to read it. */
struct gl_buf {
    char *data;
    size_t len;
    size_t cap;
};

/* Each adds at the end: bytes, a text without its NUL, one character, a formatted text. `data` and
 * the arguments must not lie in the buffer itself. */
void gl_buf_add(struct gl_buf *buf, const void *data, size_t len);
void gl_buf_puts(struct gl_buf *buf, const char *text);
void gl_buf_putc(struct gl_buf *buf, char c);
void gl_buf_printf(struct gl_buf *buf, const char *fmt, ...) gl_printf(2, 3);

/* Makes room for `more` further bytes and returns where they start; set buf->len afterwards. */
char *gl_buf_reserve(struct gl_buf *buf, size_t more);

/* Drops the first `count` bytes (at most len). */
void gl_buf_consume(struct gl_buf *buf, size_t count);

/* The text, never NULL; owned by the buffer. */
const char *gl_buf_text(const struct gl_buf *buf);

/* The text as the caller's own string, never NULL; the buffer is empty afterwards. */
char *gl_buf_steal(struct gl_buf *buf);

void gl_buf_done(struct gl_buf *buf);

#define gl_autobuf gl_cleanup(gl_buf_done)

#endif
