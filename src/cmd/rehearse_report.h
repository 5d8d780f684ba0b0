/* How a rehearsal looks: a line a case, a table of figures, one last line; or one JSON object. */
#ifndef GL_CMD_REHEARSE_REPORT_H
#define GL_CMD_REHEARSE_REPORT_H

#include "cmd/command.h"
#include "rehearse/rehearse.h"

/* A reporter that writes to the context's output; `context` must live as long as it. */
struct gl_rehearsal_reporter gl_rehearse_reporter(struct gl_context *context);

#endif
