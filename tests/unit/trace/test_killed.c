/* A private server ends with golive, however that ended, and the next run removes what it left. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "platform/local/pg.h"
#include "platform/private_server.h"
#include "proc/proc.h"

enum { LIMIT_MS = 30000 };

/* A postmaster or a backend whose data directory lies below the private ones of this user. */
static bool works_below(pid_t pid, const char *parent)
{
    char target[4096];
    gl_autofree char *link = gl_asprintf("/proc/%d/cwd", (int)pid);
    ssize_t len = readlink(link, target, sizeof target - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    return gl_starts_with(target, parent) && gl_pg_is_process(pid);
}

static size_t servers_below(const char *parent)
{
    size_t count = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *entry; (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        count += pid > 0 && works_below(pid, parent);
    }
    closedir(proc);
    return count;
}

/* Of a child: starts a server, says where it is, runs a long statement in it. */
static _Noreturn void hold_server(int tell_fd)
{
    struct gl_private_server *server = NULL;
    if (gl_private_server_start(NULL, &server, NULL) < 0)
        _exit(1);
    gl_autofree char *conninfo = gl_private_server_conninfo(server, GL_PRIVATE_DATABASE);
    PGconn *conn = PQconnectdb(conninfo);
    gl_autofree char *query =
        gl_asprintf("select setting from pg_settings where name = 'data_directory'");
    PGresult *result = PQexec(conn, query);
    const char *dir = PQgetvalue(result, 0, 0);
    if (gl_write_all(tell_fd, dir, strlen(dir)) < 0)
        _exit(1);
    PQsendQuery(conn, "select count(*) from generate_series(1, 1000000000000)");
    PQflush(conn);
    close(tell_fd);
    for (;;)
        pause();
}

static void test_server_ends_with_golive(void **state)
{
    (void)state;
    int fds[2];
    char dir[4096] = "";
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        hold_server(fds[1]);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t count; (count = read(fds[0], dir + len, sizeof dir - 1 - len)) > 0;)
        len += (size_t)count;
    close(fds[0]);
    assert_true(len > 0);
    assert_true(servers_below(dir) > 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int64_t deadline = gl_mono_ms() + LIMIT_MS;
    while (servers_below(dir) > 0 && gl_mono_ms() < deadline)
        gl_sleep_ms(20);
    assert_int_equal(servers_below(dir), 0);

    /* Its files go with the next run. */
    assert_true(gl_is_dir(dir));
    gl_autoerr struct gl_error err = {0};
    gl_autoprivateserver struct gl_private_server *server = NULL;
    ok(gl_private_server_start(NULL, &server, &err), &err);
    assert_false(gl_path_exists(dir));
}

/* The first child of a process, 0 if it has none. */
static pid_t child_of(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "re");
    long child = 0;
    if (file) {
        char line[256] = "";
        child = fgets(line, sizeof line, file) ? strtol(line, NULL, 10) : 0;
        (void)fclose(file);
    }
    return (pid_t)child;
}

/* golive in the middle of a statement of a minute; what it says on standard error comes here. */
static pid_t start_golive(const char *dir, int *ret_said_fd)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        if (chdir(dir) < 0)
            _exit(1);
        execl(getenv("GOLIVE"), "golive", "migrate", "trace", "-v", (char *)NULL);
        _exit(1);
    }
    close(fds[1]);
    *ret_said_fd = fds[0];
    return pid;
}

static void wait_until_said(int fd, const char *word)
{
    gl_autobuf struct gl_buf said = {0};
    char chunk[512];
    while (!strstr(gl_buf_text(&said), word)) {
        ssize_t count = read(fd, chunk, sizeof chunk);
        if (count <= 0)
            fail_msg("golive ended: %s", gl_buf_text(&said));
        gl_buf_add(&said, chunk, (size_t)count);
    }
}

static void test_ctrl_c(void **state)
{
    struct world *world = *state;
    int said_fd = -1;
    int status = 0;
    char dir[4096] = "";
    put_file(world, "golive.yaml", "golive: 1\napp:\n  name: demo\nmigrations:\n  dir: .\n");
    put_file(world, "1_a.sql", "select pg_sleep(60);\n");
    pid_t golive = start_golive(world->dir, &said_fd);
    wait_until_said(said_fd, "info tracing");
    gl_autofree char *link = gl_asprintf("/proc/%d/cwd", (int)child_of(golive));
    assert_true(readlink(link, dir, sizeof dir - 1) > 0);
    assert_true(gl_is_dir(dir));
    assert_true(servers_below(dir) > 0);
    kill(golive, SIGINT);
    waitpid(golive, &status, 0);
    close(said_fd);
    assert_int_equal(WEXITSTATUS(status), gl_code_exit_status(GL_E_INTERRUPTED));
    assert_int_equal(servers_below(dir), 0);
    assert_false(gl_path_exists(dir));
}

static void test_ends_at_once(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    struct gl_private_server *server = NULL;
    ok(gl_private_server_start(NULL, &server, &err), &err);
    gl_autofree char *conninfo = gl_private_server_conninfo(server, GL_PRIVATE_DATABASE);
    gl_autopq PGconn *conn = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    gl_autopqresult PGresult *row = PQexec(conn, "show data_directory");
    gl_autofree char *dir = gl_strdup(PQgetvalue(row, 0, 0));
    gl_private_server_free(&server);
    assert_null(server);
    assert_int_equal(servers_below(dir), 0);
    assert_false(gl_path_exists(dir));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_ends_with_golive),
        cmocka_unit_test(test_ends_at_once),
        CASE(test_ctrl_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
