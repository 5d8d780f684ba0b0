/* Room-internal: parts of a trace as text. */
#ifndef GL_TRACE_RENDER_INTERNAL_H
#define GL_TRACE_RENDER_INTERNAL_H

#include "base/buf.h"
#include "trace/trace.h"

/* The beginning of a statement on one line; the caller owns it. */
char *gl_trace_head(const char *text);

/* The table of a file. */
void gl_trace_text_file(const struct gl_trace_file *file, bool colour, struct gl_buf *text);

#endif
