/* Room-internal: fork and exec with the parent told why exec failed. */
#ifndef GL_PROC_SPAWN_H
#define GL_PROC_SPAWN_H

#include "proc/proc.h"

/* Starts spec->argv with the given descriptors as 0, 1, 2 in a new process group. */
gl_nodiscard int gl_spawn(const struct gl_proc_spec *spec, const int fds[3], pid_t *ret_pid,
                          struct gl_error *err);

#endif
