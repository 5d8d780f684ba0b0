/* Runs programs: one poll loop reads their output, watches the clock and Ctrl-C. */
#include "proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "proc/guard.h"
#include "proc/output.h"
#include "proc/spawn.h"

enum {
    KILL_GRACE_MS = 5000,
    DRAIN_MS = 500,
    TAIL_LINES = 20,
};

struct run {
    const struct gl_proc_spec *spec;
    struct gl_output streams[2]; /* standard output, standard error */
    pid_t pid;
    int64_t deadline_ms; /* 0 = none */
    int64_t kill_at_ms;  /* 0 = SIGTERM was not sent yet */
    int reason;          /* GL_E_TIMEOUT or GL_E_INTERRUPTED once we ended it */
};

void gl_proc_result_done(struct gl_proc_result *result)
{
    gl_buf_done(&result->out);
    gl_buf_done(&result->err);
}

/* Ends the group when its time is over or the user pressed Ctrl-C; SIGKILL follows SIGTERM. */
static void enforce_limits(struct run *run)
{
    int64_t now = gl_mono_ms();
    if (!run->reason && run->deadline_ms && now >= run->deadline_ms)
        run->reason = GL_E_TIMEOUT;
    if (!run->reason && !run->spec->ignore_interrupt && gl_interrupted())
        run->reason = GL_E_INTERRUPTED;
    if (!run->reason)
        return;
    if (!run->kill_at_ms) {
        kill(-run->pid, SIGTERM);
        run->kill_at_ms = now + KILL_GRACE_MS;
    } else if (now >= run->kill_at_ms) {
        kill(-run->pid, SIGKILL);
    }
}

enum child_state {
    CHILD_RUNS,
    CHILD_ENDED, /* and unreaped, so that its process group keeps its number */
    CHILD_NOT_OURS,
};

static enum child_state child_state(pid_t pid)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return CHILD_NOT_OURS;
    return info.si_pid == pid ? CHILD_ENDED : CHILD_RUNS;
}

