/* fork and exec; a pipe closed by exec() tells the parent why it failed. */
#include "proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "proc/guard.h"
#include "proc/packages.h"

struct child_failure {
    int errno_value;

    enum { FAILED_CWD = 1, FAILED_PRIVILEGES, FAILED_EXEC } where;
};

char *gl_search_path(const char *path)
{
    static const char usual[] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
    gl_autobuf struct gl_buf all = {0};
    if (path && *path)
        gl_buf_printf(&all, "%s:", path);
    gl_buf_puts(&all, usual);
    glob_t found = {0};
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
        /* Sorted by name: the newest stands last and is to be found first. */
        for (size_t i = found.gl_pathc; i > 0; i--)
            gl_buf_printf(&all, ":%s", found.gl_pathv[i - 1]);
    }
    globfree(&found);
    return gl_buf_steal(&all);
}

static const char *env_get(const struct gl_strv *env, const char *prefix)
{
    for (size_t i = 0; i < env->count; i++) {
        if (gl_starts_with(env->items[i], prefix))
            return env->items[i] + strlen(prefix);
    }
    return NULL;
}

static void env_set(struct gl_strv *env, const char *assignment)
{
    size_t name_len = strcspn(assignment, "=") + 1;
    for (size_t i = 0; i < env->count; i++) {
        if (strncmp(env->items[i], assignment, name_len) == 0) {
            free(env->items[i]);
            env->items[i] = gl_strdup(assignment);
            return;
        }
    }
    gl_strv_add(env, assignment);
}

static void build_env(const struct gl_proc_spec *spec, struct gl_strv *env)
{
    const char *const *base = spec->env ? spec->env : (const char *const *)environ;
    for (; *base; base++)
        gl_strv_add(env, *base);
    for (const char *const *add = spec->env_add; add && *add; add++)
        env_set(env, *add);
    gl_autofree char *search = gl_search_path(env_get(env, "PATH="));
    gl_autofree char *path = gl_asprintf("PATH=%s", search);
    env_set(env, path);
}

static int drop_privileges(const struct gl_proc_spec *spec)
{
    if (!spec->drop_privileges || geteuid() != 0)
        return 0;
    return setgroups(0, NULL) < 0 || setgid(spec->gid) < 0 || setuid(spec->uid) < 0 ? -1 : 0;
}

/* dup2 onto 0..2 without one overwriting another that is still needed. */
static void install_fds(const int fds[3])
{
    int high[3];
    for (int i = 0; i < 3; i++)
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < 3; i++)
        dup2(high[i], i);
}

/* Between the parent and the child until exec(): the child waits for the word to go, and tells why
 * it could not. */
struct handshake {
    int go[2];
    int report[2];
};

static void handshake_done(struct handshake *handshake)
{
    for (int i = 0; i < 2; i++) {
        gl_close_fd(&handshake->go[i]);
        gl_close_fd(&handshake->report[i]);
    }
}

/* False if the parent is gone: no guard stands beside us then. */
static bool wait_for_go(struct handshake *handshake)
{
    char byte;
    ssize_t count;
    close(handshake->go[1]);
    do {
        count = read(handshake->go[0], &byte, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1;
}

static _Noreturn void child(const struct gl_proc_spec *spec, const int fds[3], char **env,
                            struct handshake *handshake)
{
    struct child_failure failure = {0};
    setpgid(0, 0);
    if (!wait_for_go(handshake))
        _exit(127);
    install_fds(fds);
    (void)signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (spec->cwd && chdir(spec->cwd) < 0) {
        failure = (struct child_failure){errno, FAILED_CWD};
    } else if (drop_privileges(spec) < 0) {
        failure = (struct child_failure){errno, FAILED_PRIVILEGES};
    } else {
        environ = env; /* execvp() looks the program up in the PATH of its own environment */
        execvp(spec->argv[0], (char *const *)spec->argv);
        failure = (struct child_failure){errno, FAILED_EXEC};
    }
    (void)!write(handshake->report[1], &failure, sizeof failure);
    _exit(127);
}

/* A directory of PATH that may not be read makes execvp() say "permission denied" for a program
 * that is nowhere. */
static bool is_missing(const char *program, int errno_value)
{
    return errno_value == ENOENT ||
           (errno_value == EACCES && !strchr(program, '/') && !gl_proc_in_path(program));
}

static int report(const struct gl_proc_spec *spec, const struct child_failure *failure,
                  struct gl_error *err)
{
    switch (failure->where) {
    case FAILED_CWD:
        return gl_fail_errno(err, failure->errno_value, _("cannot enter %s"), spec->cwd);
    case FAILED_PRIVILEGES:
        return gl_fail_errno(err, failure->errno_value, _("cannot become user %u"),
                             (unsigned)spec->uid);
    case FAILED_EXEC:
        break;
    }
    const char *program = spec->argv[0];
    bool missing = is_missing(program, failure->errno_value);
    gl_fail(err, GL_E_PROCESS, _("cannot run %s: %s"), program,
            strerror(missing ? ENOENT : failure->errno_value));
    if (missing)
        gl_package_hint(program, err);
    return GL_E_PROCESS;
}

static bool tell_to_go(struct handshake *handshake)
{
    ssize_t count;
    do {
        count = write(handshake->go[1], "g", 1);
    } while (count < 0 && errno == EINTR);
    return count == 1;
}

/* Lets the child go on and waits until exec() closed the pipe or failed. */
static int release(const struct gl_proc_spec *spec, pid_t pid, struct handshake *handshake,
                   struct gl_error *err)
{
    struct child_failure failure;
    ssize_t count;
    gl_close_fd(&handshake->report[1]);
    setpgid(pid, pid);
    int failed = gl_guard_start(pid, err);
    if (failed == 0 && !tell_to_go(handshake))
        failed = gl_fail_errno(err, errno, _("cannot start %s"), spec->argv[0]);
    if (failed < 0)
        return failed;
    do {
        count = read(handshake->report[0], &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof failure ? report(spec, &failure, err) : 0;
}

int gl_spawn(const struct gl_proc_spec *spec, const int fds[3], pid_t *ret_pid,
             struct gl_error *err)
{
    gl_autostrv struct gl_strv env = {0};
    build_env(spec, &env);
    gl_cleanup(handshake_done) struct handshake handshake = {
        {-1, -1},
        {-1, -1}
    };
    if (pipe2(handshake.go, O_CLOEXEC) < 0 || pipe2(handshake.report, O_CLOEXEC) < 0)
        return gl_fail_errno(err, errno, _("cannot make a pipe"));
    pid_t pid = fork();
    if (pid < 0)
        return gl_fail_errno(err, errno, _("cannot start %s"), spec->argv[0]);
    if (pid == 0)
        child(spec, fds, env.items, &handshake);
    int failed = release(spec, pid, &handshake, err);
    if (failed < 0) {
        gl_proc_stop(pid, 0);
        return failed;
    }
    *ret_pid = pid;
    return 0;
}
