/* Streams of a program: their end is kept, their lines are masked, told and logged. */
#include "proc/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"

enum {
    LINE_MAX_BYTES = 65536, /* a longer line is told in pieces */
    LINE_HOLD_BYTES = 4096, /* of a piece: what the beginning of a secret may be in */
};

static void write_log(struct gl_output_log *log, const char *line)
{
    if (log->fd < 0 || log->failed)
        return;
    if (gl_write_all(log->fd, line, strlen(line)) == 0 && gl_write_all(log->fd, "\n", 1) == 0)
        return;
    log->failed = true;
    gl_log(GL_LOG_WARN, _("%s is not complete: %s"), log->path, strerror(errno));
}

static void tell(struct gl_output *output, const char *masked)
{
    write_log(output->log, masked);
    if (output->spec->on_line)
        output->spec->on_line(masked, output->spec->on_line_context);
}

static void tell_line(struct gl_output *output, const char *line)
{
    gl_autofree char *masked = gl_redact(line);
    tell(output, masked);
}

/* Masked first and cut afterwards, so that no secret is cut in two before it is known as one. */
static void tell_piece(struct gl_output *output)
{
    gl_autobuf struct gl_buf piece = {0};
    gl_autofree char *masked = gl_redact(gl_buf_text(&output->line));
    size_t len = strlen(masked);
    size_t now = len > LINE_HOLD_BYTES ? len - LINE_HOLD_BYTES : 0;
    gl_buf_add(&piece, masked, now);
    output->line.len = 0;
    gl_buf_puts(&output->line, masked + now);
    if (now)
        tell(output, gl_buf_text(&piece));
}

static void tell_complete(struct gl_output *output)
{
    struct gl_buf *line = &output->line;
    size_t told = 0;
    char *newline;
    while (told < line->len && (newline = memchr(line->data + told, '\n', line->len - told))) {
        *newline = '\0';
        tell_line(output, line->data + told);
        told = (size_t)(newline - line->data) + 1;
    }
    gl_buf_consume(line, told);
    if (line->len > LINE_MAX_BYTES)
        tell_piece(output);
}

/* Lines are C strings, so a NUL byte inside one becomes a question mark. */
static void add_to_lines(struct gl_output *output, const char *data, size_t len)
{
    if (!output->spec->on_line && output->log->fd < 0)
        return;
    size_t from = output->line.len;
    gl_buf_add(&output->line, data, len);
    for (size_t i = from; i < output->line.len; i++) {
        if (output->line.data[i] == '\0')
            output->line.data[i] = '?';
    }
    tell_complete(output);
}

static void shorten(struct gl_output *output)
{
    if (output->keep.len <= GL_PROC_KEEP_BYTES)
        return;
    gl_buf_consume(&output->keep, output->keep.len - GL_PROC_KEEP_BYTES);
    output->cut = true;
}

void gl_output_read(struct gl_output *output)
{
    char chunk[16384];
    ssize_t count = read(output->fd, chunk, sizeof chunk);
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (count <= 0) {
        gl_output_end(output);
        return;
    }
    gl_buf_add(&output->keep, chunk, (size_t)count);
    if (output->keep.len >= (size_t)2 * GL_PROC_KEEP_BYTES) /* moved once in 8 MiB */
        shorten(output);
    add_to_lines(output, chunk, (size_t)count);
}

void gl_output_end(struct gl_output *output)
{
    if (output->fd < 0)
        return;
    close(gl_steal_fd(&output->fd));
    if (output->line.len)
        tell_line(output, gl_buf_text(&output->line));
    output->line.len = 0;
}

void gl_output_done(struct gl_output *output, struct gl_buf *ret_kept, bool *ret_cut)
{
    gl_output_end(output);
    shorten(output);
    gl_buf_done(&output->line);
    *ret_kept = output->keep;
    *ret_cut = output->cut;
    output->keep = (struct gl_buf){0};
}
