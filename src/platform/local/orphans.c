/* Telling our processes from other people's, and ending those that lost their supervisor. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/pg.h"
#include "platform/local/ports.h"
#include "platform/local/s6.h"

enum {
    MAX_ANCESTORS = 16,
    GRACE_MS = 2000,
    TIMEOUT_MS = 5000,
    POLL_MS = 5,
};

static bool has_marker(const struct gl_local *local, pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/environ", (int)pid);
    gl_autofree char *marker = gl_asprintf("%s=%s", GL_S6_MARKER, local->root);
    gl_autobuf struct gl_buf environment = {0};
    if (gl_read_file(path, 0, &environment, NULL) < 0 || environment.len == 0)
        return false;
    return memmem(environment.data, environment.len + 1, marker, strlen(marker) + 1) != NULL;
}

static pid_t parent_of(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/status", (int)pid);
    gl_autobuf struct gl_buf status = {0};
    if (gl_read_file(path, 0, &status, NULL) < 0)
        return 0;
    const char *line = strstr(gl_buf_text(&status), "\nPPid:");
    return line ? (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10) : 0;
}

static bool works_below(const char *root, pid_t pid)
{
    gl_autofree char *link = gl_asprintf("/proc/%d/cwd", (int)pid);
    char target[PATH_MAX] = "";
    size_t len = strlen(root);
    return readlink(link, target, sizeof target - 1) > 0 && strncmp(target, root, len) == 0 &&
           (target[len] == '/' || target[len] == '\0');
}

/* Some programs overwrite their environment; their supervisors above them do not, and where those
 * were killed there is still the directory they work in. */
bool gl_s6_owns(const struct gl_local *local, pid_t pid)
{
    if (works_below(local->root, pid))
        return true;
    for (int i = 0; i < MAX_ANCESTORS && pid > 1; i++) {
        if (has_marker(local, pid))
            return true;
        pid = parent_of(pid);
    }
    return false;
}

static bool is_supervisor(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/comm", (int)pid);
    gl_autobuf struct gl_buf name = {0};
    return gl_read_file(path, 0, &name, NULL) == 0 &&
           strcmp(gl_buf_text(&name), "s6-supervise\n") == 0;
}

static bool is_supervised(pid_t pid)
{
    for (int i = 0; i < MAX_ANCESTORS && pid > 1; i++) {
        if (is_supervisor(pid))
            return true;
        pid = parent_of(pid);
    }
    return false;
}

/* The oldest of ours that `pid` descends from: a master would only start another worker. */
static pid_t master_of(const struct gl_local *local, pid_t pid)
{
    for (int i = 0; i < MAX_ANCESTORS; i++) {
        pid_t parent = parent_of(pid);
        if (parent <= 1 || !gl_s6_owns(local, parent))
            break;
        pid = parent;
    }
    return pid;
}

/* Who holds one of our ports, is ours and has no supervisor; 0 if nobody does. PostgreSQL is
 * another matter: gl_pg_cluster_release() ends it, slowly. */
static pid_t find_stray(const struct gl_local *local)
{
    for (size_t i = 0; i < GL_PORT_COUNT; i++) {
        char name[64] = "";
        if (i == GL_PORT_POSTGRES || gl_port_is_free(local->ports[i]))
            continue;
        pid_t holder = gl_port_holder(local->ports[i], name);
        if (holder && gl_s6_owns(local, holder) && !is_supervised(holder))
            return master_of(local, holder);
    }
    return 0;
}

static void pause_briefly(void)
{
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    nanosleep(&pause, NULL);
}

int gl_s6_end_strays(const struct gl_local *local, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    pid_t last = 0;
    for (pid_t stray; (stray = find_stray(local)) != 0;) {
        int64_t waited = gl_mono_ms() - begun;
        if (waited >= TIMEOUT_MS) {
            gl_fail(err, GL_E_TIMEOUT,
                    _("process %d of this instance lost its supervisor and does "
                      "not end"),
                    (int)stray);
            return gl_error_hint(err, _("End it with: kill -KILL %d"), (int)stray);
        }
        if (stray != last || waited >= GRACE_MS)
            (void)kill(stray, waited < GRACE_MS ? SIGTERM : SIGKILL);
        last = stray;
        pause_briefly();
    }
    return 0;
}

/* Sends a signal (0 = none) to every process that carries our marker, PostgreSQL's excepted;
 * returns how many there are. */
static int signal_all(const struct gl_local *local, int signal)
{
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid =
            isdigit((unsigned char)entry->d_name[0]) ? (pid_t)strtol(entry->d_name, NULL, 10) : 0;
        if (pid > 1 && pid != getpid() && has_marker(local, pid) && !gl_pg_is_process(pid)) {
            (void)kill(pid, signal);
            count++;
        }
    }
    if (proc)
        closedir(proc);
    return count;
}

static int end_marked(const struct gl_local *local, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    int left = signal_all(local, SIGTERM);
    while (left > 0 && gl_mono_ms() - begun < TIMEOUT_MS) {
        pause_briefly();
        left = signal_all(local, gl_mono_ms() - begun < GRACE_MS ? 0 : SIGKILL);
    }
    if (left == 0)
        return 0;
    gl_fail(err, GL_E_TIMEOUT, _("%d processes of this instance do not end"), left);
    return gl_error_hint(err, _("Their environment has %s=%s"), GL_S6_MARKER, local->root);
}

int gl_s6_end_unsupervised(const struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *data_dir = gl_local_path(local, "pg");
    int failed = gl_s6_end_strays(local, err);
    return failed < 0 ? failed : gl_pg_cluster_release(data_dir, err);
}

int gl_s6_end_orphans(const struct gl_local *local, struct gl_error *err)
{
    int failed = end_marked(local, err);
    return failed < 0 ? failed : gl_s6_end_unsupervised(local, err);
}
