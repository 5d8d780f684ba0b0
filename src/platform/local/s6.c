/* Supervision by s6: one scan directory per instance, one service directory and logger each.
 *
 * The tree runs as whoever started it (as root, each run script gives up its rights first) and
 * outlives this process. Every service has a `down` file, so
 * that a tree started after a reboot starts nothing by itself: `up` decides the order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "platform/local/local.h"
#include "platform/local/s6.h"
#include "platform/local/secrets.h"

enum {
    POLL_MS = 5,
    TREE_TIMEOUT_MS = 10000,
    KILL_TIMEOUT_MS = 5000,
    DOWN_GRACE_MS = 15000,
    STATE_TIMEOUT_MS = 5000,
    STATE_ATTEMPTS = 5,
    SCAN_MODE = 0711, /* services resolve paths from their directory as users of their own */
};

/* The order in which `down` stops services: what takes requests first, what others need last.
 * Prefixes; a service that matches none is stopped last. */
static const char *const stop_order[] = {"edge", "web", "fault-", "backend-", ""};

static char *service_dir(const struct gl_local *local, const char *name)
{
    gl_autofree char *relative = gl_asprintf("s6/%s", name);
    return gl_local_path(local, relative);
}

/* True while an s6-svscan reads the control pipe of the scan directory. */
static bool tree_runs(const struct gl_local *local)
{
    gl_autofree char *control = gl_local_path(local, "s6/.s6-svscan/control");
    gl_autoclose int fd = open(control, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0;
}

/* Every wait of this file is short, so a Ctrl-C does not cut it: half a stop would be worse. */
static void pause_briefly(void)
{
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    nanosleep(&pause, NULL);
}

typedef bool condition_fn(struct gl_local *local, const char *name);

static bool wait_until(struct gl_local *local, const char *name, condition_fn *done,
                       int64_t timeout_ms)
{
    int64_t deadline = gl_mono_ms() + timeout_ms;
    while (!done(local, name)) {
        if (gl_mono_ms() >= deadline)
            return done(local, name);
        pause_briefly();
    }
    return true;
}

static bool tree_is_up(struct gl_local *local, const char *name)
{
    (void)name;
    return tree_runs(local);
}

static bool tree_is_gone(struct gl_local *local, const char *name)
{
    (void)name;
    return !tree_runs(local);
}

/* True when the s6-supervise of a service listens to its control pipe and has said how it stands.
 */
static bool is_supervised(struct gl_local *local, const char *name)
{
    gl_autofree char *dir = service_dir(local, name);
    gl_autofree char *control = gl_path_join(dir, "supervise/control");
    gl_autofree char *status = gl_path_join(dir, "supervise/status");
    gl_autoclose int fd = open(control, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && gl_path_exists(status);
}

static bool is_not_supervised(struct gl_local *local, const char *name)
{
    return !is_supervised(local, name);
}

/* Runs one of the s6 tools, with nothing to do but to succeed. */
static int run_tool(const char *const *argv, struct gl_error *err)
{
    struct gl_proc_spec spec = {
        .argv = argv, .timeout_ms = TREE_TIMEOUT_MS, .ignore_interrupt = true};
    return gl_proc_check(&spec, NULL, err);
}

static int rescan(const struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *scan = gl_local_path(local, "s6");
    const char *argv[] = {"s6-svscanctl", "-a", scan, NULL};
    return run_tool(argv, err);
}

/* setsid forks, so its own process is reaped here and the scanner belongs to init. */
static int launch_tree(const struct gl_local *local, const char *scan, struct gl_error *err)
{
    gl_autofree char *log = gl_local_path(local, "logs/supervision.log");
    gl_autofree char *marker = gl_asprintf("%s=%s", GL_S6_MARKER, local->root);
    const char *env[] = {"LANG=C.UTF-8", marker, NULL};
    const char *argv[] = {"setsid", "s6-svscan", scan, NULL};
    struct gl_proc_spec spec = {.argv = argv, .env = env, .cwd = local->root, .log_path = log};
    pid_t pid = 0;
    int failed = gl_proc_start(&spec, &pid, err);
    if (failed < 0)
        return failed;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* The scanner replaces a supervisor that was killed, but not at once. */
static int await_supervisors(struct gl_local *local, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    gl_s6_services(local, &names);
    for (size_t i = 0; i < names.count; i++) {
        if (!wait_until(local, names.items[i], is_supervised, TREE_TIMEOUT_MS))
            return gl_fail(err, GL_E_TIMEOUT, _("the service %s is not supervised after %d s"),
                           names.items[i], TREE_TIMEOUT_MS / 1000);
    }
    return 0;
}

int gl_s6_tree_up(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *scan = gl_local_path(local, "s6");
    gl_autofree char *logs = gl_local_path(local, "logs");
    int failed = gl_s6_end_strays(local, err);
    if (failed < 0)
        return failed;
    if (tree_runs(local))
        return await_supervisors(local, err);
    failed = gl_mkdir_p(scan, SCAN_MODE, err);
    if (failed == 0)
        failed = gl_mkdir_p(logs, 0700, err);
    if (failed == 0)
        failed = launch_tree(local, scan, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot start the supervision of services"));
    if (wait_until(local, NULL, tree_is_up, TREE_TIMEOUT_MS))
        return await_supervisors(local, err);
    gl_fail(err, GL_E_TIMEOUT, _("s6-svscan did not start within %d s"), TREE_TIMEOUT_MS / 1000);
    return gl_error_hint(err, _("Its messages are in %s/supervision.log"), logs);
}

static int compare_stop_order(const void *a, const void *b)
{
    const char *const names[2] = {*(const char *const *)a, *(const char *const *)b};
    size_t rank[2] = {0};
    for (int i = 0; i < 2; i++) {
        while (!gl_starts_with(names[i], stop_order[rank[i]]))
            rank[i]++;
    }
    return rank[0] != rank[1] ? (rank[0] < rank[1] ? -1 : 1) : strcmp(names[0], names[1]);
}

void gl_s6_services(const struct gl_local *local, struct gl_strv *ret_names)
{
    gl_autofree char *scan = gl_local_path(local, "s6");
    DIR *dir = opendir(scan);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            gl_strv_add(ret_names, entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (ret_names->count)
        qsort(ret_names->items, ret_names->count, sizeof *ret_names->items, compare_stop_order);
}

/* A supervisor whose scanner was killed goes on alone: each is told to end, then the scanner. */
static int end_supervisors(struct gl_local *local, const struct gl_strv *names,
                           struct gl_error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        gl_autofree char *dir = service_dir(local, names->items[i]);
        gl_autofree char *logger = gl_path_join(dir, "log");
        const char *end_service[] = {"s6-svc", "-xd", dir, NULL};
        const char *end_logger[] = {"s6-svc", "-x", logger, NULL};
        if (!is_supervised(local, names->items[i]))
            continue;
        int failed = run_tool(end_service, err);
        if (failed == 0)
            failed = run_tool(end_logger, err);
        if (failed < 0)
            return failed;
    }
    return 0;
}

static int await_end(struct gl_local *local, const struct gl_strv *names, struct gl_error *err)
{
    bool gone = wait_until(local, NULL, tree_is_gone, TREE_TIMEOUT_MS);
    for (size_t i = 0; gone && i < names->count; i++) {
        gl_autofree char *logger = gl_asprintf("%s/log", names->items[i]);
        gone = wait_until(local, names->items[i], is_not_supervised, TREE_TIMEOUT_MS) &&
               wait_until(local, logger, is_not_supervised, TREE_TIMEOUT_MS);
    }
    if (gone)
        return 0;
    gl_fail(err, GL_E_TIMEOUT, _("the supervision of services did not end within %d s"),
            TREE_TIMEOUT_MS / 1000);
    return gl_error_hint(err, _("Look for s6-svscan of %s/s6 with: ps -ef"), local->root);
}

int gl_s6_tree_down(struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *scan = gl_local_path(local, "s6");
    gl_autostrv struct gl_strv names = {0};
    gl_s6_services(local, &names);
    for (size_t i = 0; i < names.count; i++) {
        int failed = gl_s6_stop(local, names.items[i], DOWN_GRACE_MS, err);
        if (failed < 0)
            return failed;
    }
    /* A logger ends when the last of its writers has ended, so orphans go first. */
    int failed = gl_s6_end_unsupervised(local, err);
    bool scanner = tree_runs(local);
    const char *terminate[] = {"s6-svscanctl", "-t", scan, NULL};
    if (failed == 0 && scanner)
        failed = run_tool(terminate, err);
    if (failed == 0 && !scanner)
        failed = end_supervisors(local, &names, err);
    if (failed == 0)
        failed = await_end(local, &names, err);
    return failed < 0 ? failed : gl_s6_end_orphans(local, err);
}

/* The logger keeps 10 files of 1 MB; -d3 says on descriptor 3 that it is ready. */
static int install_logger(const struct gl_local *local, const char *dir, const char *name,
                          struct gl_error *err)
{
    gl_autofree char *log_dir = gl_path_join(dir, "log");
    gl_autofree char *run = gl_path_join(log_dir, "run");
    gl_autofree char *notify = gl_path_join(log_dir, "notification-fd");
    gl_autofree char *relative = gl_asprintf("logs/%s", name);
    gl_autofree char *target = gl_local_path(local, relative);
    gl_autofree char *script =
        gl_asprintf("#!/bin/sh\nexec s6-log -d3 -b n10 s1000000 T '../../../logs/%s'\n", name);
    int failed = gl_mkdir_p(log_dir, 0700, err);
    if (failed == 0)
        failed = gl_write_text(run, script, 0755, err);
    if (failed == 0)
        failed = gl_write_text(notify, "3\n", 0644, err);
    return failed < 0 ? failed : gl_mkdir_p(target, 0700, err);
}

int gl_s6_install(struct gl_local *local, const char *name, const char *run_script,
                  struct gl_error *err)
{
    gl_autofree char *dir = service_dir(local, name);
    gl_autofree char *run = gl_path_join(dir, "run");
    gl_autofree char *down = gl_path_join(dir, "down");
    gl_autofree char *logger = gl_asprintf("%s/log", name);
    int failed = gl_mkdir_p(dir, SCAN_MODE, err);
    if (failed == 0)
        failed = install_logger(local, dir, name, err);
    if (failed == 0)
        failed = gl_write_text(run, run_script, 0755, err);
    if (failed == 0)
        failed = gl_write_text(down, "", 0644, err);
    if (failed == 0)
        failed = rescan(local, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot install the service %s"), name);
    if (wait_until(local, name, is_supervised, TREE_TIMEOUT_MS) &&
        wait_until(local, logger, is_supervised, TREE_TIMEOUT_MS))
        return 0;
    return gl_fail(err, GL_E_TIMEOUT, _("the service %s is not supervised after %d s"), name,
                   TREE_TIMEOUT_MS / 1000);
}

static int control(struct gl_local *local, const char *name, const char *command,
                   struct gl_error *err)
{
    gl_autofree char *dir = service_dir(local, name);
    const char *argv[] = {"s6-svc", command, dir, NULL};
    if (!is_supervised(local, name)) {
        gl_fail(err, GL_E_NOT_FOUND, _("the service %s is not supervised"), name);
        return gl_error_hint(err, _("Start the local platform with: golive local up"));
    }
    return run_tool(argv, err);
}

static bool is_running(struct gl_local *local, const char *name)
{
    struct gl_service_state state = {0};
    return gl_s6_state(local, name, &state, NULL) == 0 && state.pid > 0;
}

static bool is_not_running(struct gl_local *local, const char *name)
{
    return !is_running(local, name);
}

static int start(struct gl_local *local, const char *name, struct gl_error *err)
{
    gl_autofree char *dir = service_dir(local, name);
    const char *forget_deaths[] = {"s6-svdt-clear", dir, NULL};
    struct gl_service_state state = {0};
    int failed = is_supervised(local, name) ? run_tool(forget_deaths, err) : 0;
    if (failed == 0)
        failed = control(local, name, "-u", err);
    if (failed < 0)
        return failed;
    /* A program that ends at once is not running but has died: that is an answer too. */
    int64_t deadline = gl_mono_ms() + TREE_TIMEOUT_MS;
    do {
        failed = gl_s6_state(local, name, &state, err);
        if (failed < 0 || state.pid > 0 || state.deaths > 0)
            return failed;
        pause_briefly();
    } while (gl_mono_ms() < deadline);
    return gl_fail(err, GL_E_TIMEOUT, _("the service %s did not start within %d s"), name,
                   TREE_TIMEOUT_MS / 1000);
}

int gl_s6_stop(struct gl_local *local, const char *name, int64_t grace_ms, struct gl_error *err)
{
    gl_autoerr struct gl_error problem = {0};
    int failed = is_supervised(local, name) ? control(local, name, "-d", &problem) : 0;
    if (!is_supervised(local, name))
        return 0; /* its supervisor was killed, perhaps just now: see gl_s6_end_strays() */
    if (failed < 0) {
        if (err)
            gl_error_move(err, &problem);
        return failed;
    }
    if (wait_until(local, name, is_not_running, grace_ms))
        return 0;
    failed = control(local, name, "-k", err);
    if (failed < 0)
        return failed;
    if (wait_until(local, name, is_not_running, KILL_TIMEOUT_MS))
        return 0;
    return gl_fail(err, GL_E_TIMEOUT, _("the service %s does not end, not even by SIGKILL"), name);
}

int gl_s6_start(struct gl_local *local, const char *name, int64_t grace_ms, struct gl_error *err)
{
    struct gl_service_state state = {0};
    int failed = gl_s6_state(local, name, &state, err);
    if (failed < 0 || (state.pid > 0 && !state.ending))
        return failed;
    failed = state.ending ? gl_s6_stop(local, name, grace_ms, err) : 0;
    return failed < 0 ? failed : start(local, name, err);
}

int gl_s6_signal(struct gl_local *local, const char *name, int signal, struct gl_error *err)
{
    struct gl_service_state state = {0};
    int failed = gl_s6_state(local, name, &state, err);
    if (failed < 0)
        return failed;
    if (state.pid <= 0)
        return gl_fail(err, GL_E_NOT_FOUND, _("the service %s does not run"), name);
    if (kill(state.pid, signal) < 0 && errno != ESRCH)
        return gl_fail_errno(err, errno, _("cannot signal the service %s"), name);
    return 0;
}

static int count_deaths(const char *dir, int64_t *ret_deaths, struct gl_error *err)
{
    const char *argv[] = {"s6-svdt", dir, NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .timeout_ms = STATE_TIMEOUT_MS, .ignore_interrupt = true};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    int64_t deaths = 0;
    for (const char *at = out; (at = strchr(at, '\n')); at++)
        deaths++;
    *ret_deaths = deaths;
    return 0;
}

/* "true true true 13844 12": up, to be up, ready, pid, seconds in this state. */
static int parse_status(const char *text, bool notifies, struct gl_service_state *state)
{
    gl_autostrv struct gl_strv words = {0};
    gl_strv_split(&words, text, " \n");
    if (words.count != 5)
        return -1;
    state->supervised = true;
    state->up = strcmp(words.items[0], "true") == 0;
    state->ready = notifies ? strcmp(words.items[2], "true") == 0 : state->up;
    long pid = strtol(words.items[3], NULL, 10);
    state->pid = pid > 0 ? (pid_t)pid : 0;
    state->ending = state->pid > 0 && strcmp(words.items[1], "false") == 0;
    state->uptime_ms = state->up ? strtoll(words.items[4], NULL, 10) * 1000 : 0;
    return 0;
}

static int read_state(struct gl_local *local, const char *name, struct gl_service_state *state,
                      struct gl_error *err)
{
    gl_autofree char *dir = service_dir(local, name);
    gl_autofree char *notification = gl_path_join(dir, "notification-fd");
    const char *argv[] = {"s6-svstat", "-o", "up,wantedup,ready,pid,updownfor", dir, NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .timeout_ms = STATE_TIMEOUT_MS, .ignore_interrupt = true};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    if (parse_status(out, gl_path_exists(notification), state) < 0)
        return gl_fail(err, GL_E_CORRUPT, _("s6-svstat says of %s what cannot be understood: %s"),
                       name, out);
    return count_deaths(dir, &state->deaths, err);
}

int gl_s6_state(struct gl_local *local, const char *name, struct gl_service_state *ret_state,
                struct gl_error *err)
{
    struct gl_service_state state = {0};
    bool changed = is_supervised(local, name);
    for (int i = 0; changed && i < STATE_ATTEMPTS; i++) {
        int failed = read_state(local, name, &state, err);
        if (failed < 0)
            return failed;
        /* Died between the two questions: then the pid is of before its death, the count of after
         * it. */
        changed = state.pid > 0 && kill(state.pid, 0) < 0 && errno == ESRCH;
    }
    *ret_state = state;
    return 0;
}

/* Where the last `lines` lines of a text begin. */
static const char *last_lines(const struct gl_buf *text, int lines)
{
    const char *start = gl_buf_text(text);
    const char *at = start + text->len;
    for (int seen = 0; at > start; at--) {
        if (at[-1] == '\n' && *at != '\0' && ++seen >= lines)
            break;
    }
    return lines > 0 ? at : start + text->len;
}

int gl_s6_log_tail(struct gl_local *local, const char *name, int lines, char **ret_text,
                   struct gl_error *err)
{
    gl_autofree char *relative = gl_asprintf("logs/%s/current", name);
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autobuf struct gl_buf text = {0};
    if (!gl_path_exists(path)) {
        gl_fail(err, GL_E_NOT_FOUND, _("there is no log of a service %s"), name);
        return gl_error_hint(err,
                             _("It was not started yet, or is called otherwise: golive local "
                               "status%s shows the services."),
                             gl_config_env_words(local->base.config));
    }
    int failed = gl_read_file(path, 0, &text, err);
    if (failed < 0)
        return failed;
    gl_secrets_mask(local);
    *ret_text = gl_redact(last_lines(&text, lines));
    return 0;
}
