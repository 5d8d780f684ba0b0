/* Guards: one process a group, one pipe a guard, and a list of them. */
#include "proc/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/i18n.h"

struct guard {
    struct guard *next;
    pid_t leader;
    pid_t pid;
    int life_fd; /* its closing, by the kernel if need be, is golive's end */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guard *guards;

/* Only calls that are safe after fork() in a program with threads. Every signal is blocked, so that
 * a SIGTERM to the group does not end the guard before the rest. */
static _Noreturn void watch(pid_t leader, int life_fd)
{
    char byte;
    if (setpgid(0, leader) < 0) /* never in golive's own group: others may be in it */
        _exit(1);
    (void)prctl(PR_SET_NAME, "golive-guard");
    dup2(life_fd, STDIN_FILENO);
    closefrom(STDERR_FILENO + 1);
    close(STDOUT_FILENO); /* the pipes of other programs must not stay open here */
    close(STDERR_FILENO);
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
    }
    kill(0, SIGKILL);
    _exit(0);
}

static pid_t fork_guard(pid_t leader, int life_fd)
{
    sigset_t all;
    sigset_t saved;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &saved);
    pid_t pid = fork();
    if (pid == 0)
        watch(leader, life_fd);
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
    return pid;
}

static void end(struct guard *guard)
{
    kill(guard->pid, SIGKILL);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(guard->life_fd);
    free(guard);
}

static void add(struct guard *guard)
{
    pthread_mutex_lock(&lock);
    guard->next = guards;
    guards = guard;
    pthread_mutex_unlock(&lock);
}

static struct guard *take(pid_t leader)
{
    pthread_mutex_lock(&lock);
    struct guard **at = &guards;
    while (*at && (*at)->leader != leader)
        at = &(*at)->next;
    struct guard *found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&lock);
    return found;
}

int gl_guard_start(pid_t leader, struct gl_error *err)
{
    int life[2];
    if (pipe2(life, O_CLOEXEC) < 0)
        return gl_fail_errno(err, errno, _("cannot make a pipe"));
    gl_autoclose int life_read = life[0];
    gl_autoclose int life_write = life[1];
    pid_t pid = fork_guard(leader, life_read);
    if (pid < 0)
        return gl_fail_errno(err, errno, _("cannot start a guard process"));
    struct guard *guard = gl_alloc(sizeof *guard);
    *guard = (struct guard){NULL, leader, pid, gl_steal_fd(&life_write)};
    if (setpgid(pid, leader) < 0) { /* before the leader runs, whoever of both is first */
        int saved = errno;
        end(guard);
        return gl_fail_errno(err, saved, _("cannot start a guard process"));
    }
    add(guard);
    return 0;
}

void gl_guard_end(pid_t leader)
{
    struct guard *guard = take(leader);
    if (guard)
        end(guard);
}
