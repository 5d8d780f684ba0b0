/* Programs golive runs: own process group, time limit, captured output, dropped privileges. */
#ifndef GL_PROC_PROC_H
#define GL_PROC_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

enum { GL_PROC_KEEP_BYTES = 8 << 20 };

/* Called for every complete line of standard output and standard error, without the newline and
 * with known secrets masked (base/log.h). A line of more than 64 KiB comes in pieces. */
typedef void gl_line_fn(const char *line, void *context);

struct gl_proc_spec {
    const char *const *argv; /* argv[0] is looked up in the program's PATH, then in the places of
                                gl_proc_in_path(); NULL-terminated */
    const char *const *env;  /* NULL = inherit; else the whole environment, "NAME=value" */
    const char *const
        *env_add;         /* NULL, or further variables that win over `env` or the inherited */
    const char *cwd;      /* NULL = inherit */
    bool drop_privileges; /* run as uid/gid with no supplementary groups; only meaningful as root */
    uid_t uid;
    gid_t gid;
    int64_t timeout_ms;     /* 0 = none; afterwards SIGTERM to the group, after 5 s SIGKILL; what is
                               left of the group when the program ended gets SIGKILL */
    const char *stdin_text; /* NULL = /dev/null */
    bool merge_stderr;      /* standard error goes where standard output goes */
    const char *log_path;   /* NULL, or a file (0600) that receives the lines of both streams */
    gl_line_fn *on_line;    /* NULL, or called while the program runs */
    void *on_line_context;
    bool ignore_interrupt; /* a Ctrl-C does not end this program (undo steps) */
};

struct gl_proc_result {
    int exit_code; /* 0..255; -1 if ended by a signal */
    int signal;    /* the signal, or 0 */
    bool timed_out;
    struct gl_buf out; /* standard output: its last GL_PROC_KEEP_BYTES */
    struct gl_buf err; /* standard error, the same */
    bool out_cut;      /* there was more before */
    bool err_cut;
    int64_t elapsed_ms;
};

void gl_proc_result_done(struct gl_proc_result *result);
#define gl_autoproc gl_cleanup(gl_proc_result_done)

/* Runs a program to its end, or to golive's: nothing in its process group outlives golive, however
 * that ended. Returns 0 when it could be started and ended by itself, whatever its
 * exit code; GL_E_TIMEOUT, GL_E_INTERRUPTED (the group was ended) or GL_E_PROCESS (not found). */
gl_nodiscard int gl_proc_run(const struct gl_proc_spec *spec, struct gl_proc_result *ret_result,
                             struct gl_error *err);

/* GL_E_PROCESS for a program that ended with an exit code other than 0, or by a signal: how, and
 * the last lines that it said, redacted. */
int gl_proc_fail(const struct gl_proc_spec *spec, const struct gl_proc_result *result,
                 struct gl_error *err);

/* gl_proc_run(), and an exit code other than 0 is GL_E_PROCESS whose message has the last lines of
 * output, as is an output that was cut. `ret_out` may be NULL; the caller owns it. */
gl_nodiscard int gl_proc_check(const struct gl_proc_spec *spec, char **ret_out,
                               struct gl_error *err);

/* Starts a program in a process group of its own and returns at once; its output goes to log_path
 * as it is, or is inherited. The caller ends it with gl_proc_stop(); what is in its group then
 * still ends with golive, what has a session of its own does not. */
gl_nodiscard int gl_proc_start(const struct gl_proc_spec *spec, pid_t *ret_pid,
                               struct gl_error *err);

/* SIGTERM to the group, waits up to `grace_ms` for the program, then SIGKILL to what is left of the
 * group; reaps. Returns the wait status. */
int gl_proc_stop(pid_t pid, int64_t grace_ms);

/* Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); 0 if there is no
 * such process. With the pid and the boot id it names one process forever. */
uint64_t gl_proc_start_ticks(pid_t pid);

/* True if the process with that pid and start time (0 = any) still runs. One that ended but was not
 * reaped yet (a zombie) does not. A process that may not be looked into counts as running. */
bool gl_proc_is_alive(pid_t pid, uint64_t start_ticks);

/* True if a program of that name is executable in PATH, /usr/sbin or /usr/lib/postgresql/N/bin. */
bool gl_proc_in_path(const char *program);

/* Memory that can be given to new programs (MemAvailable), bytes; 0 if unknown. */
uint64_t gl_memory_available_bytes(void);

/* Resident set size of a process, bytes; 0 if there is no such process. */
uint64_t gl_proc_rss_bytes(pid_t pid);

#endif
