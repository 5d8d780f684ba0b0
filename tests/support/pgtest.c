/* A private PostgreSQL server for tests. */
#include "support/pgtest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "proc/proc.h"

#define START_LIMIT_MS 30000
#define STOP_GRACE_MS  10000
#define START_ATTEMPTS 5

/* ---- where and as whom ---- */

static int compare_versions(const char *a, const char *b)
{
    return strverscmp(a, b);
}

/* The newest /usr/lib/postgresql/N/bin, or "" to look in PATH. */
static char *find_programs(void)
{
    glob_t found = {0};
    char *newest = gl_strdup("");
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (compare_versions(found.gl_pathv[i], newest) > 0) {
                free(newest);
                newest = gl_strdup(found.gl_pathv[i]);
            }
        }
    }
    globfree(&found);
    return newest;
}

static char *program_path(const struct gl_pgtest *server, const char *name)
{
    return *server->programs ? gl_path_join(server->programs, name) : gl_strdup(name);
}

/* PostgreSQL refuses to run as root. */
static int choose_user(struct gl_proc_spec *spec, struct gl_error *err)
{
    if (geteuid() != 0)
        return 0;
    const struct passwd *user = getpwnam("postgres");
    if (!user)
        return gl_fail(err, GL_E_NOT_FOUND, "there is no user postgres to run PostgreSQL as");
    spec->drop_privileges = true;
    spec->uid = user->pw_uid;
    spec->gid = user->pw_gid;
    return 0;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return ntohs(address.sin_port);
}

/* ---- the cluster ---- */

static int make_dir(struct gl_pgtest *server, const struct gl_proc_spec *spec, struct gl_error *err)
{
    char path[] = "/tmp/golive pg \xe8\xa9\xa6\xe9\xa8\x93 XXXXXX";
    if (!mkdtemp(path))
        return gl_fail_errno(err, errno, "mkdtemp");
    server->dir = gl_strdup(path);
    if (spec->drop_privileges && chown(path, spec->uid, spec->gid) < 0)
        return gl_fail_errno(err, errno, "chown %s", path);
    return 0;
}

static int init_cluster(const struct gl_pgtest *server, struct gl_proc_spec spec,
                        struct gl_error *err)
{
    gl_autofree char *initdb = program_path(server, "initdb");
    gl_autofree char *data = gl_path_join(server->dir, "data");
    const char *const argv[] = {initdb,      "-D",    data, "-U",   "postgres",
                                "-A",        "trust", "-E", "UTF8", "--locale=C.UTF-8",
                                "--no-sync", NULL};
    spec.argv = argv;
    spec.cwd = server->dir;
    spec.timeout_ms = START_LIMIT_MS;
    return gl_proc_check(&spec, NULL, err);
}

static int write_conf(const struct gl_pgtest *server, const char *settings, struct gl_error *err)
{
    gl_autofree char *conf = gl_path_join(server->dir, "data/postgresql.conf");
    gl_autofree char *hba = gl_path_join(server->dir, "data/pg_hba.conf");
    gl_autofree char *text = gl_asprintf("listen_addresses = '127.0.0.1'\n"
                                         "unix_socket_directories = '%s'\n"
                                         "max_connections = 50\n"
                                         "shared_buffers = '32MB'\n"
                                         "fsync = off\n"
                                         "autovacuum = off\n"
                                         "log_line_prefix = '%%m [%%p] %%a '\n"
                                         "lc_messages = 'C'\n"
                                         "%s",
                                         server->dir, settings);
    int failed = gl_write_text(conf, text, 0644, err);
    if (failed == 0)
        failed = gl_write_text(hba,
                               "local all,replication all trust\n"
                               "host all all 127.0.0.1/32 scram-sha-256\n",
                               0644, err);
    return failed;
}

