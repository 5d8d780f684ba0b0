/* The data directory: made complete or not at all, and freed from what a crash left in it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "platform/local/files.h"
#include "platform/local/pg.h"

enum {
    NEEDED_BYTES = 256 << 20, /* an empty cluster with its first write-ahead log is about 40 MB */
    STOP_MS = 30000,
    POLL_MS = 20,
};

int gl_pg_initdb(const struct gl_local *local, const struct gl_pg_programs *programs,
                 const char *dir, bool throwaway, struct gl_error *err)
{
    const char *args[] = {"initdb",
                          "--pgdata",
                          dir,
                          GL_PG_AS_SUPERUSER,
                          "--encoding=UTF8",
                          "--locale=C.UTF-8",
                          throwaway ? "--auth-local=trust" : "--auth-local=peer",
                          throwaway ? "--auth-host=reject" : "--auth-host=scram-sha-256",
                          throwaway ? "--no-sync" : "--data-checksums",
                          "--no-instructions",
                          NULL};
    return gl_pg_tool(local, programs, args, NULL, err);
}

/* golive.conf, written anew on each `up`, wins over what initdb wrote. */
static int include_ours(const struct gl_local *local, const char *dir, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, "postgresql.conf");
    gl_autobuf struct gl_buf text = {0};
    int failed = gl_read_file(path, 0, &text, err);
    if (failed < 0)
        return failed;
    gl_buf_puts(&text, "\ninclude_if_exists = 'golive.conf'\n");
    return gl_local_write_owned(local, path, gl_buf_text(&text), 0600, err);
}

static int make_cluster(const struct gl_local *local, const struct gl_pg_programs *programs,
                        const char *data_dir, struct gl_error *err)
{
    gl_autoscratch struct gl_scratch scratch = {.lock_fd = -1};
    uint64_t available = gl_disk_free_bytes(local->root);
    if (available && available < NEEDED_BYTES) {
        gl_autofree char *have = gl_format_bytes(available);
        gl_fail(err, GL_E_IO, _("%s has only %s free: too little for a database"), local->root,
                have);
        return gl_error_hint(err, _("Free at least 256 MB there, then run the command again."));
    }
    int failed = gl_scratch_make(local, local->root, "pg.new", NULL, &scratch, err);
    if (failed < 0)
        return failed;
    gl_autofree char *made = gl_path_join(scratch.path, "data");
    failed = gl_local_make_dir(local, made, err);
    if (failed == 0)
        failed = gl_pg_initdb(local, programs, made, false, err);
    if (failed == 0)
        failed = include_ours(local, made, err);
    if (failed < 0)
        return gl_error_wrap(err, _("cannot make the database cluster"));
    if (rename(made, data_dir) < 0)
        return gl_fail_errno(err, errno, _("cannot put %s in place"), data_dir);
    return 0;
}

static int read_major(const char *data_dir, int *ret_major, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(data_dir, "PG_VERSION");
    gl_autobuf struct gl_buf text = {0};
    long major =
        gl_read_file(path, 64, &text, NULL) == 0 ? strtol(gl_buf_text(&text), NULL, 10) : 0;
    if (major <= 0 || major > 999) {
        gl_fail(err, GL_E_CORRUPT,
                _("%s is not a PostgreSQL data directory: PG_VERSION is missing "
                  "or unreadable"),
                data_dir);
        return gl_error_hint(err, _("Move it away; golive makes a new one. Its data can come back "
                                    "from backups/."));
    }
    *ret_major = (int)major;
    return 0;
}

int gl_pg_cluster_programs(const struct gl_local *local, struct gl_pg_programs *ret_programs,
                           struct gl_error *err)
{
    gl_autofree char *data_dir = gl_local_path(local, "pg");
    int major = 0;
    int failed = read_major(data_dir, &major, err);
    if (failed < 0)
        return failed;
    failed = gl_pg_find(NULL, major, ret_programs, err);
    return failed < 0 ? gl_error_wrap(err, _("%s was made by PostgreSQL %d"), data_dir, major) : 0;
}

int gl_pg_cluster_ensure(const struct gl_local *local, struct gl_pg_programs *ret_programs,
                         struct gl_error *err)
{
    gl_autofree char *data_dir = gl_local_path(local, "pg");
    gl_autopgprograms struct gl_pg_programs newest = {0};
    if (gl_path_exists(data_dir))
        return gl_pg_cluster_programs(local, ret_programs, err);
    int failed = gl_pg_find(NULL, 0, &newest, err);
    if (failed == 0)
        failed = make_cluster(local, &newest, data_dir, err);
    return failed < 0 ? failed : gl_pg_cluster_programs(local, ret_programs, err);
}

