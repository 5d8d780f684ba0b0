/* The supervised database service: from nothing, again, after kills, in the way of others. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "config/config.h"
#include "pg_fixture.h"
#include "platform/local/files.h"

static struct gl_local local;

static int make(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    fixture_make(&local);
    local.ports[GL_PORT_POSTGRES] = free_port();
    ok(gl_s6_tree_up(&local, &err), &err);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *data = gl_local_path(&local, "pg");
    ok(gl_s6_tree_down(&local, &err), &err);
    ok(gl_pg_cluster_release(data, &err), &err);
    fixture_remove(&local);
    return 0;
}

static void up(void)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_service_up(&local, &small_settings, &err), &err);
}

static struct gl_service_state state_now(void)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_service_state state = {0};
    ok(gl_s6_state(&local, GL_PG_SERVICE, &state, &err), &err);
    return state;
}

static void from_nothing_to_a_working_database(void **unused)
{
    (void)unused;
    int64_t begun = gl_mono_ms();
    up();
    print_message("# up from nothing in %lld ms\n", (long long)(gl_mono_ms() - begun));
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
    struct gl_service_state state = state_now();
    assert_true(state.up);
    assert_int_equal(state.deaths, 0);
}

static void again_only_verifies(void **unused)
{
    (void)unused;
    pid_t pid = state_now().pid;
    int64_t begun = gl_mono_ms();
    up();
    print_message("# up when running in %lld ms\n", (long long)(gl_mono_ms() - begun));
    assert_int_equal(state_now().pid, pid);
}

/* Whoever told it to end was killed; by a signal that it survives, so it runs on until the next. */
static void a_server_that_was_told_to_end_is_started_again(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_local_path(&local, "s6/" GL_PG_SERVICE);
    gl_autofree char *down_signal = gl_path_join(dir, "down-signal");
    const char *argv[] = {"s6-svc", "-d", dir, NULL};
    const struct gl_proc_spec spec = {.argv = argv};
    pid_t pid = state_now().pid;
    ok(gl_write_text(down_signal, "SIGCONT\n", 0644, &err), &err);
    ok(gl_proc_check(&spec, NULL, &err), &err);
    for (int64_t end = gl_mono_ms() + 10000; !state_now().ending && gl_mono_ms() < end;)
        gl_sleep_ms(10);
    assert_true(state_now().ending);
    ok(gl_write_text(down_signal, "SIGINT\n", 0644, &err), &err);
    up();
    assert_false(state_now().ending);
    assert_true(state_now().pid > 0 && state_now().pid != pid);
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
}

/* A pooled session that stays open must not hold up a stop (fast, not smart shutdown). */
static void a_stop_does_not_wait_for_sessions(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autopgconn PGconn *session = login_as(&local, GL_ROLE_APP);
    ok(gl_pg_run(session, "begin; select 1", NULL, &err), &err);
    int64_t begun = gl_mono_ms();
    ok(gl_s6_stop(&local, GL_PG_SERVICE, 20000, &err), &err);
    int64_t elapsed = gl_mono_ms() - begun;
    print_message("# stopped in %lld ms\n", (long long)elapsed);
    assert_in_range(elapsed, 0, 10000);
    /* Clean: the next start has nothing to recover. */
    up();
    gl_autofree char *log = NULL;
    ok(gl_s6_log_tail(&local, GL_PG_SERVICE, 40, &log, &err), &err);
    assert_non_null(strstr(log, "received fast shutdown request"));
    assert_null(strstr(log, "not properly shut down"));
}

static void a_killed_server_comes_back(void **unused)
{
    (void)unused;
    sql_in(&local, "sample", "create table public.kept as select 42 as v");
    pid_t pid = state_now().pid;
    assert_int_equal(kill(pid, SIGKILL), 0);
    up();
    sql_in(&local, "sample", "select v from public.kept");
    assert_int_not_equal(state_now().pid, pid);
    sql_in(&local, "sample", "drop table public.kept");
}

