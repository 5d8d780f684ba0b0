/* What the commands share that generate files (golive generate ...): flags, and what they do with
 * files that were made in memory. */
#ifndef GL_CMD_GENERATED_H
#define GL_CMD_GENERATED_H

#include "cmd/command.h"
#include "generate/document.h"

/* The flags of each of them. */
extern const struct gl_flag gl_generated_flags[];

/* Whether the files are to be made as if nobody had changed anything inside of golive's parts: to
 * be written so (--force), or to be compared (--diff). */
bool gl_generated_replaces(const struct gl_context *context);

/* Does what the flags say and shows it. `next` is what to do once they are written, a line.
 * GL_E_MISMATCH with --check when something is not up to date, GL_E_REFUSED when parts were changed
 * by hand and stay so. */
gl_nodiscard int gl_generated_act(struct gl_context *context, const struct gl_documents *documents,
                                  const char *next, struct gl_error *err);

#endif