/* True if the process has its working directory there, as every PostgreSQL process of it has. */
static bool works_in(pid_t pid, const struct stat *dir)
{
    gl_autofree char *link = gl_asprintf("/proc/%d/cwd", (int)pid);
    struct stat st;
    return stat(link, &st) == 0 && st.st_dev == dir->st_dev && st.st_ino == dir->st_ino;
}

/* The named executable, whatever was done to argv[0]. */
bool gl_pg_is_process(pid_t pid)
{
    gl_autofree char *link = gl_asprintf("/proc/%d/exe", (int)pid);
    char target[PATH_MAX];
    ssize_t len = readlink(link, target, sizeof target - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    /* " (deleted)" is what the kernel appends after an upgrade replaced the file. */
    return gl_starts_with(gl_path_base(target), "postgres");
}

/* One PostgreSQL process that works in the directory, 0 if there is none. */
static pid_t find_process(const struct stat *dir)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; proc && !found && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && works_in(pid, dir) && gl_pg_is_process(pid))
            found = pid;
    }
    if (proc)
        closedir(proc);
    return found;
}

static pid_t read_pid(const char *pid_path)
{
    gl_autobuf struct gl_buf text = {0};
    if (gl_read_file(pid_path, 65536, &text, NULL) < 0)
        return 0;
    long pid = strtol(gl_buf_text(&text), NULL, 10);
    return pid > 1 && pid < INT_MAX ? (pid_t)pid : 0;
}

/* The fourth line of postmaster.pid; 0 unless that server lives.
 * https://www.postgresql.org/docs/15/storage-file-layout.html */
static uint16_t running_port(const char *data_dir)
{
    gl_autofree char *pid_path = gl_path_join(data_dir, "postmaster.pid");
    gl_autobuf struct gl_buf text = {0};
    gl_autostrv struct gl_strv lines = {0};
    struct stat dir;
    if (stat(data_dir, &dir) < 0 || gl_read_file(pid_path, 65536, &text, NULL) < 0)
        return 0;
    gl_strv_split(&lines, gl_buf_text(&text), "\n");
    pid_t pid = read_pid(pid_path);
    if (lines.count < 4 || !pid || !works_in(pid, &dir) || !gl_pg_is_process(pid))
        return 0;
    return (uint16_t)strtoul(lines.items[3], NULL, 10);
}

int gl_pg_check_port(const struct gl_local *local, struct gl_error *err)
{
    gl_autofree char *data_dir = gl_local_path(local, "pg");
    uint16_t port = running_port(data_dir);
    if (!port || port == local->ports[GL_PORT_POSTGRES])
        return 0;
    gl_fail(err, GL_E_REFUSED,
            _("PostgreSQL runs on port %u; golive.yaml (local.postgres_port) says %u"), port,
            local->ports[GL_PORT_POSTGRES]);
    return gl_error_hint(err, _("Everything that uses the database must stop for that: golive "
                                "local down, then golive local up. Or set the port back."));
}

/* Children of a killed postmaster end by themselves; a live one is asked to (fast shutdown).
 * No PostgreSQL is ever killed hard, here or with orphans: that is for a person to decide. */
static int wait_until_free(const char *data_dir, const struct stat *dir, pid_t postmaster,
                           struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + STOP_MS;
    if (postmaster && works_in(postmaster, dir) && gl_pg_is_process(postmaster))
        (void)kill(postmaster, SIGINT);
    for (pid_t pid; (pid = find_process(dir)) != 0;) {
        if (gl_mono_ms() >= deadline) {
            gl_fail(err, GL_E_BUSY, _("%s is still in use by a PostgreSQL process (pid %d)"),
                    data_dir, (int)pid);
            return gl_error_hint(err, _("It did not stop within 30 s. End it with: kill -QUIT %d"),
                                 (int)pid);
        }
        int stop = gl_interrupt_check(err);
        if (stop < 0)
            return stop;
        gl_sleep_ms(POLL_MS);
    }
    return 0;
}

int gl_pg_cluster_release(const char *data_dir, struct gl_error *err)
{
    gl_autofree char *pid_path = gl_path_join(data_dir, "postmaster.pid");
    struct stat dir;
    if (stat(data_dir, &dir) < 0)
        return errno == ENOENT ? 0 : gl_fail_errno(err, errno, _("cannot read %s"), data_dir);
    int failed = wait_until_free(data_dir, &dir, read_pid(pid_path), err);
    if (failed < 0)
        return failed;
    /* Nobody works there: whoever has that number now is a stranger, and postgres, which looks only
     * whether the process exists, would refuse to start. */
    if (unlink(pid_path) < 0 && errno != ENOENT)
        return gl_fail_errno(err, errno, _("cannot remove %s"), pid_path);
    return 0;
}