static int start_postmaster(struct gl_pgtest *server, struct gl_proc_spec spec,
                            struct gl_error *err)
{
    gl_autofree char *postgres = program_path(server, "postgres");
    gl_autofree char *data = gl_path_join(server->dir, "data");
    gl_autofree char *port = gl_asprintf("%d", server->port);
    gl_autofree char *log = gl_path_join(server->dir, "log");
    const char *const argv[] = {postgres, "-D", data, "-p", port, NULL};
    spec.argv = argv;
    spec.cwd = server->dir;
    spec.log_path = log;
    return gl_proc_start(&spec, &server->pid, err);
}

static int wait_ready(struct gl_pgtest *server, struct gl_error *err)
{
    gl_autofree char *conninfo = gl_pgtest_conninfo(server, NULL, "postgres");
    int64_t deadline = gl_mono_ms() + START_LIMIT_MS;
    while (gl_mono_ms() < deadline) {
        if (PQping(conninfo) == PQPING_OK)
            return 0;
        int status = 0;
        if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
            server->pid = 0;
            break;
        }
        gl_sleep_ms(20);
    }
    gl_autofree char *path = gl_path_join(server->dir, "log");
    gl_autobuf struct gl_buf log = {0};
    if (gl_read_file(path, 0, &log, NULL) < 0)
        gl_buf_puts(&log, "no log");
    return gl_fail(err, GL_E_PROCESS, "PostgreSQL did not start: %s", gl_buf_text(&log));
}

/* ---- the guard ---- */

static _Noreturn void guard(const struct gl_pgtest *server, int fd)
{
    char byte = 0;
    prctl(PR_SET_NAME, "pgtest-guard");
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    if (read(fd, &byte, 1) == 0) {
        kill(server->pid, SIGQUIT);
        while (kill(server->pid, 0) == 0)
            gl_sleep_ms(20);
        (void)!gl_remove_tree(server->dir, NULL);
    }
    _exit(0);
}

static int start_guard(struct gl_pgtest *server, struct gl_error *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return gl_fail_errno(err, errno, "pipe");
    server->guard = fork();
    if (server->guard == 0) {
        close(fds[1]);
        /* Whoever reads the test's output must not wait for the guard. */
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        guard(server, fds[0]);
    }
    close(fds[0]);
    server->guard_fd = fds[1];
    return server->guard < 0 ? gl_fail_errno(err, errno, "fork") : 0;
}

static void dismiss_guard(struct gl_pgtest *server)
{
    if (server->guard <= 0)
        return;
    (void)gl_write_all(server->guard_fd, "x", 1);
    close(server->guard_fd);
    waitpid(server->guard, NULL, 0);
    server->guard = 0;
}

/* ---- public ---- */

/* A directory of its own and the user to run as. */
static int prepare(struct gl_pgtest *server, struct gl_proc_spec *spec, struct gl_error *err)
{
    *server = (struct gl_pgtest){.programs = find_programs(), .guard_fd = -1};
    int failed = choose_user(spec, err);
    return failed < 0 ? failed : make_dir(server, spec, err);
}

/* Another program may take the free port first. */
static int start_somewhere(struct gl_pgtest *server, struct gl_proc_spec spec, struct gl_error *err)
{
    int failed = 0;
    for (int attempt = 0; failed == 0 && attempt < START_ATTEMPTS; attempt++) {
        server->port = free_port();
        failed = start_postmaster(server, spec, err);
        if (failed == 0 && wait_ready(server, err) == 0)
            return start_guard(server, err);
    }
    return failed < 0 ? failed : GL_E_PROCESS;
}

/* Hands over what was started, or takes it down again. */
static int finish(struct gl_pgtest *server, int failed, struct gl_pgtest *ret_server)
{
    if (failed < 0)
        gl_pgtest_stop(server);
    else
        *ret_server = *server;
    return failed;
}

int gl_pgtest_start_with(const char *settings, struct gl_pgtest *ret_server, struct gl_error *err)
{
    struct gl_pgtest server;
    struct gl_proc_spec spec = {0};
    int failed = prepare(&server, &spec, err);
    if (failed == 0)
        failed = init_cluster(&server, spec, err);
    if (failed == 0)
        failed = write_conf(&server, settings, err);
    if (failed == 0)
        failed = start_somewhere(&server, spec, err);
    return finish(&server, failed, ret_server);
}

