/* Interruptions: Ctrl-C ends a run cleanly, SIGKILL at any instant can be gone on from. */
#include <signal.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "fixture.h"

#define ROWS     "200000"
#define KILLS    8
#define CHILD_MS 60000

/* Runs the directory in a process of its own; its exit status is the failure, 0..19. */
static pid_t start_run(const struct world *world)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = 5000};
    gl_interrupt_init();
    int failed = migrate(world, &options, &result, &err);
    _exit(-failed);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool holds(const struct world *world, const char *condition)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *sql = gl_asprintf("select %s", condition);
    gl_autofree char *value = gl_pgtest_value(&server, world->database, sql, &err);
    ok(value ? 0 : -1, &err);
    return strcmp(value, "t") == 0;
}

/* Waits until the server shows it; fails the test otherwise. */
static void wait_until(const struct world *world, const char *condition)
{
    for (int64_t end = gl_mono_ms() + CHILD_MS; gl_mono_ms() < end; gl_sleep_ms(5)) {
        if (holds(world, condition))
            return;
    }
    fail_msg("never became true: %s", condition);
}

#define RUNS(part)                                                                                 \
    "exists (select from pg_stat_activity where datname = current_database() and state = "         \
    "'active' and application_name = 'golive migrate' and query like '%" part "%')"

static void interrupt_rolls_back(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a ();");
    put(world, "2_b.sql", "create table b (); select pg_sleep(600);");
    pid_t pid = start_run(world);
    wait_until(world, RUNS("pg_sleep"));
    int64_t started_ms = gl_mono_ms();
    assert_int_equal(kill(pid, SIGINT), 0);
    int status = wait_for(pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), -GL_E_INTERRUPTED);
    assert_true(gl_mono_ms() - started_ms < 10000);
    expect_sql(world, "select to_regclass('a') is not null and to_regclass('b') is null", "t");
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    assert_true(holds(world, "not " RUNS("pg_sleep")));
}

static void put_index_build(const struct world *world)
{
    put(world, "1_a.sql",
        "create table a (id int, name text);"
        "insert into a select i, md5(i::text) from generate_series(1, " ROWS ") i;");
    migrated(world);
    put(world, "2_i.sql", "-- no-transaction\ncreate unique index concurrently i on a (name, id);");
    put(world, "3_c.sql", "alter table a add column c int;");
}

static void interrupted_index_build_leaves_nothing(void **state)
{
    const struct world *world = *state;
    put_index_build(world);
    pid_t pid = start_run(world);
    wait_until(world, "to_regclass('i') is not null");
    assert_int_equal(kill(pid, SIGTERM), 0);
    int status = wait_for(pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 0)
        fail_msg("the build was over before the signal came");
    assert_int_equal(WEXITSTATUS(status), -GL_E_INTERRUPTED);
    expect_sql(world, "select to_regclass('i') is null", "t");
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    assert_int_equal(migrated(world).applied, 2);
}

static void start_over(const struct world *world)
{
    sql_in(world, "delete from _sqlx_migrations where version > 1");
    sql_in(world, "drop index if exists i");
    sql_in(world, "alter table a drop column if exists c");
}

static int64_t random_below(int64_t limit)
{
    uint32_t number = 0;
    assert_int_equal(getrandom(&number, sizeof number, 0), sizeof number);
    return number % limit;
}

/* How long an undisturbed run takes, so that the kills fall anywhere into it. */
static int64_t measure(const struct world *world)
{
    int64_t started_ms = gl_mono_ms();
    assert_int_equal(wait_for(start_run(world)), 0);
    return gl_mono_ms() - started_ms;
}

static void expect_complete(const struct world *world)
{
    expect_sql(world,
               "select string_agg(version::text, ',' order by version) "
               "from _sqlx_migrations where success",
               "1,2,3");
    expect_sql(world, "select count(*) from _sqlx_migrations where not success", "0");
    expect_sql(world,
               "select string_agg(indexrelid::regclass::text || indisvalid::text, ',') "
               "from pg_index where indrelid = 'a'::regclass",
               "itrue");
    expect_sql(world, "select count(c) + count(*) from a", ROWS);
}

static void killed_at_any_instant_it_can_be_started_again(void **state)
{
    const struct world *world = *state;
    int killed = 0;
    put_index_build(world);
    int64_t whole_ms = measure(world);
    for (int i = 0; i < KILLS; i++) {
        start_over(world);
        pid_t pid = start_run(world);
        gl_sleep_ms(random_below(whole_ms));
        kill(pid, SIGKILL);
        killed += WIFSIGNALED(wait_for(pid));
        migrated(world);
        expect_complete(world);
    }
    assert_true(killed > KILLS / 3);
}

/* The same, aimed: the build itself was running. */
static void killed_during_the_build_it_is_repaired(void **state)
{
    const struct world *world = *state;
    put_index_build(world);
    pid_t pid = start_run(world);
    wait_until(world, "exists (select from pg_index where indrelid = 'a'::regclass "
                      "and not indisvalid)");
    kill(pid, SIGKILL);
    assert_true(WIFSIGNALED(wait_for(pid)));
    migrated(world);
    expect_complete(world);
}

/* The instant between the end of the build and the note that it ended. */
static void finished_build_without_its_note_is_kept(void **state)
{
    const struct world *world = *state;
    put_index_build(world);
    assert_int_equal(wait_for(start_run(world)), 0);
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *before =
        gl_pgtest_value(&server, world->database, "select 'i'::regclass::oid::text", &err);
    sql_in(world, "update _sqlx_migrations set success = false where version = 2");
    assert_int_equal(migrated(world).applied, 1);
    expect_sql(world, "select 'i'::regclass::oid::text", before);
    expect_complete(world);
}

/* A server that goes away in the middle: nothing half, and the words for it. */
static void ended_session_is_told_and_leaves_nothing(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (); select pg_sleep(600);");
    pid_t pid = start_run(world);
    wait_until(world, RUNS("pg_sleep"));
    sql_in(world, "select pg_terminate_backend(pid) from pg_stat_activity where "
                  "application_name = 'golive migrate' and datname = current_database()");
    int status = wait_for(pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), -GL_E_DATABASE);
    expect_sql(world, "select to_regclass('a') is null", "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(interrupt_rolls_back),
        CASE(interrupted_index_build_leaves_nothing),
        CASE(killed_at_any_instant_it_can_be_started_again),
        CASE(killed_during_the_build_it_is_repaired),
        CASE(finished_build_without_its_note_is_kept),
        CASE(ended_session_is_told_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
