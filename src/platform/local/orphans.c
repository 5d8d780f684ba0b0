/* Telling our processes from other people's, and ending those that lost their supervisor. */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
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

/* Some programs overwrite their environment; their supervisors above them do not. */
bool gl_s6_owns(const struct gl_local *local, pid_t pid)
{
    for (int i = 0; i < MAX_ANCESTORS && pid > 1; i++) {
        if (has_marker(local, pid))
            return true;
        pid = parent_of(pid);
    }
    return false;
}

/* Sends a signal (0 = none) to every process that carries our marker; returns how many there are.
 */
static int signal_all(const struct gl_local *local, int signal)
{
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid =
            isdigit((unsigned char)entry->d_name[0]) ? (pid_t)strtol(entry->d_name, NULL, 10) : 0;
        if (pid > 1 && pid != getpid() && has_marker(local, pid)) {
            (void)kill(pid, signal);
            count++;
        }
    }
    if (proc)
        closedir(proc);
    return count;
}

int gl_s6_end_orphans(const struct gl_local *local, struct gl_error *err)
{
    int64_t begun = gl_mono_ms();
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int left = signal_all(local, SIGTERM);
    while (left > 0 && gl_mono_ms() - begun < TIMEOUT_MS) {
        nanosleep(&pause, NULL);
        left = signal_all(local, gl_mono_ms() - begun < GRACE_MS ? 0 : SIGKILL);
    }
    if (left == 0)
        return 0;
    gl_fail(err, GL_E_TIMEOUT, _("%d processes of this instance do not end"), left);
    return gl_error_hint(err, _("Their environment has %s=%s"), GL_S6_MARKER, local->root);
}
