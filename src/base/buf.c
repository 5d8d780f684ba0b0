/* A growing byte buffer that is always NUL-terminated. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *gl_buf_reserve(struct gl_buf *buf, size_t more)
{
    size_t need = buf->len + more + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap ? buf->cap : 64;
        while (cap < need)
            cap *= 2;
        buf->data = gl_realloc_array(buf->data, cap, 1);
        buf->cap = cap;
    }
    buf->data[buf->len] = '\0';
    return buf->data + buf->len;
}

void gl_buf_add(struct gl_buf *buf, const void *data, size_t len)
{
    char *end = gl_buf_reserve(buf, len);
    if (len)
        memcpy(end, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void gl_buf_puts(struct gl_buf *buf, const char *text)
{
    gl_buf_add(buf, text, strlen(text));
}

void gl_buf_putc(struct gl_buf *buf, char c)
{
    gl_buf_add(buf, &c, 1);
}

void gl_buf_printf(struct gl_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    gl_buf_puts(buf, text);
}

void gl_buf_consume(struct gl_buf *buf, size_t count)
{
    if (count > buf->len)
        count = buf->len;
    if (!count)
        return;
    memmove(buf->data, buf->data + count, buf->len - count);
    buf->len -= count;
    buf->data[buf->len] = '\0';
}

const char *gl_buf_text(const struct gl_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *gl_buf_steal(struct gl_buf *buf)
{
    char *text = buf->data ? buf->data : gl_alloc(1);
    *buf = (struct gl_buf){0};
    return text;
}

void gl_buf_done(struct gl_buf *buf)
{
    free(buf->data);
    *buf = (struct gl_buf){0};
}
