/* Connections that cannot be made: each failure says what it is and what to do. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fixture.h"
#include "proc/proc.h"

static void expect_refusal(const char *conninfo, int code, const char *message, const char *hint)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    const struct gl_migrations list = {0};
    int result = gl_migrate_status(conninfo, &list, &status, &err);
    if (result != code)
        fail_msg("%d: %s", result, err.message ? err.message : "connected");
    expect_says(err.message, message);
    expect_says(err.hint, hint);
    assert_null(strstr(err.message, "geheim"));
}

static int make_role(void **state)
{
    gl_autoerr struct gl_error err = {0};
    server_up(state);
    ok(gl_pgtest_sql(&server, "postgres", "create role app login password 'geheimnis1'", &err),
       &err);
    return 0;
}

static void wrong_password(void **state)
{
    (void)state;
    gl_autofree char *url = gl_pgtest_url(&server, "app", "geheimnis2", "postgres");
    expect_refusal(url, GL_E_DATABASE, "28P01", "password");
}

static void right_password_by_url(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = gl_pgtest_url(&server, "app", "geheimnis1", "postgres");
    gl_automigratestatus struct gl_migrate_status status = {0};
    const struct gl_migrations list = {0};
    ok(gl_migrate_status(url, &list, &status, &err), &err);
    assert_true(status.fresh);
    gl_autofree char *shown = gl_redact("password geheimnis1!");
    assert_string_equal(shown, "password ***!");
}

static void no_such_database(void **state)
{
    (void)state;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "nowhere");
    expect_refusal(conninfo, GL_E_DATABASE, "3D000", "createdb");
}

static void no_such_role(void **state)
{
    (void)state;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "nobody_here", "postgres");
    expect_refusal(conninfo, GL_E_DATABASE, "28000", "pg_hba.conf");
}

/* A port that was free a moment ago; nothing listens. */
static void nobody_listens(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    gl_autofree char *url =
        gl_asprintf("postgresql://a:geheim3@127.0.0.1:%d/x", ntohs(address.sin_port));
    expect_refusal(url, GL_E_NET, "cannot be reached", "No PostgreSQL listens");
}

/* A listener that never answers, as behind a silent firewall. */
static void nobody_answers(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    gl_autofree char *url =
        gl_asprintf("postgresql://a@127.0.0.1:%d/x?connect_timeout=1", ntohs(address.sin_port));
    expect_refusal(url, GL_E_TIMEOUT, "does not answer", "firewall");
}

static void tls_that_the_server_lacks(void **state)
{
    (void)state;
    gl_autofree char *url = gl_pgtest_url(&server, "app", "geheimnis1", "postgres?sslmode=require");
    expect_refusal(url, GL_E_NET, "SSL", "sslmode");
}

/* A certificate that nobody knows; readable for the server only. */
static void switch_tls_on(void)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *key = gl_path_join(server.dir, "data/server.key");
    gl_autofree char *cert = gl_path_join(server.dir, "data/server.crt");
    gl_autofree char *data = gl_path_join(server.dir, "data");
    const char *const argv[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-subj",
                                "/CN=127.0.0.1",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                "-keyout",
                                key,
                                "-out",
                                cert,
                                NULL};
    const struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 60000};
    struct stat owner;
    ok(gl_proc_check(&spec, NULL, &err), &err);
    assert_int_equal(stat(data, &owner), 0);
    assert_int_equal(chown(key, owner.st_uid, owner.st_gid), 0);
    assert_int_equal(chmod(key, 0600), 0);
    assert_int_equal(chmod(cert, 0644), 0);
    ok(gl_pgtest_sql(&server, "postgres", "alter system set ssl = on", &err), &err);
    ok(gl_pgtest_sql(&server, "postgres", "select pg_reload_conf()", &err), &err);
    for (int64_t end = gl_mono_ms() + 10000; gl_mono_ms() < end; gl_sleep_ms(20)) {
        gl_autofree char *on = gl_pgtest_value(&server, "postgres", "show ssl", &err);
        if (on && strcmp(on, "on") == 0)
            return;
    }
    fail_msg("TLS was not switched on");
}

static void tls_with_its_authority_missing_or_unknown(void **state)
{
    (void)state;
    switch_tls_on();
    gl_autofree char *missing = gl_pgtest_url(
        &server, "app", "geheimnis1", "postgres?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
    expect_refusal(missing, GL_E_NET, "/nowhere/ca.pem", "TLS");
    gl_autofree char *root = gl_asprintf(
        "host=127.0.0.1 port=%d user=app password=geheimnis1 dbname=postgres sslmode=verify-full "
        "sslrootcert='%s/data/server.crt'",
        server.port, server.dir);
    gl_autoerr struct gl_error err = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    const struct gl_migrations list = {0};
    ok(gl_migrate_status(root, &list, &status, &err), &err);
    gl_autofree char *other = gl_path_join(server.dir, "other.crt");
    gl_autofree char *other_key = gl_path_join(server.dir, "other.key");
    const char *const argv[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-subj",
                                "/CN=other",
                                "-keyout",
                                other_key,
                                "-out",
                                other,
                                NULL};
    const struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 60000};
    ok(gl_proc_check(&spec, NULL, &err), &err);
    gl_autofree char *wrong = gl_asprintf(
        "host=127.0.0.1 port=%d user=app password=geheimnis1 dbname=postgres sslmode=verify-full "
        "sslrootcert='%s'",
        server.port, other);
    expect_refusal(wrong, GL_E_NET, "certificate verify failed", "TLS failed");
}

static void unreadable_strings_are_not_shown(void **state)
{
    (void)state;
    expect_refusal("postgresql://a:geheim4@[::1/x", GL_E_CONFIG, "cannot be read", "%2F");
    expect_refusal("host=a geheim4", GL_E_CONFIG, "cannot be read", "postgresql://");
    expect_refusal("postgresql://a:geheim4@h/x?pool=2", GL_E_CONFIG, "\"pool\"", "Leave it out");
}

static void missing_rights_are_explained(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "app", world->database);
    put(world, "1_a.sql", "create table a ();");
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    assert_int_equal(gl_migrate_run(conninfo, &list, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "42501");
    expect_says(err.hint, "CREATE on schema public");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_password),
        cmocka_unit_test(right_password_by_url),
        cmocka_unit_test(no_such_database),
        cmocka_unit_test(no_such_role),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(tls_that_the_server_lacks),
        cmocka_unit_test(tls_with_its_authority_missing_or_unknown),
        cmocka_unit_test(unreadable_strings_are_not_shown),
        CASE(missing_rights_are_explained),
    };
    return cmocka_run_group_tests(tests, make_role, server_down);
}
