/* Room-internal: fork and exec with the parent told why exec failed. */
#ifndef GL_PROC_SPAWN_H
#define GL_PROC_SPAWN_H

#include "proc/proc.h"

/* `path` followed by the directories outside an ordinary user's PATH that hold servers on Debian
 * (sbin, every PostgreSQL's bin); `path` may be NULL. The caller owns it. */
char *gl_search_path(const char *path);

/* Starts spec->argv with the given descriptors as 0, 1, 2 in a new process group. */
gl_nodiscard int gl_spawn(const struct gl_proc_spec *spec, const int fds[3], pid_t *ret_pid,
                          struct gl_error *err);

#endif
