/* A given server: what the URL names is only looked at, and nothing stays there. */
#include "fixture.h"

#include "base/clock.h"
#include "support/pgtest.h"

static struct gl_pgtest server;

static int server_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    ok(gl_pgtest_start(&server, &err), &err);
    ok(gl_pgtest_sql(&server, "postgres", "create database shadow", &err), &err);
    ok(gl_pgtest_sql(&server, "postgres", "create role weak login", &err), &err);
    ok(gl_pgtest_sql(&server, "shadow",
                     "create table users (id bigint primary key, name text); "
                     "insert into users select g, g from generate_series(1, 500) g; "
                     "create table _sqlx_migrations (version bigint primary key, description text "
                     "not null, installed_on timestamptz not null default now(), success boolean "
                     "not null, checksum bytea not null, execution_time bigint not null)",
                     &err),
       &err);
    return 0;
}

static int server_down(void **state)
{
    (void)state;
    gl_pgtest_stop(&server);
    return 0;
}

static void expect_field(const char *sql, const char *expected)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *value = gl_pgtest_value(&server, "shadow", sql, &err);
    if (!value || strcmp(value, expected) != 0)
        fail_msg("%s: %s instead of %s", sql, value ? value : err.message, expected);
}

/* A session ends a moment after its client. */
static void expect_field_soon(const char *sql, const char *expected)
{
    for (int left = 200; left > 0; left--) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *value = gl_pgtest_value(&server, "shadow", sql, &err);
        if (value && strcmp(value, expected) == 0)
            return;
        gl_sleep_ms(25);
    }
    expect_field(sql, expected);
}

static void expect_nothing_left(void)
{
    expect_field("select count(*) from pg_database where datname like 'golive%'", "0");
    expect_field("select count(*) from users", "500");
    expect_field("select count(*) from pg_attribute where attrelid = 'users'::regclass and attname "
                 "= 'age'",
                 "0");
}

static void test_database_of_its_own(void **state)
{
    struct world *world = *state;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    put_file(world, "1_a.sql", "create table users (id bigint primary key);\n");
    put_file(world, "2_b.sql", "alter table users add column age int;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    trace_with(world, &options);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_BRIEF);
    assert_false(world->trace.private_server);
    expect_nothing_left();
}

static void test_copy_has_the_data(void **state)
{
    struct world *world = *state;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    gl_strv_take(&world->files, put(world, "2_b.sql", "create index on users (name);\n"));
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    options.copy = true;
    trace_with(world, &options);
    assert_int_equal(work_on(statement_at(world, 0, 0), "users", GL_WORK_SCAN)->rows, 500);
    expect_nothing_left();
}

/* Real rows that break a rule are a finding. */
/* More clients than the server takes are refused before one is started. */
static void test_clients_that_find_no_room(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "few", "shadow");
    gl_autofree char *mix = put(world, "mix", "select 1;\n");
    ok(gl_pgtest_sql(&server, "postgres", "create role few login createdb connection limit 8",
                     &err),
       &err);
    put_file(world, "1_a.sql", "create table t (id bigint primary key);\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    options.traffic_path = mix;
    options.traffic_clients = 20;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_USAGE);
    expect_says(err.message, "20 clients are too many: the server takes 7 more connections");
    expect_says(err.hint, "--clients 4 is the most");
    options.traffic_clients = 4;
    trace_with(world, &options);
    assert_int_equal(world->trace.traffic.clients, 4);
    expect_nothing_left();
}

static void test_copied_rows_count(void **state)
{
    struct world *world = *state;
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    gl_strv_take(&world->files, put(world, "2_b.sql", "alter table users add check (id < 100);\n"));
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    options.copy = true;
    trace_with(world, &options);
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_FAILED);
    assert_string_equal(statement_at(world, 0, 0)->sqlstate, "23514");
    expect_nothing_left();
}

/* A failure keeps nothing either. */
static void test_failure_leaves_nothing(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    put_file(world, "1_a.sql", "create table;\n");
    put_file(world, "2_b.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_DATABASE);
    expect_says(err.file, "1_a.sql");
    expect_nothing_left();
}

static void test_database_in_use_is_refused(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    gl_autopq PGconn *application = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(application), CONNECTION_OK);
    put_file(world, "1_a.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_REFUSED);
    expect_says(err.message, "1 other sessions use it");
    expect_says(err.hint, "shadow");
}

static void test_role_without_the_right(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, "weak", "postgres");
    put_file(world, "1_a.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_DATABASE);
    expect_says(err.hint, "CREATEDB");
}

/* The database of a run that was killed: its lock is gone, so it goes with the next run. */
static void test_leftovers_are_swept(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    ok(gl_pgtest_sql(&server, "postgres", "create database golive_trace_0123456789abcdef", &err),
       &err);
    put_file(world, "1_a.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    trace_with(world, &options);
    expect_nothing_left();
}

/* That of a run which lives stays, though the run is in another database, where its lock is. */
static void test_what_another_run_works_in_stays(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    static const char *const names[] = {
        "golive_trace_00000000000000a0", "golive_trace_00000000000000a1",
        "golive_trace_00000000000000a2", "golive_trace_00000000000000a3"};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "shadow");
    gl_autofree char *elsewhere = gl_pgtest_conninfo(&server, NULL, "postgres");
    gl_autopq PGconn *other = PQconnectdb(elsewhere);
    assert_int_equal(PQstatus(other), CONNECTION_OK);
    for (size_t i = 0; i < GL_COUNT(names); i++) { /* keys of either sign */
        gl_autofree char *make = gl_asprintf("create database %s", names[i]);
        gl_autofree char *lock = gl_asprintf("select pg_advisory_lock(hashtext('%s'))", names[i]);
        ok(gl_pgtest_sql(&server, "postgres", make, &err), &err);
        PQclear(PQexec(other, lock));
    }
    expect_field("select count(distinct sign(hashtext(datname))) from pg_database "
                 "where datname like 'golive_trace_00000000000000a%'",
                 "2");
    put_file(world, "1_a.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = conninfo;
    trace_with(world, &options);
    expect_field("select count(*) from pg_database where datname like 'golive%'", "4");
    gl_pq_close(&other);
    expect_field_soon("select count(*) from pg_locks where locktype = 'advisory'", "0");
    trace_with(world, &options);
    expect_nothing_left();
}

static void test_server_that_is_not_there(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_file(world, "1_a.sql", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.conninfo = "postgresql://a:geheimgeheim@127.0.0.1:1/x";
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_NET);
    assert_null(strstr(err.message, "geheim"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_database_of_its_own),        CASE(test_copy_has_the_data),
        CASE(test_copied_rows_count),          CASE(test_failure_leaves_nothing),
        CASE(test_database_in_use_is_refused), CASE(test_role_without_the_right),
        CASE(test_leftovers_are_swept),        CASE(test_what_another_run_works_in_stays),
        CASE(test_server_that_is_not_there),   CASE(test_clients_that_find_no_room),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
