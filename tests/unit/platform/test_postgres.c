/* The cluster, its configuration, roles and URLs, with a real PostgreSQL. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "pg_fixture.h"
#include "platform/local/files.h"

static struct gl_local local;
static pid_t server;

static int make(void **state)
{
    (void)state;
    fixture_make(&local);
    local.ports[GL_PORT_POSTGRES] = free_port();
    server = pg_start(&local);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    gl_pg_server_stop(&server);
    fixture_remove(&local);
    return 0;
}

static const char *first_value(PGconn *conn, const char *sql, char *ret_text, size_t size)
{
    gl_autopgresult PGresult *result = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_run(conn, sql, &result, &err), &err);
    assert_int_equal(PQntuples(result), 1);
    (void)snprintf(ret_text, size, "%s", PQgetvalue(result, 0, 0));
    return ret_text;
}

static void refuses(PGconn *conn, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_pg_run(conn, sql, NULL, &err), GL_E_DATABASE);
    assert_non_null(strstr(err.message, "permission denied"));
}

static void accepts(PGconn *conn, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_run(conn, sql, NULL, &err), &err);
}

static void the_server_runs_as_it_was_configured(void **unused)
{
    static const char *const rows[][2] = {
        {"data_checksums",             "on"           },
        {"server_encoding",            "UTF8"         },
        {"lc_collate",                 "C.UTF-8"      },
        {"listen_addresses",           "127.0.0.1"    },
        {"ssl",                        "on"           },
        {"ssl_min_protocol_version",   "TLSv1.2"      },
        {"password_encryption",        "scram-sha-256"},
        {"shared_buffers",             "16MB"         },
        {"log_min_duration_statement", "500ms"        },
        {"log_parameter_max_length",   "0"            },
        {"fsync",                      "on"           },
        {"wal_level",                  "replica"      },
        {"max_connections",            "20"           },
    };

    (void)unused;
    struct gl_pg_place place = gl_pg_live(&local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pg_connect(&place, "postgres", &conn, &err), &err);
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        char text[64];
        gl_autofree char *sql = gl_asprintf("show %s", rows[i][0]);
        if (strcmp(rows[i][0], "lc_collate") == 0 && PQserverVersion(conn) >= 160000)
            continue; /* no longer a setting */
        assert_string_equal(first_value(conn, sql, text, sizeof text), rows[i][1]);
    }
}

static void roles_log_in_over_verified_tls(void **unused)
{
    (void)unused;
    char text[64];
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
    assert_string_equal(first_value(app,
                                    "select version from pg_stat_ssl where pid = pg_backend_pid()",
                                    text, sizeof text),
                        "TLSv1.3");
    assert_string_equal(first_value(app, "select current_user", text, sizeof text), "sample_app");
    gl_autopgconn PGconn *owner = login_as(&local, GL_ROLE_OWNER);
    assert_string_equal(first_value(owner, "select current_user", text, sizeof text),
                        "sample_owner");
}

/* `host=localhost` verifies too, for people and tools that write it so. */
static void localhost_verifies_as_well(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = NULL;
    ok(gl_local_postgres_url(&local, GL_ROLE_APP, &url, &err), &err);
    char *at = strstr(url, "@127.0.0.1:");
    assert_non_null(at);
    gl_autofree char *renamed =
        gl_asprintf("%.*s@localhost:%s", (int)(at - url), url, at + strlen("@127.0.0.1:"));
    gl_autopgconn PGconn *conn = NULL;
    ok(gl_pg_connect_url(renamed, &conn, &err), &err);
}

static void connect_fails_with(const char *conninfo, const char *expected)
{
    gl_autoerr struct gl_error err = {0};
    gl_autopgconn PGconn *conn = NULL;
    assert_int_equal(gl_pg_connect_url(conninfo, &conn, &err), GL_E_DATABASE);
    if (!strstr(err.message, expected))
        fail_msg("\"%s\" is not in: %s", expected, err.message);
}

static void everybody_else_is_refused(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *password = NULL;
    ok(gl_pg_password(&local, GL_ROLE_APP, &password, &err), &err);
    unsigned port = local.ports[GL_PORT_POSTGRES];
    gl_autofree char *wrong = gl_asprintf(
        "host=127.0.0.1 port=%u dbname=sample user=sample_app password=wrong sslmode=require",
        port);
    gl_autofree char *plain = gl_asprintf(
        "host=127.0.0.1 port=%u dbname=sample user=sample_app password=%s sslmode=disable", port,
        password);
    gl_autofree char *super = gl_asprintf(
        "host=127.0.0.1 port=%u dbname=sample user=postgres password=x sslmode=require", port);
    gl_autofree char *socket = gl_asprintf(
        "host=%s port=%u dbname=sample user=sample_app password=%s", local.run_dir, port, password);
    connect_fails_with(wrong, "password authentication failed");
    connect_fails_with(plain, "pg_hba.conf rejects connection");
    connect_fails_with(super, "pg_hba.conf rejects connection");
    connect_fails_with(socket, "pg_hba.conf rejects connection");
}