static pid_t parent_of(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/status", (int)pid);
    gl_autobuf struct gl_buf status = {0};
    gl_autoerr struct gl_error err = {0};
    ok(gl_read_file(path, 0, &status, &err), &err);
    const char *line = strstr(gl_buf_text(&status), "\nPPid:");
    assert_non_null(line);
    return (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10);
}

/* A process that has ended but was not yet waited for has no memory. */
static bool is_alive(pid_t pid)
{
    return gl_proc_rss_bytes(pid) > 0;
}

static void await_end(pid_t pid)
{
    int64_t deadline = gl_mono_ms() + 10000;
    while (is_alive(pid)) {
        assert_true(gl_mono_ms() < deadline);
        gl_sleep_ms(5);
    }
}

static void a_server_without_its_supervisor_is_taken_over(void **unused)
{
    (void)unused;
    pid_t orphan = state_now().pid;
    pid_t supervisor = parent_of(orphan);
    assert_true(supervisor > 1);
    sql_in(&local, "sample", "create table public.kept as select 42 as v");
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    await_end(supervisor);
    up();
    assert_int_not_equal(state_now().pid, orphan);
    assert_false(is_alive(orphan));
    sql_in(&local, "sample", "select v from public.kept; drop table public.kept");
}

static void new_settings_reach_a_running_server(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_pg_settings other = small_settings;
    pid_t pid = state_now().pid;
    other.slow_ms = 123;
    ok(gl_pg_service_up(&local, &other, &err), &err);
    assert_int_equal(state_now().pid, pid);
    gl_autopgconn PGconn *conn = login_as(&local, GL_ROLE_APP);
    gl_autopgresult PGresult *result = NULL;
    ok(gl_pg_run(conn, "show log_min_duration_statement", &result, &err), &err);
    assert_string_equal(PQgetvalue(result, 0, 0), "123ms");
    up();
}

/* gl_local_postgres_up() itself, with a file as a user writes it. */
static void the_configuration_file_sets_the_server(void **unused)
{
    static const char text[] = "golive: 1\napp: {name: sample}\n"
                               "local: {postgres_memory_mb: 48}\n"
                               "database: {log_min_duration_ms: 321, pool_max: 60}\n";
    static const char *const rows[][2] = {
        {"shared_buffers",             "48MB" },
        {"log_min_duration_statement", "321ms"},
        {"max_connections",            "140"  },
    };

    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(&local, "golive.yaml");
    gl_autoconfig struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    ok(gl_write_text(path, text, 0644, &err), &err);
    const struct gl_config_request request = {.path = path, .env = "local"};
    ok(gl_config_load(&request, &config, &diagnostics, &err), &err);
    ok(gl_s6_stop(&local, GL_PG_SERVICE, 20000, &err), &err);
    local.base.config = config;
    int failed = gl_local_postgres_up(&local, &err);
    local.base.config = NULL;
    ok(failed, &err);
    gl_autopgconn PGconn *conn = login_as(&local, GL_ROLE_APP);
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autopgresult PGresult *result = NULL;
        gl_autofree char *sql = gl_asprintf("show %s", rows[i][0]);
        ok(gl_pg_run(conn, sql, &result, &err), &err);
        assert_string_equal(PQgetvalue(result, 0, 0), rows[i][1]);
    }
}

