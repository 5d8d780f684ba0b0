/* Questions to a person at the terminal. */
#ifndef GL_CMD_ASK_H
#define GL_CMD_ASK_H

#include <stdbool.h>

#include "cmd/command.h"

/* True if somebody can be asked: input and output are a terminal and the output is text. */
bool gl_cmd_can_ask(const struct gl_context *context);

/* Shows `question` and reads one line without its end; the caller owns it. GL_E_INTERRUPTED after a
 * signal or at the end of the input. */
gl_nodiscard int gl_cmd_ask(struct gl_context *context, const char *question, char **ret_line,
                            struct gl_error *err);

/* The same at the terminal itself, whatever input and output are, without showing what is typed.
 * GL_E_REFUSED when there is no terminal. The caller wipes and frees the line. */
gl_nodiscard int gl_cmd_ask_secret(const char *question, char **ret_line, struct gl_error *err);

#endif