static void the_application_reads_and_writes_but_owns_nothing(void **unused)
{
    (void)unused;
    gl_autopgconn PGconn *owner = login_as(&local, GL_ROLE_OWNER);
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
    accepts(owner, "create table public.t (id bigserial primary key, v text)");
    accepts(app, "insert into public.t (v) values ('a')");
    accepts(app, "update public.t set v = 'b'");
    accepts(app, "select * from public.t");
    accepts(app, "delete from public.t");
    refuses(app, "create table public.mine (id int)");
    refuses(app, "create schema mine");
    refuses(app, "truncate public.t");
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_pg_run(app, "drop table public.t", NULL, &err), GL_E_DATABASE);
    assert_non_null(strstr(err.message, "must be owner"));
    char text[64];
    assert_string_equal(first_value(app, "show lock_timeout", text, sizeof text), "5s");
    accepts(owner, "create schema extra; create table extra.u (id int)");
    accepts(app, "insert into extra.u values (1)");
    accepts(owner, "drop table public.t; drop schema extra cascade");
}

static void changed_passwords_and_privileges_are_repaired(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    sql_in(&local, "sample", "alter role sample_app password 'somebody else was here'");
    ok(gl_pg_roles_ensure(&local, &err), &err);
    gl_autopgconn PGconn *app = login_as(&local, GL_ROLE_APP);
    sql_in(&local, "sample",
           "grant create on schema public to sample_app; alter role sample_app superuser");
    ok(gl_pg_roles_ensure(&local, &err), &err);
    gl_autopgconn PGconn *again = login_as(&local, GL_ROLE_APP);
    refuses(again, "create table public.mine (id int)");
}