static void a_renewed_certificate_reaches_a_running_server(void **unused)
{
    (void)unused;
    gl_autofree char *ca = gl_local_path(&local, "ca/ca.pem");
    gl_autofree char *key = gl_local_path(&local, "ca/ca.key");
    pid_t pid = state_now().pid;
    assert_int_equal(unlink(ca), 0);
    assert_int_equal(unlink(key), 0);
    up(); /* verifies by logging in with the new authority */
    assert_int_equal(state_now().pid, pid);
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void a_port_in_use_names_its_holder(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    ok(gl_s6_stop(&local, GL_PG_SERVICE, 20000, &err), &err);
    gl_autoclose int fd = listen_on(local.ports[GL_PORT_POSTGRES]);
    gl_autofree char *pid = gl_asprintf("(pid %d)", (int)getpid());
    assert_int_equal(gl_pg_service_up(&local, &small_settings, &err), GL_E_BUSY);
    assert_non_null(strstr(err.message, pid));
    close(gl_steal_fd(&fd));
    up();
}

static void a_server_that_cannot_start_says_why(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(&local, "pg/postgresql.auto.conf");
    ok(gl_s6_stop(&local, GL_PG_SERVICE, 20000, &err), &err);
    ok(gl_local_write_owned(&local, path, "no_such_setting = 1\n", 0600, &err), &err);
    assert_int_equal(gl_pg_service_up(&local, &small_settings, &err), GL_E_UNHEALTHY);
    assert_non_null(strstr(err.message, "no_such_setting"));
    assert_int_equal(state_now().pid, 0); /* it does not go on dying in the background */
    ok(gl_local_write_owned(&local, path, "", 0600, &err), &err);
    up();
}

static void another_port_for_a_running_server_is_refused(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    uint16_t port = local.ports[GL_PORT_POSTGRES];
    ok(gl_pg_check_port(&local, &err), &err);
    local.ports[GL_PORT_POSTGRES] = free_port();
    int refused = gl_pg_check_port(&local, &err);
    local.ports[GL_PORT_POSTGRES] = port;
    assert_int_equal(refused, GL_E_REFUSED);
    gl_autofree char *runs_on = gl_asprintf("port %u", port);
    assert_non_null(strstr(err.message, runs_on));
    assert_non_null(strstr(err.hint, "golive local down"));
}

static pid_t supervisor_of(pid_t pid)
{
    gl_autofree char *path = gl_asprintf("/proc/%d/status", (int)pid);
    gl_autobuf struct gl_buf status = {0};
    assert_int_equal(gl_read_file(path, 0, &status, NULL), 0);
    const char *line = strstr(gl_buf_text(&status), "\nPPid:");
    assert_non_null(line);
    return (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10);
}

/* A server that lost its supervisor gets its time even when a session is open; nobody kills it. */
static void an_orphaned_server_is_shut_down_cleanly(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *log = NULL;
    pid_t pid = state_now().pid;
    gl_autopgconn PGconn *session = login_as(&local, GL_ROLE_APP);
    assert_int_equal(kill(supervisor_of(pid), SIGKILL), 0);
    ok(gl_s6_tree_down(&local, &err), &err);
    assert_false(gl_proc_is_alive(pid, 0)); /* nobody may have reaped it */
    ok(gl_s6_tree_up(&local, &err), &err);
    up();
    ok(gl_s6_log_tail(&local, GL_PG_SERVICE, 60, &log, &err), &err);
    const char *last = NULL; /* earlier tests killed the server, which is in the log too */
    for (const char *at = log; (at = strstr(at, "received fast shutdown request")); at++)
        last = at;
    assert_non_null(last);
    assert_non_null(strstr(last, "database system was shut down at"));
    assert_null(strstr(last, "was not properly shut down"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_nothing_to_a_working_database),
        cmocka_unit_test(again_only_verifies),
        cmocka_unit_test(a_server_that_was_told_to_end_is_started_again),
        cmocka_unit_test(a_stop_does_not_wait_for_sessions),
        cmocka_unit_test(a_killed_server_comes_back),
        cmocka_unit_test(a_server_without_its_supervisor_is_taken_over),
        cmocka_unit_test(new_settings_reach_a_running_server),
        cmocka_unit_test(the_configuration_file_sets_the_server),
        cmocka_unit_test(a_renewed_certificate_reaches_a_running_server),
        cmocka_unit_test(another_port_for_a_running_server_is_refused),
        cmocka_unit_test(an_orphaned_server_is_shut_down_cleanly),
        cmocka_unit_test(a_port_in_use_names_its_holder),
        cmocka_unit_test(a_server_that_cannot_start_says_why),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
