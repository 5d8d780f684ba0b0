/* What a trace says about pending migrations: how long each takes, and whom it keeps waiting. */
#ifndef GL_CMD_MIGRATE_ESTIMATE_H
#define GL_CMD_MIGRATE_ESTIMATE_H

#include <jansson.h>

#include "cmd/command.h"
#include "migrate/forecast.h"
#include "trace/trace.h"

/* Traces these files of the project (none = nothing to do) on a private server, after all that
 * comes before them. */
gl_nodiscard int gl_migrate_estimate(const struct gl_context *context, const struct gl_strv *files,
                                     struct gl_trace *ret_trace, struct gl_error *err);

/* The file of a trace, or NULL. */
const struct gl_trace_file *gl_migrate_estimate_of(const struct gl_trace *trace,
                                                   const struct gl_migration *migration);

/* One line for people; and the same as JSON, which is the caller's. `rows` of the largest table
 * that it changes, -1 = unknown: what grows with the table is reckoned up to it. */
void gl_migrate_estimate_print(const struct gl_trace_file *file, int64_t rows, FILE *out);
json_t *gl_migrate_estimate_json(const struct gl_trace_file *file, int64_t rows);

#endif