static void secrets_are_private_kept_and_not_logged(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_local_path(&local, "secrets.json");
    gl_autojson json_t *secrets = NULL;
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    ok(gl_json_load(path, &secrets, &err), &err);
    gl_json_set_str(secrets, "jwt_secret", "of another room");
    gl_autofree char *text = gl_json_pretty(secrets);
    ok(gl_write_text(path, text, 0644, &err), &err);
    ok(gl_pg_secrets_ensure(&local, &err), &err);
    gl_autobuf struct gl_buf after = {0};
    ok(gl_read_file(path, 0, &after, &err), &err);
    assert_string_equal(gl_buf_text(&after), text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    gl_autofree char *log_path = gl_asprintf("%s.log", local.root);
    gl_autobuf struct gl_buf log = {0};
    ok(gl_read_file(log_path, 0, &log, &err), &err);
    assert_null(
        strstr(gl_buf_text(&log), gl_json_str(secrets, "postgres_app_password", "must be there")));
    assert_int_equal(strlen(gl_json_str(secrets, "postgres_app_password", "")), 64);
}

static void the_url_encodes_what_needs_it(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = NULL;
    ok(gl_local_postgres_url(&local, GL_ROLE_OWNER, &url, &err), &err);
    for (const char *at = url; *at; at++)
        assert_true(*at > ' ' && *at < 127);
    assert_non_null(strstr(url, "postgresql://sample_owner:"));
    assert_non_null(strstr(url, "sslmode=verify-full&sslrootcert=/tmp/golive%20test%20"));
}

/* Unchanged: nothing is written; the server would be asked to reload for nothing. */
static void configuration_is_written_only_when_it_differs(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    struct gl_pg_settings other = small_settings;
    bool changed = true;
    ok(gl_pg_conf_write(&local, &small_settings, &changed, &err), &err);
    assert_false(changed);
    other.slow_ms = -1;
    ok(gl_pg_conf_write(&local, &other, &changed, &err), &err);
    assert_true(changed);
    ok(gl_pg_conf_write(&local, &small_settings, &changed, &err), &err);
    assert_true(changed);
}

/* What is right is left alone: the rows of the roles and of the database stay the same versions. */
static void verification_of_a_running_database_writes_nothing(void **unused)
{
    static const char sql[] =
        "select string_agg(x::text, ' ' order by k) from (select 'r' || oid as k, xmin::text as x"
        " from pg_catalog.pg_authid union all select 'd' || oid, xmin::text"
        " from pg_catalog.pg_database union all select 's' || setrole, xmin::text"
        " from pg_catalog.pg_db_role_setting union all select 'n' || oid, xmin::text"
        " from pg_catalog.pg_namespace) versions";

    (void)unused;
    struct gl_pg_place place = gl_pg_live(&local);
    gl_autopgconn PGconn *conn = NULL;
    gl_autoerr struct gl_error err = {0};
    char before[1024];
    char after[1024];
    ok(gl_pg_connect(&place, "sample", &conn, &err), &err);
    first_value(conn, sql, before, sizeof before);
    int64_t begun = gl_mono_ms();
    ok(gl_pg_roles_ensure(&local, &err), &err);
    print_message("# verified in %lld ms\n", (long long)(gl_mono_ms() - begun));
    assert_string_equal(first_value(conn, sql, after, sizeof after), before);
}

static void kill_server(void)
{
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    server = 0;
}

static void write_pid_file(pid_t pid)
{
    gl_autofree char *path = gl_local_path(&local, "pg/postmaster.pid");
    gl_autofree char *data = gl_local_path(&local, "pg");
    gl_autofree char *text = gl_asprintf("%d\n%s\n1700000000\n5432\n\n\n\n", (int)pid, data);
    gl_autoerr struct gl_error err = {0};
    ok(gl_write_text(path, text, 0600, &err), &err);
}

/* A process of the service user that has nothing to do with PostgreSQL. */
static pid_t start_stranger(void)
{
    const char *argv[] = {"sleep", "1000", NULL};
    struct gl_proc_spec spec = gl_local_proc(&local, argv);
    gl_autoerr struct gl_error err = {0};
    pid_t pid = 0;
    spec.cwd = "/";
    ok(gl_proc_start(&spec, &pid, &err), &err);
    return pid;
}

static void data_survives_a_kill_and_a_number_that_a_stranger_took(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *data = gl_local_path(&local, "pg");
    sql_in(&local, "sample", "create table public.kept as select 42 as v");
    kill_server();
    ok(gl_pg_cluster_release(data, &err), &err);
    pid_t stranger = start_stranger();
    write_pid_file(stranger);
    ok(gl_pg_cluster_release(data, &err), &err);
    assert_int_equal(kill(stranger, 0), 0);
    server = pg_start(&local);
    (void)gl_proc_stop(stranger, 0);
    char text[16];
    gl_autopgconn PGconn *owner = login_as(&local, GL_ROLE_OWNER);
    assert_string_equal(first_value(owner, "select count(*) from pg_class where relname = 'kept'",
                                    text, sizeof text),
                        "1");
    sql_in(&local, "sample", "drop table public.kept");
}

/* Without the care for postmaster.pid the same start is refused: the care is needed. */
static void postgres_itself_would_refuse_a_strangers_number(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    gl_autofree char *data = gl_local_path(&local, "pg");
    gl_autofree char *log = gl_asprintf("%s.refused.log", local.root);
    gl_pg_server_stop(&server);
    pid_t stranger = start_stranger();
    write_pid_file(stranger);
    gl_autofree char *pid_path = gl_local_path(&local, "pg/postmaster.pid");
    ok(gl_pg_cluster_ensure(&local, &programs, &err), &err);
    struct gl_pg_launch launch = {
        .programs = &programs, .data_dir = data, .log_path = log, .place = gl_pg_live(&local)};
    assert_int_equal(gl_pg_server_start(&local, &launch, &server, &err), GL_E_PROCESS);
    assert_non_null(strstr(err.message, "postmaster.pid"));
    (void)gl_proc_stop(stranger, 0);
    ok(gl_pg_cluster_release(data, &err), &err);
    assert_false(gl_path_exists(pid_path));
    server = pg_start(&local);
}

static void a_server_that_nobody_supervises_is_stopped(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *data = gl_local_path(&local, "pg");
    gl_autopgconn PGconn *session = login_as(&local, GL_ROLE_APP); /* must not hold it up */
    pid_t pid = server;
    pid_t waiter = fork();
    assert_true(waiter >= 0);
    if (waiter == 0)
        _exit(gl_pg_cluster_release(data, NULL) == 0 ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    server = 0;
    assert_int_equal(waitpid(waiter, &status, 0), waiter);
    assert_int_equal(status, 0);
    server = pg_start(&local);
}

static void a_data_directory_of_another_version_is_explained(void **unused)
{
    (void)unused;
    struct gl_local other;
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    fixture_make(&other);
    gl_autofree char *data = gl_local_path(&other, "pg");
    gl_autofree char *version = gl_local_path(&other, "pg/PG_VERSION");
    assert_int_equal(mkdir(data, 0700), 0);
    assert_int_equal(gl_pg_cluster_ensure(&other, &programs, &err), GL_E_CORRUPT);
    assert_non_null(strstr(err.message, "PG_VERSION"));
    ok(gl_write_text(version, "11\n", 0600, &err), &err);
    assert_int_equal(gl_pg_cluster_ensure(&other, &programs, &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "was made by PostgreSQL 11"));
    assert_non_null(strstr(err.hint, "postgresql-11"));
    fixture_remove(&other);
}

static void fake_version(const char *dir, const char *version)
{
    static const char *const programs[] = {"initdb", "postgres", "pg_dump", "pg_restore"};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *bin = gl_asprintf("%s/%s/bin", dir, version);
    ok(gl_mkdir_p(bin, 0755, &err), &err);
    for (size_t i = 0; i < GL_COUNT(programs); i++) {
        gl_autofree char *path = gl_path_join(bin, programs[i]);
        ok(gl_write_text(path, "#!/bin/sh\n", 0755, &err), &err);
    }
}

static void the_newest_supported_version_is_chosen(void **unused)
{
    (void)unused;
    char dir[] = "/tmp/golive versions-XXXXXX";
    assert_non_null(mkdtemp(dir));
    gl_autofree char *pattern = gl_asprintf("%s/*/bin", dir);
    const char *const globs[] = {pattern, NULL};
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs found = {0};
    assert_int_equal(gl_pg_find(globs, 0, &found, &err), GL_E_NOT_FOUND);
    fake_version(dir, "9");
    fake_version(dir, "14");
    assert_int_equal(gl_pg_find(globs, 0, &found, &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "14"));
    assert_non_null(err.hint);
    fake_version(dir, "15");
    fake_version(dir, "17");
    fake_version(dir, "19");
    ok(gl_pg_find(globs, 0, &found, &err), &err);
    assert_int_equal(found.major, 17);
    gl_pg_programs_done(&found);
    ok(gl_pg_find(globs, 15, &found, &err), &err);
    assert_int_equal(found.major, 15);
    ok(gl_remove_tree(dir, &err), &err);
}

/* A run that was killed during initdb left a directory; the next one ignores and removes it. */
static void an_interrupted_initdb_leaves_nothing(void **unused)
{
    (void)unused;
    struct gl_local other;
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    fixture_make(&other);
    gl_autofree char *left = gl_local_path(&other, "pg.new-abcdef");
    gl_autofree char *inside = gl_local_path(&other, "pg.new-abcdef/data");
    gl_autofree char *data = gl_local_path(&other, "pg");
    ok(gl_mkdir_p(inside, 0700, &err), &err);
    ok(gl_pg_cluster_ensure(&other, &programs, &err), &err);
    assert_false(gl_path_exists(left));
    assert_true(gl_is_dir(data));
    fixture_remove(&other);
}

/* Needs a file system of its own, and so the right to mount one. */
static void a_full_disk_is_named_as_such(void **unused)
{
    (void)unused;
    struct gl_local other;
    gl_autoerr struct gl_error err = {0};
    gl_autopgprograms struct gl_pg_programs programs = {0};
    fixture_make(&other);
    if (mount("tmpfs", other.root, "tmpfs", 0, "size=8m,mode=0711") < 0) {
        fixture_remove(&other);
        skip();
    }
    gl_autofree char *dir = gl_local_path(&other, "data");
    gl_autofree char *data = gl_local_path(&other, "pg");
    int refused = gl_pg_cluster_ensure(&other, &programs, &err);
    gl_autofree char *message = gl_steal(&err.message);
    ok(gl_pg_find(NULL, 0, &programs, &err), &err);
    ok(gl_local_make_dir(&other, dir, &err), &err);
    int failed = gl_pg_initdb(&other, &programs, dir, false, &err);
    bool exists = gl_path_exists(data);
    assert_int_equal(umount(other.root), 0);
    fixture_remove(&other);
    assert_int_equal(refused, GL_E_IO);
    assert_non_null(strstr(message, "too little for a database"));
    assert_int_equal(failed, GL_E_IO);
    assert_non_null(strstr(err.message, "No space left on device"));
    assert_non_null(strstr(err.hint, "disk is full"));
    assert_false(exists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_runs_as_it_was_configured),
        cmocka_unit_test(roles_log_in_over_verified_tls),
        cmocka_unit_test(localhost_verifies_as_well),
        cmocka_unit_test(everybody_else_is_refused),
        cmocka_unit_test(the_application_reads_and_writes_but_owns_nothing),
        cmocka_unit_test(changed_passwords_and_privileges_are_repaired),
        cmocka_unit_test(secrets_are_private_kept_and_not_logged),
        cmocka_unit_test(the_url_encodes_what_needs_it),
        cmocka_unit_test(configuration_is_written_only_when_it_differs),
        cmocka_unit_test(verification_of_a_running_database_writes_nothing),
        cmocka_unit_test(data_survives_a_kill_and_a_number_that_a_stranger_took),
        cmocka_unit_test(postgres_itself_would_refuse_a_strangers_number),
        cmocka_unit_test(a_server_that_nobody_supervises_is_stopped),
        cmocka_unit_test(a_data_directory_of_another_version_is_explained),
        cmocka_unit_test(the_newest_supported_version_is_chosen),
        cmocka_unit_test(a_full_disk_is_named_as_such),
        cmocka_unit_test(an_interrupted_initdb_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
