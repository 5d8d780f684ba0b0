/* A trace as text for people and as JSON. */
#ifndef GL_TRACE_RENDER_H
#define GL_TRACE_RENDER_H

#include <jansson.h>

#include "base/buf.h"
#include "trace/trace.h"

/* A table for each file, then what could not be done, then what happened and what to do next. */
void gl_trace_text(const struct gl_trace *trace, bool colour, struct gl_buf *text);

/* The same as one object; the caller owns it. See docs/trace.md. */
json_t *gl_trace_json(const struct gl_trace *trace);

#endif
