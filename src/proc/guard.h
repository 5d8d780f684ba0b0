/* Room-internal: nothing that golive started in a process group outlives golive, not even after
 * SIGKILL.
 *
 * Each program has a guard: a process in the program's own group that waits for the end of a pipe
 * which only golive holds open. When golive is gone, however it ended, the guard sends SIGKILL to
 * its group and so to itself. PR_SET_PDEATHSIG would not do: it reaches the program but none of
 * its children, and it follows the thread that forked, not the process. What a program moves to a
 * session of its own (setsid, as s6 services are) stays. */
#ifndef GL_PROC_GUARD_H
#define GL_PROC_GUARD_H

#include <sys/types.h>

#include "base/error.h"

/* Starts the guard of the group that `leader` leads. The leader must not have called exec() yet. */
gl_nodiscard int gl_guard_start(pid_t leader, struct gl_error *err);

/* Ends and reaps the guard of that group; nothing if there is none. */
void gl_guard_end(pid_t leader);

#endif
