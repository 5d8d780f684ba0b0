/* Room-internal: git's answers about the project. */
#ifndef GL_RELEASE_GIT_H
#define GL_RELEASE_GIT_H

#include <stdbool.h>

#include "proc/proc.h"

/* Runs git in `dir` with these arguments (NULL ends them; at most 14); false when git, the
 * repository or what was asked for is missing. */
bool gl_git_run(const char *dir, const char *const *arguments, struct gl_proc_result *result);

/* Its answer without the final newline, which the caller owns; NULL when there is none. */
char *gl_git_ask(const char *dir, const char *const *arguments);

#endif
