/* The parent's side: starts the child, reads its lines, ends it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "proc/guard.h"
#include "proc/proc.h"
#include "proc/spawn.h"
#include "rehearse/load_engine.h"

enum {
    STOP_LIMIT_MS = 30000,
};

struct gl_load {
    pid_t pid;     /* 0 once reaped */
    int stdin_fd;  /* its end tells the child that we are gone */
    int stdout_fd; /* not blocking; -1 at its end */
    struct gl_buf lines;
    struct gl_load_counts counts;
};

static int spawn(const char *golive_path, struct gl_load *load, struct gl_error *err)
{
    const char *const argv[] = {golive_path, "load", "--plan", "-", NULL};
    struct gl_proc_spec spec = {.argv = argv};
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) < 0)
        return gl_fail_errno(err, errno, _("cannot make a pipe"));
    gl_autoclose int in_read = in[0];
    load->stdin_fd = in[1];
    if (pipe2(out, O_CLOEXEC) < 0)
        return gl_fail_errno(err, errno, _("cannot make a pipe"));
    gl_autoclose int out_write = out[1];
    load->stdout_fd = out[0];
    if (fcntl(load->stdout_fd, F_SETFL, O_NONBLOCK) < 0)
        return gl_fail_errno(err, errno, _("cannot make a pipe"));
    int fds[3] = {in_read, out_write, STDERR_FILENO};
    return gl_spawn(&spec, fds, &load->pid, err);
}

/* The child reads its plan as one line, so whatever layout the caller chose is taken out. */
static int send_plan(struct gl_load *load, const char *plan_json, struct gl_error *err)
{
    gl_autojson json_t *plan = NULL;
    int failed = gl_json_parse(plan_json, strlen(plan_json), _("load plan"), &plan, err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf line = {0};
    gl_autofree char *text = gl_json_canonical(plan);
    gl_buf_printf(&line, "%s\n", text);
    int written = gl_write_all(load->stdin_fd, line.data, line.len);
    int saved = errno;
    gl_wipe(line.data, line.len);
    gl_wipe(text, strlen(text));
    if (written < 0)
        return gl_fail_errno(err, saved, _("the load generator does not take its plan"));
    return 0;
}

int gl_load_start(const char *golive_path, const char *plan_json, struct gl_load **ret_load,
                  struct gl_error *err)
{
    gl_autoload struct gl_load *load = gl_alloc(sizeof *load);
    load->stdin_fd = load->stdout_fd = -1;
    int failed = spawn(golive_path, load, err);
    if (failed == 0)
        failed = send_plan(load, plan_json, err);
    if (failed < 0)
        return failed;
    *ret_load = gl_steal(&load);
    return 0;
}

const struct gl_load_counts *gl_load_counts(const struct gl_load *load)
{
    return &load->counts;
}

bool gl_load_settled(const struct gl_load *load, int64_t mono_ms)
{
    const struct gl_load_counts *counts = &load->counts;
    bool answered = !counts->waiting_since_ms || counts->waiting_since_ms > mono_ms;
    return counts->final || (counts->mono_ms > mono_ms && answered);
}

pid_t gl_load_pid(const struct gl_load *load)
{
    return load->pid;
}

/* How the child ended, reaping it if need be. */
static int ended(struct gl_load *load, struct gl_error *err)
{
    int status = 0;
    while (load->pid > 0 && waitpid(load->pid, &status, 0) < 0 && errno == EINTR) {
    }
    gl_guard_end(load->pid);
    load->pid = 0;
    if (load->counts.final && status == 0)
        return 0;
    if (WIFSIGNALED(status))
        return gl_fail(err, GL_E_PROCESS, _("the load generator was ended by signal %d"),
                       WTERMSIG(status));
    return gl_fail(err, GL_E_PROCESS, _("the load generator ended with status %d"),
                   WEXITSTATUS(status));
}

/* 1 = at least one line was taken. */
static int take_lines(struct gl_load *load, struct gl_error *err)
{
    int taken = 0;
    char *newline;
    while (load->lines.len && (newline = memchr(load->lines.data, '\n', load->lines.len))) {
        *newline = '\0';
        int failed = gl_load_counts_read(load->lines.data, &load->counts, err);
        if (failed < 0)
            return failed;
        gl_buf_consume(&load->lines, (size_t)(newline + 1 - load->lines.data));
        taken = 1;
    }
    return taken;
}

/* Takes what is in the pipe; closes it at its end. */
static void read_pipe(struct gl_load *load)
{
    while (load->stdout_fd >= 0) {
        char chunk[16384];
        ssize_t count = read(load->stdout_fd, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0)
            close(gl_steal_fd(&load->stdout_fd));
        else
            gl_buf_add(&load->lines, chunk, (size_t)count);
    }
}

static int take_news(struct gl_load *load, int64_t wait_ms, struct gl_error *err)
{
    struct pollfd poll_out = {.fd = load->stdout_fd, .events = POLLIN};
    (void)poll(&poll_out, 1, (int)wait_ms);
    read_pipe(load);
    return take_lines(load, err);
}

int gl_load_poll(struct gl_load *load, int64_t wait_ms, struct gl_error *err)
{
    if (load->counts.final)
        return 0;
    if (load->stdout_fd < 0)
        return ended(load, err);
    int taken = take_news(load, wait_ms, err);
    if (taken == 0 && load->stdout_fd < 0)
        return ended(load, err);
    return taken;
}

int gl_load_stop(struct gl_load *load, struct gl_error *err)
{
    if (load->pid <= 0)
        return load->counts.final ? 0 : gl_fail(err, GL_E_PROCESS, _("the load generator is gone"));
    int64_t until_ms = gl_mono_ms() + STOP_LIMIT_MS;
    kill(load->pid, SIGTERM);
    while (load->stdout_fd >= 0) {
        int64_t left_ms = until_ms - gl_mono_ms();
        if (left_ms <= 0) {
            gl_proc_stop(load->pid, 0);
            load->pid = 0;
            return gl_fail(err, GL_E_TIMEOUT, _("the load generator did not end within 30 s"));
        }
        int taken = take_news(load, left_ms, err);
        if (taken < 0)
            return taken;
    }
    return ended(load, err);
}

void gl_load_free(struct gl_load **load_at)
{
    struct gl_load *load = *load_at;
    if (!load)
        return;
    if (load->pid > 0)
        gl_proc_stop(load->pid, 0);
    gl_close_fd(&load->stdin_fd);
    gl_close_fd(&load->stdout_fd);
    gl_buf_done(&load->lines);
    free(load);
    *load_at = NULL;
}
