/* Questions to /proc and PATH. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "proc/proc.h"
#include "proc/spawn.h"

/* Fills `stat` from /proc/PID/stat and returns where its field `number` (3 or more) begins; NULL if
 * there is no such process or it may not be looked into. */
static const char *stat_field(pid_t pid, int number, struct gl_buf *stat)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/stat", (int)pid);
    if (pid <= 0 || gl_read_file(path, 0, stat, NULL) < 0)
        return NULL;
    /* The name in parentheses may hold spaces: count fields from its end, which is field 2. */
    const char *at = strrchr(gl_buf_text(stat), ')');
    for (int field = 2; at && field < number; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at;
}

uint64_t gl_proc_start_ticks(pid_t pid)
{
    enum { FIELD_START = 22 };

    gl_autobuf struct gl_buf stat = {0};
    const char *at = stat_field(pid, FIELD_START, &stat);
    return at ? strtoull(at, NULL, 10) : 0;
}

bool gl_proc_is_alive(pid_t pid, uint64_t start_ticks)
{
    enum { FIELD_STATE = 3 };

    gl_autobuf struct gl_buf stat = {0};
    const char *state = stat_field(pid, FIELD_STATE, &stat);
    if (!state) /* gone, or hidden from us (mount option hidepid) */
        return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
    uint64_t found_ticks = gl_proc_start_ticks(pid);
    bool ended = *state == 'Z' || *state == 'X';
    return !ended && (!start_ticks || !found_ticks || found_ticks == start_ticks);
}

bool gl_proc_in_path(const char *program)
{
    gl_autofree char *all = gl_search_path(getenv("PATH"));
    gl_autostrv struct gl_strv dirs = {0};
    gl_strv_split(&dirs, all, ":");
    for (size_t i = 0; i < dirs.count; i++) {
        gl_autofree char *candidate = gl_path_join(dirs.items[i], program);
        if (gl_is_file(candidate) && access(candidate, X_OK) == 0)
            return true;
    }
    return false;
}

/* The number after "name:" in a /proc file whose unit is kB. */
static uint64_t kilobytes_field(const char *path, const char *name)
{
    gl_autobuf struct gl_buf text = {0};
    if (gl_read_file(path, 0, &text, NULL) < 0)
        return 0;
    const char *at = strstr(gl_buf_text(&text), name);
    return at ? strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

uint64_t gl_memory_available_bytes(void)
{
    return kilobytes_field("/proc/meminfo", "MemAvailable:");
}

uint64_t gl_proc_rss_bytes(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/status", (int)pid);
    return kilobytes_field(path, "VmRSS:");
}
