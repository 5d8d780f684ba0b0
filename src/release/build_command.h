/* Room-internal: commands that build, by a shell in a directory of the project. */
#ifndef GL_RELEASE_BUILD_COMMAND_H
#define GL_RELEASE_BUILD_COMMAND_H

#include "release/internal.h"

struct gl_build_command {
    const char *what; /* names its log: "backend" */
    const char *dir;
    const char *text;        /* for sh */
    const json_t *variables; /* further ones of its environment, texts; NULL = none */
};

/* Runs it within build.timeout_s, with RELEASE_VERSION; its lines are told while it runs. What it
 * said lies in logs/release-N-WHAT.log of the state directory. The errors of gl_proc_check(). */
gl_nodiscard int gl_build_command_run(struct gl_release *release,
                                      const struct gl_build_command *command, struct gl_error *err);

#endif