int gl_pgtest_start(struct gl_pgtest *ret_server, struct gl_error *err)
{
    return gl_pgtest_start_with("", ret_server, err);
}

static int copy_cluster(const struct gl_pgtest *primary, const struct gl_pgtest *server,
                        struct gl_proc_spec spec, struct gl_error *err)
{
    gl_autofree char *program = program_path(server, "pg_basebackup");
    gl_autofree char *data = gl_path_join(server->dir, "data");
    gl_autofree char *conf = gl_path_join(data, "postgresql.auto.conf");
    gl_autofree char *from = gl_asprintf("host='%s' port=%d user=postgres application_name=standby",
                                         primary->dir, primary->port);
    const char *const argv[] = {program,     "-D", data, "-d", from, "-R", "--checkpoint=fast",
                                "--no-sync", NULL};
    gl_autobuf struct gl_buf text = {0};
    spec.argv = argv;
    spec.cwd = server->dir;
    spec.timeout_ms = START_LIMIT_MS;
    int failed = gl_proc_check(&spec, NULL, err);
    if (failed == 0)
        failed = gl_read_file(conf, 0, &text, err);
    gl_buf_printf(&text,
                  "unix_socket_directories = '%s'\n"
                  "wal_receiver_status_interval = 1s\n", /* how far it is, the primary hears so */
                  server->dir);
    return failed < 0 ? failed : gl_write_text(conf, gl_buf_text(&text), 0644, err);
}

int gl_pgtest_start_standby(const struct gl_pgtest *primary, struct gl_pgtest *ret_server,
                            struct gl_error *err)
{
    struct gl_pgtest server;
    struct gl_proc_spec spec = {0};
    int failed = prepare(&server, &spec, err);
    if (failed == 0)
        failed = copy_cluster(primary, &server, spec, err);
    if (failed == 0)
        failed = start_somewhere(&server, spec, err);
    return finish(&server, failed, ret_server);
}

void gl_pgtest_stop(struct gl_pgtest *server)
{
    dismiss_guard(server);
    if (server->pid > 0) {
        kill(server->pid, SIGINT); /* fast shutdown: does not wait for sessions */
        gl_proc_stop(server->pid, STOP_GRACE_MS);
    }
    if (server->dir)
        (void)!gl_remove_tree(server->dir, NULL);
    free(server->dir);
    free(server->programs);
    *server = (struct gl_pgtest){.guard_fd = -1};
}

char *gl_pgtest_conninfo(const struct gl_pgtest *server, const char *user, const char *database)
{
    return gl_asprintf("host='%s' port=%d user=%s dbname=%s", server->dir, server->port,
                       user ? user : "postgres", database);
}

char *gl_pgtest_url(const struct gl_pgtest *server, const char *user, const char *password,
                    const char *database)
{
    return gl_asprintf("postgresql://%s:%s@127.0.0.1:%d/%s", user, password, server->port,
                       database);
}

static PGresult *run(const struct gl_pgtest *server, const char *database, const char *sql,
                     struct gl_error *err)
{
    gl_autofree char *conninfo = gl_pgtest_conninfo(server, NULL, database);
    PGconn *conn = PQconnectdb(conninfo);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        gl_fail(err, GL_E_DATABASE, "%s: %s", sql, PQerrorMessage(conn));
        PQclear(result);
        result = NULL;
    }
    PQfinish(conn);
    return result;
}

int gl_pgtest_sql(const struct gl_pgtest *server, const char *database, const char *sql,
                  struct gl_error *err)
{
    PGresult *result = run(server, database, sql, err);
    if (!result)
        return GL_E_DATABASE;
    PQclear(result);
    return 0;
}

char *gl_pgtest_value(const struct gl_pgtest *server, const char *database, const char *sql,
                      struct gl_error *err)
{
    PGresult *result = run(server, database, sql, err);
    if (!result)
        return NULL;
    char *value = gl_strdup(PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}
