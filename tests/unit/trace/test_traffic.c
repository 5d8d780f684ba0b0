/* The application's queries beside the migrations: what a client waits for. */
#include "fixture.h"

#include "trace/client.h"

static void test_reads_queries(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv units = {0};
    gl_autofree char *path = put(world, "mix.sql",
                                 "-- usual\nselect 1; select ';';\n"
                                 "begin; update a set b = 1;\ncommit;\nselect 2");
    ok(gl_traffic_read(path, &units, &err), &err);
    assert_int_equal(units.count, 4);
    assert_string_equal(units.items[1], "select ';'");
    assert_string_equal(units.items[2], "begin; update a set b = 1; commit");
    assert_string_equal(units.items[3], "select 2");
}

static void test_needs_a_query(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv units = {0};
    gl_autofree char *path = put(world, "mix.sql", "-- nothing\n");
    assert_int_equal(gl_traffic_read(path, &units, &err), GL_E_CONFIG);
    expect_says(err.file, "mix.sql");
    assert_int_equal(gl_traffic_read("/nowhere/mix.sql", &units, &err), GL_E_NOT_FOUND);
}

static void put_users(const struct world *world)
{
    put_file(world, "1_a.sql", "create table users (id int primary key, age int);\n");
}

/* The migration sleeps with its lock: every client that reads the table waits for as long. */
static void test_stall_is_felt(void **state)
{
    struct world *world = *state;
    put_users(world);
    put_file(world, "2_b.sql", "alter table users add column x int; select pg_sleep(0.3);\n");
    gl_autofree char *mix = put(world, "mix", "select 1; select count(*) from users;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    options.traffic_clients = 4;
    trace_with(world, &options);
    const struct gl_trace_traffic *traffic = &world->trace.traffic;
    assert_true(traffic->measured);
    assert_int_equal(traffic->clients, 4);
    assert_int_equal(traffic->problem.code, 0);
    assert_int_equal(traffic->errors, 0);
    assert_true(traffic->before_us > 0);
    assert_true(traffic->stall_us >= 250000);
    assert_true(traffic->migration_us >= 300000);
    assert_string_equal(traffic->stalled_query, "select count(*) from users");
}

/* A transaction of the application holds the table: the migration gives way after lock_timeout and
 * tries again, so that nobody waits behind it for longer. */
static void test_lock_timeout_ends_the_queue(void **state)
{
    struct world *world = *state;
    put_users(world);
    put_file(world, "2_b.sql", "alter table users add column x int;\n");
    gl_autofree char *mix = put(world, "mix",
                                "begin; select 1 from users limit 1; select pg_sleep(1); commit;\n"
                                "select count(*) from users;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    options.traffic_clients = 4;
    options.lock_timeout_ms = 50;
    trace_with(world, &options);
    const struct gl_trace_traffic *traffic = &world->trace.traffic;
    assert_true(traffic->problem.code == 0 || traffic->problem.code == GL_E_BUSY);
    assert_true(traffic->lock_retries > 0);
    assert_int_equal(traffic->errors, 0);
    assert_true(traffic->longest_us >= 1000000); /* the transaction is slow by itself ... */
    assert_true(traffic->stall_us < 800000);     /* ... and nobody waited for it to end */
}

/* What the new schema breaks for the running version is counted. */
static void test_errors_are_counted(void **state)
{
    struct world *world = *state;
    put_users(world);
    put_file(world, "2_b.sql",
             "alter table users drop column age;\n"
             "-- and then some time\nselect pg_sleep(0.01);\n");
    put_file(world, "3_c.sql", "select pg_sleep(0.2);\n");
    gl_strv_take(&world->files, gl_path_join(world->dir, "2_b.sql"));
    gl_strv_take(&world->files, gl_path_join(world->dir, "3_c.sql"));
    gl_autofree char *mix = put(world, "mix", "select age from users where id = 1;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    options.traffic_clients = 2;
    trace_with(world, &options);
    const struct gl_trace_traffic *traffic = &world->trace.traffic;
    assert_true(traffic->errors > 0);
    assert_int_equal(traffic->errors, traffic->refused);
    expect_says(traffic->first_error, "column \"age\" does not exist");
}

/* What fails without the migrations, too, would measure how fast errors are. */
static void test_queries_that_all_fail(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_users(world);
    put_file(world, "2_b.sql", "alter table users add column x int;\n");
    gl_autofree char *mix = put(world, "mix", "select nope from users;\nselect 1 from nowhere;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    options.traffic_clients = 2;
    assert_int_equal(gl_trace_run(&options, &world->trace, &err), GL_E_DATABASE);
    expect_says(err.message, "no query in");
    expect_says(err.message, "does not exist");
}

static void test_all_answers_were_errors(void **state)
{
    (void)state;
    assert_false(gl_trace_traffic_is_broken(&(struct gl_trace_traffic){.queries = 0}));
    assert_false(gl_trace_traffic_is_broken(
        &(struct gl_trace_traffic){.queries = 9, .errors = 12, .refused = 8}));
    assert_true(gl_trace_traffic_is_broken(
        &(struct gl_trace_traffic){.queries = 9, .errors = 9, .refused = 9}));
}

/* What golive itself ends in the end is no error of the application. */
static void test_query_without_end(void **state)
{
    struct world *world = *state;
    put_users(world);
    put_file(world, "2_b.sql", "select 1;\n");
    gl_autofree char *mix = put(world, "mix", "select pg_sleep(600);\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    options.traffic_clients = 1;
    trace_with(world, &options);
    assert_int_equal(world->trace.traffic.errors, 0);
    assert_null(world->trace.traffic.first_error);
    assert_int_equal(world->trace.traffic.problem.code, 0);
}

/* A client of today, and a migration that it never lets through: that is a result. */
static void test_migration_that_fails_beside_it(void **state)
{
    struct world *world = *state;
    put_users(world);
    put_file(world, "2_b.sql", "select 1/0;\n");
    gl_autofree char *mix = put(world, "mix", "select 1;\n");
    struct gl_trace_options options = options_of(world);
    options.traffic_path = mix;
    trace_with(world, &options);
    expect_says(world->trace.traffic.problem.message, "division by zero");
    assert_int_equal(statement_at(world, 0, 0)->verdict, GL_TRACE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_reads_queries),
        CASE(test_needs_a_query),
        CASE(test_stall_is_felt),
        CASE(test_lock_timeout_ends_the_queue),
        CASE(test_errors_are_counted),
        CASE(test_queries_that_all_fail),
        CASE(test_all_answers_were_errors),
        CASE(test_query_without_end),
        CASE(test_migration_that_fails_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
