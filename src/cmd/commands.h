/* The commands' structs; each is defined in its own file cmd_NAME.c. */
#ifndef GL_CMD_COMMANDS_H
#define GL_CMD_COMMANDS_H

#include "cmd/command.h"

extern const struct gl_command gl_cmd_completion;
extern const struct gl_command gl_cmd_help;
extern const struct gl_command gl_cmd_log;
extern const struct gl_command gl_cmd_log_verify;
extern const struct gl_command gl_cmd_man;
extern const struct gl_command gl_cmd_version;

#endif
