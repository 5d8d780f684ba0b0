/* Locks: sqlx's advisory lock, and tables that somebody else holds. */
#include <libpq-fe.h>
#include <unistd.h>

#include "base/clock.h"
#include "fixture.h"
#include "migrate/session.h"

/* A session of somebody else. */
static PGconn *other_session(const struct world *world)
{
    gl_autofree char *conninfo = gl_asprintf("%s application_name=report", world->conninfo);
    PGconn *conn = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    return conn;
}

static void in_session(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
}

struct watcher {
    PGconn *release; /* committed at the first RETRY; NULL = never */
    int blocked, retries;
    char detail[512];
};

static void watch(const struct gl_migrate_event *event, void *context)
{
    struct watcher *watcher = context;
    assert_non_null(event->migration);
    if (event->kind == GL_MIGRATE_BLOCKED) {
        watcher->blocked++;
        (void)snprintf(watcher->detail, sizeof watcher->detail, "%s", event->detail);
    }
    if (event->kind != GL_MIGRATE_RETRY)
        return;
    watcher->retries++;
    if (watcher->release)
        in_session(watcher->release, "commit");
}

/* Computed with sqlx's formula in another language: 0x3d32ad9e * crc32("postgres"). */
static void advisory_key_is_that_of_sqlx(void **state)
{
    (void)state;
    assert_int_equal(gl_lock_key(""), 0);
    assert_true(gl_lock_key("postgres") == INT64_C(368907709894077238));
    assert_true(gl_lock_key("\xe6\x97\xa5\xe6\x9c\xac") == INT64_C(3440281045949997032));
}

static void held_table_is_tried_again_and_its_holder_named(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put(world, "1_a.sql", "create table a (id int);");
    migrated(world);
    PGconn *other = other_session(world);
    in_session(other, "begin; select * from a");
    put(world, "2_b.sql", "create table b ();\nalter table a add column x int;");
    struct watcher watcher = {.release = other};
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 400, .on_event = watch, .context = &watcher};
    int failed = migrate(world, &options, &result, &err);
    gl_autofree char *pid = gl_asprintf("process %d (report", PQbackendPID(other));
    PQfinish(other);
    ok(failed, &err);
    assert_int_equal(result.applied, 1);
    assert_true(result.lock_retries >= 1);
    assert_true(result.longest_lock_us >= 400000);
    assert_int_equal(watcher.retries, result.lock_retries);
    assert_true(watcher.blocked >= 1);
    expect_says(watcher.detail, pid);
    expect_says(watcher.detail, "idle in transaction");
}

static void table_held_for_ever_ends_as_busy(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put(world, "1_a.sql", "create table a (id int);");
    migrated(world);
    PGconn *other = other_session(world);
    in_session(other, "begin; lock table a");
    put(world, "2_b.sql", "create table b ();\n\nalter table a add column x int;");
    const struct gl_migrate_options options = {.lock_timeout_ms = 200, .retries = 2};
    int failed = migrate(world, &options, &result, &err);
    PQfinish(other);
    assert_int_equal(failed, GL_E_BUSY);
    expect_says(err.message, "3 attempts");
    expect_says(err.message, "(report");
    assert_int_equal(err.line, 3);
    assert_int_equal(result.lock_retries, 2);
    assert_int_equal(result.applied, 0);
    expect_sql(world, "select to_regclass('b') is null", "t");
}

/* The migration takes a then b, the other session b then a. */
static void deadlock_is_tried_again(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (id int); create table b (id int);");
    migrated(world);
    gl_autofree char *database =
        gl_asprintf("alter database %s set deadlock_timeout = '100ms'", world->database);
    sql_in(world, database);
    put(world, "2_b.sql",
        "lock table a; select pg_sleep(0.3); lock table b; "
        "alter table a add column x int;");
    PGconn *other = other_session(world);
    /* It must be the migration that notices the deadlock. */
    in_session(other, "set deadlock_timeout = '1h'; begin; lock table b");
    assert_int_equal(PQsendQuery(other, "do $$ begin "
                                        "while not exists (select from pg_locks where relation = "
                                        "'a'::regclass and granted and pid <> pg_backend_pid()) "
                                        "loop perform pg_sleep(0.01); end loop; end $$; "
                                        "lock table a; commit"),
                     1);
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = 5000};
    int failed = migrate(world, &options, &result, &err);
    PQfinish(other);
    ok(failed, &err);
    assert_int_equal(result.applied, 1);
    assert_int_equal(result.lock_retries, 1);
}

static void running_migrator_is_waited_for_and_named(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put(world, "1_a.sql", "create table a (id int);");
    PGconn *other = other_session(world);
    gl_autofree char *lock =
        gl_asprintf("select pg_advisory_lock(%lld)", (long long)gl_lock_key(world->database));
    in_session(other, lock);
    struct watcher watcher = {0};
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 150, .retries = 1, .on_event = watch, .context = &watcher};
    int64_t started_ms = gl_mono_ms();
    int failed = migrate(world, &options, &result, &err);
    int64_t waited_ms = gl_mono_ms() - started_ms;
    PQfinish(other);
    assert_int_equal(failed, GL_E_BUSY);
    assert_true(waited_ms >= 300);
    expect_says(err.message, "(report");
    assert_int_equal(watcher.blocked, 1);
    assert_int_equal(migrated(world).applied, 1);
}

/* Nothing to do needs no lock. */
static void nothing_pending_does_not_wait(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (id int);");
    migrated(world);
    PGconn *other = other_session(world);
    gl_autofree char *lock =
        gl_asprintf("select pg_advisory_lock(%lld)", (long long)gl_lock_key(world->database));
    in_session(other, lock);
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = 60000};
    int failed = migrate(world, &options, &result, &err);
    PQfinish(other);
    ok(failed, &err);
    assert_int_equal(result.applied, 0);
}

/* CREATE INDEX CONCURRENTLY waits for older transactions. So does dropping what its time-out
 * leaves: as long as the other session stays that is left to a later run. */
static void concurrent_build_that_waits_too_long_is_built_later(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    put(world, "1_a.sql", "create table a (id int);");
    migrated(world);
    PGconn *other = other_session(world);
    in_session(other, "begin; insert into a values (1)");
    put(world, "2_b.sql", "-- no-transaction\ncreate index concurrently i on a (id);");
    struct watcher watcher = {0};
    const struct gl_migrate_options options = {
        .lock_timeout_ms = 20, .retries = 1, .on_event = watch, .context = &watcher};
    int failed = migrate(world, &options, &result, &err);
    assert_int_equal(failed, GL_E_BUSY);
    assert_int_equal(result.lock_retries, 1);
    expect_says(watcher.detail, "(report");
    expect_sql(world, "select success from _sqlx_migrations where version = 2", "f");
    watcher = (struct watcher){.release = other};
    ok(migrate(world, &options, &result, &err), &err);
    PQfinish(other);
    assert_int_equal(result.applied, 1);
    expect_sql(world, "select indisvalid from pg_index where indexrelid = 'i'::regclass", "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advisory_key_is_that_of_sqlx),
        CASE(held_table_is_tried_again_and_its_holder_named),
        CASE(table_held_for_ever_ends_as_busy),
        CASE(deadlock_is_tried_again),
        CASE(running_migrator_is_waited_for_and_named),
        CASE(nothing_pending_does_not_wait),
        CASE(concurrent_build_that_waits_too_long_is_built_later),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