/* Whatever a program left behind in its group must not outlive its stop. */
static int reap(pid_t pid, bool end_group)
{
    int status = 0;
    if (end_group)
        kill(-pid, SIGKILL);
    gl_guard_end(pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static void read_ready(struct run *run, int timeout_ms)
{
    struct pollfd polls[2] = {
        {.fd = run->streams[0].fd, .events = POLLIN},
        {.fd = run->streams[1].fd, .events = POLLIN},
    };
    int ready = poll(polls, 2, timeout_ms);
    for (int i = 0; ready > 0 && i < 2; i++) {
        if (run->streams[i].fd >= 0 && polls[i].revents)
            gl_output_read(&run->streams[i]);
    }
}

/* Output may stay open in a grandchild after the program itself ended; so both are watched. */
static int pump(struct run *run)
{
    int status = 0;
    bool exited = false;
    int64_t drain_until = 0;
    for (;;) {
        if (!exited)
            enforce_limits(run);
        enum child_state state = exited ? CHILD_RUNS : child_state(run->pid);
        if (state != CHILD_RUNS) {
            exited = true;
            status = reap(run->pid, run->reason && state == CHILD_ENDED);
            drain_until = gl_mono_ms() + DRAIN_MS;
        }
        bool open = run->streams[0].fd >= 0 || run->streams[1].fd >= 0;
        if (exited && (!open || gl_mono_ms() >= drain_until))
            return status;
        read_ready(run, open && !exited ? 50 : 5);
    }
}

/* A thread-free way to feed standard input: an unlinked temporary file. */
static int open_stdin(const struct gl_proc_spec *spec, struct gl_error *err)
{
    const char *text = spec->stdin_text;
    gl_autoclose int fd =
        text ? memfd_create("stdin", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0 ||
        (text && (gl_write_all(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)))
        return gl_fail_errno(err, errno, _("cannot prepare the input of %s"), spec->argv[0]);
    return gl_steal_fd(&fd);
}

static int open_log(const struct gl_proc_spec *spec, int *ret_fd, struct gl_error *err)
{
    *ret_fd = -1;
    if (!spec->log_path)
        return 0;
    *ret_fd = open(spec->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*ret_fd < 0)
        return gl_fail_errno(err, errno, _("cannot write %s"), spec->log_path);
    return 0;
}

static void take_status(int status, struct gl_proc_result *result)
{
    result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int ended_by_us(const struct run *run, struct gl_error *err)
{
    gl_autofree char *limit = gl_format_duration((double)run->spec->timeout_ms);
    if (run->reason == GL_E_TIMEOUT)
        return gl_fail(err, GL_E_TIMEOUT, _("%s did not end within %s and was stopped"),
                       run->spec->argv[0], limit);
    if (run->reason == GL_E_INTERRUPTED)
        return gl_interrupt_check(err);
    return 0;
}

static int start_piped(struct run *run, struct gl_error *err)
{
    gl_autoclose int in = open_stdin(run->spec, err);
    int out_pipe[2] = {-1, -1};
    int err_pipe[2] = {-1, -1};
    if (in < 0)
        return GL_E_IO;
    bool piped = pipe2(out_pipe, O_CLOEXEC) == 0 && pipe2(err_pipe, O_CLOEXEC) == 0;
    int saved = errno;
    gl_autoclose int out_write = out_pipe[1];
    gl_autoclose int err_write = err_pipe[1];
    run->streams[0].fd = out_pipe[0];
    run->streams[1].fd = err_pipe[0];
    if (!piped)
        return gl_fail_errno(err, saved, _("cannot make a pipe"));
    int fds[3] = {in, out_write, run->spec->merge_stderr ? out_write : err_write};
    return gl_spawn(run->spec, fds, &run->pid, err);
}

int gl_proc_run(const struct gl_proc_spec *spec, struct gl_proc_result *ret_result,
                struct gl_error *err)
{
    gl_autoproc struct gl_proc_result result = {0};
    int64_t begun = gl_mono_ms();
    gl_autoclose int log_fd = -1;
    int failed = open_log(spec, &log_fd, err);
    if (failed < 0)
        return failed;
    struct gl_output_log log = {.fd = log_fd, .path = spec->log_path};
    struct gl_output stream = {.fd = -1, .spec = spec, .log = &log};
    struct run run = {
        .spec = spec,
        .streams = {stream, stream},
        .deadline_ms = spec->timeout_ms ? begun + spec->timeout_ms : 0,
    };
    failed = start_piped(&run, err);
    if (failed == 0)
        take_status(pump(&run), &result);
    gl_output_done(&run.streams[0], &result.out, &result.out_cut);
    gl_output_done(&run.streams[1], &result.err, &result.err_cut);
    if (failed < 0)
        return failed;
    result.elapsed_ms = gl_mono_ms() - begun;
    result.timed_out = run.reason == GL_E_TIMEOUT;
    failed = ended_by_us(&run, err);
    *ret_result = result;
    result = (struct gl_proc_result){0};
    return failed;
}

/* The last lines of what a program said, for an error message. */
static const char *tail_of(const struct gl_buf *text)
{
    const char *start = gl_buf_text(text);
    const char *at = start + text->len;
    for (int lines = 0; at > start; at--) {
        if (at[-1] == '\n' && at[0] != '\0' && ++lines >= TAIL_LINES)
            break;
    }
    return at;
}

int gl_proc_fail(const struct gl_proc_spec *spec, const struct gl_proc_result *result,
                 struct gl_error *err)
{
    gl_autofree char *how = result->signal
                                ? gl_asprintf(_("was ended by signal %d"), result->signal)
                                : gl_asprintf(_("ended with status %d"), result->exit_code);
    const struct gl_buf *said = result->err.len ? &result->err : &result->out;
    gl_autofree char *tail = gl_redact(tail_of(said));
    size_t len = strlen(tail);
    while (len && (tail[len - 1] == '\n' || tail[len - 1] == ' '))
        tail[--len] = '\0';
    gl_fail(err, GL_E_PROCESS, "%s %s%s%s", spec->argv[0], how, len ? ":\n" : "", tail);
    if (spec->log_path)
        gl_error_hint(err, _("The full output is in %s"), spec->log_path);
    return GL_E_PROCESS;
}

int gl_proc_check(const struct gl_proc_spec *spec, char **ret_out, struct gl_error *err)
{
    gl_autoproc struct gl_proc_result result = {0};
    int failed = gl_proc_run(spec, &result, err);
    if (failed < 0)
        return failed;
    if (result.exit_code != 0)
        return gl_proc_fail(spec, &result, err);
    if (ret_out && result.out_cut)
        return gl_fail(err, GL_E_PROCESS, _("%s said more than %d MiB"), spec->argv[0],
                       GL_PROC_KEEP_BYTES >> 20);
    if (ret_out)
        *ret_out = gl_buf_steal(&result.out);
    return 0;
}

int gl_proc_start(const struct gl_proc_spec *spec, pid_t *ret_pid, struct gl_error *err)
{
    gl_autoclose int log_fd = -1;
    int failed = open_log(spec, &log_fd, err);
    if (failed < 0)
        return failed;
    gl_autoclose int in = open_stdin(spec, err);
    if (in < 0)
        return GL_E_IO;
    int out = log_fd >= 0 ? log_fd : STDOUT_FILENO;
    int fds[3] = {in, out, log_fd >= 0 ? log_fd : STDERR_FILENO};
    return gl_spawn(spec, fds, ret_pid, err);
}

int gl_proc_stop(pid_t pid, int64_t grace_ms)
{
    int64_t deadline = gl_mono_ms() + grace_ms;
    kill(-pid, grace_ms > 0 ? SIGTERM : SIGKILL);
    enum child_state state;
    while ((state = child_state(pid)) == CHILD_RUNS) {
        if (gl_mono_ms() >= deadline)
            kill(-pid, SIGKILL);
        struct timespec pause = {.tv_nsec = 2000000};
        nanosleep(&pause, NULL);
    }
    if (state == CHILD_ENDED)
        return reap(pid, true);
    gl_guard_end(pid);
    return 0;
}
