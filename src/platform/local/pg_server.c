/* A server process: waiting for one, and running one of our own for a while. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "platform/local/pg.h"

enum {
    POLL_MS = 10,
    START_MS = 60000,
    STOP_MS = 60000,
    LOG_TAIL_BYTES = 2000,
};

/* True if the server takes connections; does not log in, so nothing is logged as refused. */
static bool answers(const struct gl_pg_place *place)
{
    gl_autofree char *port = gl_asprintf("%u", place->port);
    gl_autofree char *path = gl_asprintf("%s/.s.PGSQL.%s", place->socket_dir, port);
    if (!gl_path_exists(path))
        return false;
    const char *const keys[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {place->socket_dir, port, "postgres", GL_PG_SUPERUSER, "2", NULL};
    return PQpingParams(keys, values, 0) == PQPING_OK;
}

int gl_pg_wait(const struct gl_pg_place *place, int64_t timeout_ms, gl_pg_alive_fn *alive,
               void *context, struct gl_error *err)
{
    int64_t deadline = gl_mono_ms() + timeout_ms;
    while (!answers(place)) {
        int failed = alive ? alive(context, err) : 0;
        if (failed == 0)
            failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (gl_mono_ms() >= deadline)
            return gl_fail(err, GL_E_TIMEOUT, _("the database did not answer within %lld s"),
                           (long long)(timeout_ms / 1000));
        gl_sleep_ms(POLL_MS);
    }
    return 0;
}

struct watched {
    pid_t pid;
    const char *log_path;
};

static int is_running(void *context, struct gl_error *err)
{
    struct watched *watched = context;
    if (waitpid(watched->pid, NULL, WNOHANG) != watched->pid)
        return 0;
    watched->pid = 0;
    gl_autobuf struct gl_buf log = {0};
    (void)!gl_read_file(watched->log_path, 0, &log, NULL);
    size_t skip = log.len > LOG_TAIL_BYTES ? log.len - LOG_TAIL_BYTES : 0;
    return gl_fail(err, GL_E_PROCESS, _("the database server ended while starting:\n%s"),
                   gl_buf_text(&log) + skip);
}

static void add_setting(struct gl_strv *argv, const char *name, const char *value)
{
    gl_strv_add(argv, "-c");
    gl_strv_addf(argv, "%s=%s", name, value);
}

static void command_line(const struct gl_pg_launch *launch, struct gl_strv *argv)
{
    gl_autobuf struct gl_buf dir = {0};
    gl_autofree char *port = gl_asprintf("%u", launch->place.port);
    gl_pg_add_name(&dir, launch->place.socket_dir);
    gl_strv_take(argv, gl_path_join(launch->programs->bin, "postgres"));
    gl_strv_add(argv, "-D");
    gl_strv_add(argv, launch->data_dir);
    add_setting(argv, "unix_socket_directories", gl_buf_text(&dir));
    add_setting(argv, "port", port);
    for (const char *const *setting = launch->settings; setting && *setting; setting += 2)
        add_setting(argv, setting[0], setting[1]);
}

int gl_pg_server_start(const struct gl_local *local, const struct gl_pg_launch *launch,
                       pid_t *ret_pid, struct gl_error *err)
{
    static const char *const env[] = {"LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    gl_autostrv struct gl_strv argv = {0};
    command_line(launch, &argv);
    struct gl_proc_spec spec = gl_local_proc(local, (const char *const *)argv.items);
    spec.env = env;
    spec.cwd = "/";
    spec.log_path = launch->log_path;
    struct watched watched = {.log_path = launch->log_path};
    int failed = gl_proc_start(&spec, &watched.pid, err);
    if (failed == 0)
        failed = gl_pg_wait(&launch->place, START_MS, is_running, &watched, err);
    if (failed < 0) {
        gl_pg_server_stop(&watched.pid); /* 0 if it ended and was reaped */
        return failed;
    }
    *ret_pid = watched.pid;
    return 0;
}

void gl_pg_server_stop(pid_t *pid)
{
    if (*pid <= 0)
        return;
    int64_t deadline = gl_mono_ms() + STOP_MS;
    (void)kill(*pid, SIGINT);
    while (gl_mono_ms() < deadline) {
        pid_t ended = waitpid(*pid, NULL, WNOHANG);
        if (ended == *pid || (ended < 0 && errno == ECHILD)) {
            *pid = 0;
            return;
        }
        gl_sleep_ms(POLL_MS);
    }
    (void)gl_proc_stop(*pid, 0);
    *pid = 0;
}
