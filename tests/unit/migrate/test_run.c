/* Applying migrations to a real PostgreSQL: order, bookkeeping, phases, refusals. */
#include "fixture.h"

static struct gl_migrate_status status_of(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    struct gl_migrate_status status = {0};
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &status, &err), &err);
    return status;
}

static void put_three(const struct world *world)
{
    put(world, "1_users.sql", "create table users (id bigint primary key, name text);");
    put(world, "2_names.sql",
        "insert into users values (1, '\xe5\xb1\xb1');\n"
        "alter table users add column mail text;");
    put(world, "3_index.sql",
        "-- no-transaction\ncreate index concurrently users_name on users (name);");
}

static void pending_ones_are_applied_in_order(void **state)
{
    const struct world *world = *state;
    put_three(world);
    gl_automigratestatus struct gl_migrate_status before = status_of(world);
    assert_true(before.fresh);
    assert_int_equal(before.pending_expand, 3);
    struct gl_migrate_result result = migrated(world);
    assert_int_equal(result.applied, 3);
    assert_int_equal(result.lock_retries, 0);
    assert_true(result.longest_lock_us > 0);
    expect_sql(world, "select name from users", "\xe5\xb1\xb1");
    expect_sql(world,
               "select string_agg(description, ',' order by version) from "
               "_sqlx_migrations where success and execution_time > 0",
               "users,names,index");
    expect_sql(world, "select indisvalid from pg_index where indexrelid = 'users_name'::regclass",
               "t");
    gl_automigratestatus struct gl_migrate_status after = status_of(world);
    assert_false(after.fresh);
    assert_int_equal(after.pending_expand, 0);
    assert_int_equal(after.states[2], GL_MIGRATION_APPLIED);
    assert_int_equal(migrated(world).applied, 0);
}

static void failing_file_leaves_nothing_and_names_its_line(void **state)
{
    const struct world *world = *state;
    put(world, "1_good.sql", "create table good ();");
    put(world, "2_bad.sql",
        "create table half ();\n-- \xe6\x97\xa5\xe6\x9c\xac\n\ncreate tabel x;");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    assert_int_equal(result.applied, 1);
    expect_says(err.message, "42601");
    expect_says(err.file, "2_bad.sql");
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 8);
    expect_sql(world, "select to_regclass('half') is null", "t");
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    put(world, "2_bad.sql", "create table half ();");
    assert_int_equal(migrated(world).applied, 1);
}

/* PostgreSQL gives no position for a violated constraint: the statement's line is named. */
static void failing_statement_without_position_has_its_line(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "create table t (id int primary key);\n\ninsert into t values (1);\n"
        "  insert into t values (1);");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "23505");
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 3);
}

static void constraint_that_fails_at_commit_leaves_nothing(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "create table t (id int primary key, up int references t deferrable "
        "initially deferred);\ninsert into t values (1, 2);");
    expect_failure(world, GL_E_DATABASE, "23503");
    expect_sql(world, "select to_regclass('t') is null", "t");
    expect_sql(world, "select count(*) from _sqlx_migrations", "0");
}

static bool allow_five(const struct gl_migration *migration, void *context)
{
    (void)context;
    return migration->version == 5;
}

static void contract_ones_wait_until_they_are_allowed(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table t (id int, old int, older int);");
    put(world, "2_b.sql", "alter table t drop column older;");
    put(world, "3_c.sql", "alter table t add column new int;");
    put(world, "5_e.sql", "alter table t drop column old;");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    struct gl_migrate_options options = {.expand_only = true};
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(result.applied, 2);
    assert_int_equal(result.held, 2);
    options.allow_contract = allow_five;
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(result.applied, 1);
    assert_int_equal(result.held, 1);
    gl_automigratestatus struct gl_migrate_status status = status_of(world);
    assert_int_equal(status.pending_contract, 1);
    /* Late by design: not out of order. */
    assert_int_equal(migrated(world).applied, 1);
}

static void need_of_a_held_migration_is_explained(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (old int);");
    put(world, "2_b.sql", "alter table a rename old to new;");
    put(world, "3_c.sql", "create index on a (new);");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.expand_only = true};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.hint, "1 contract migrations wait");
}

/* As the first statement of a dump by pg_dump does. */
static void changed_search_path_does_not_lose_the_row(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "select pg_catalog.set_config('search_path', '', false); "
        "create table public.a (x int);");
    put(world, "2_b.sql", "create table b (x int);");
    expect_failure(world, GL_E_DATABASE, "could not be written");
    expect_sql(world, "select to_regclass('a') is null", "t");
}

static void edited_file_is_refused(void **state)
{
    const struct world *world = *state;
    put_three(world);
    migrated(world);
    put(world, "2_names.sql", "select 'something else';");
    put(world, "4_more.sql", "create table more ();");
    expect_failure(world, GL_E_REFUSED, "2_names.sql was edited");
    expect_sql(world, "select to_regclass('more') is null", "t");
    gl_automigratestatus struct gl_migrate_status status = status_of(world);
    assert_int_equal(status.states[1], GL_MIGRATION_EDITED);
}

static void line_ends_alone_are_told(void **state)
{
    const struct world *world = *state;
    static const char *const texts[] = {"select 1;\nselect 2;\n", "select 1;\r\nselect 2;\r\n"};
    put(world, "1_a.sql", texts[0]);
    put(world, "2_b.sql", texts[1]);
    migrated(world);
    for (int i = 0; i < 2; i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_migrate_result result = {0};
        const struct gl_migrate_options options = {0};
        put(world, "1_a.sql", texts[!i ? 1 : 0]);
        put(world, "2_b.sql", texts[!i ? 1 : 0]);
        assert_int_equal(migrate(world, &options, &result, &err), GL_E_REFUSED);
        expect_says(err.hint, "CRLF");
    }
}

static void missing_file_is_refused(void **state)
{
    const struct world *world = *state;
    put_three(world);
    migrated(world);
    gl_autofree char *path = gl_path_join(world->dir, "2_names.sql");
    assert_int_equal(remove(path), 0);
    expect_failure(world, GL_E_REFUSED, "migration 2 (names)");
    gl_automigratestatus struct gl_migrate_status status = status_of(world);
    assert_int_equal(status.missing, 1);
    assert_int_equal(status.first_missing, 2);
}

static void late_expand_migration_is_refused(void **state)
{
    const struct world *world = *state;
    put(world, "2_b.sql", "create table b ();");
    migrated(world);
    put(world, "1_a.sql", "create table a ();");
    expect_failure(world, GL_E_REFUSED, "1_a.sql comes before version 2");
}

/* What a release asks before it builds anything. */
static void expect_refused_before(const struct world *world, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &status, &err), &err);
    assert_int_equal(gl_migrate_refuse(&list, &status, &err), part ? GL_E_REFUSED : 0);
    if (part)
        expect_says(err.message, part);
}

static void what_would_be_refused_is_known_before(void **state)
{
    const struct world *world = *state;
    put(world, "2_b.sql", "create table b (x int);");
    expect_refused_before(world, NULL);
    migrated(world);
    put(world, "1_a.sql", "create table a ();");
    gl_automigratestatus struct gl_migrate_status status = status_of(world);
    assert_int_equal(status.states[0], GL_MIGRATION_LATE);
    assert_int_equal(status.pending_expand, 1);
    expect_refused_before(world, "1_a.sql comes before version 2");
    put(world, "1_a.sql", "alter table b drop column x;"); /* a contract migration may be late */
    expect_refused_before(world, NULL);
    put(world, "3_c.sql", "create table c ();\ncommit;");
    expect_refused_before(world, "COMMIT");
    put(world, "3_c.sql", "-- golive: phase=contract\ncommit;"); /* its turn is not now */
    expect_refused_before(world, NULL);
    put(world, "2_b.sql", "create table b (x int, y int);");
    expect_refused_before(world, "2_b.sql was edited");
}

/* sqlx makes the table before the first file. */
static void a_table_without_a_row_is_a_fresh_database(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a ();");
    put(world, "2_b.sql", "create table b ();");
    migrated(world);
    sql_in(world, "delete from _sqlx_migrations; drop table a, b");
    gl_automigratestatus struct gl_migrate_status status = status_of(world);
    assert_true(status.fresh);
    assert_int_equal(status.newest, INT64_MIN);
    migrated(world);
    gl_automigratestatus struct gl_migrate_status after = status_of(world);
    assert_false(after.fresh);
    assert_int_equal(after.newest, 2);
}

static void dirty_migration_is_refused_with_both_ways_out(void **state)
{
    const struct world *world = *state;
    put_three(world);
    migrated(world);
    sql_in(world, "update _sqlx_migrations set success = false where version = 2");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_REFUSED);
    expect_says(err.hint, "success = true where version = 2");
    expect_says(err.hint, "delete from _sqlx_migrations where version = 2");
}

static void bad_pending_file_stops_before_the_first_change(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a ();");
    put(world, "2_b.sql", "create table b ();\ncommit;");
    expect_failure(world, GL_E_REFUSED, "COMMIT");
    expect_sql(world, "select to_regclass('a') is null", "t");
}

static void concurrent_index_outside_no_transaction_is_explained(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int);");
    put(world, "2_b.sql", "\n-- no-transaction\ncreate index concurrently i on a (x);");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.hint, "very first bytes");
}

static void failed_concurrent_index_leaves_nothing(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int); insert into a values (1), (1);");
    put(world, "2_b.sql", "-- no-transaction\ncreate unique index concurrently \"I\" on a (x);");
    expect_failure(world, GL_E_DATABASE, "23505");
    expect_sql(world, "select count(*) from pg_class where relname = 'I'", "0");
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    sql_in(world, "delete from a");
    assert_int_equal(migrated(world).applied, 1);
    expect_sql(world, "select indisvalid from pg_index where indexrelid = '\"I\"'::regclass", "t");
}

/* What a crashed sqlx leaves: an invalid index and no row. */
static void invalid_index_of_another_tool_is_replaced(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int); create index i on a (x);");
    migrated(world);
    sql_in(world, "update pg_index set indisvalid = false where indexrelid = 'i'::regclass");
    put(world, "2_b.sql", "-- no-transaction\ncreate index concurrently if not exists i on a (x);");
    assert_int_equal(migrated(world).applied, 1);
    expect_sql(world, "select indisvalid from pg_index where indexrelid = 'i'::regclass", "t");
}

static void valid_index_of_that_name_is_not_touched(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int, y int); create index i on a (y);");
    put(world, "2_b.sql", "-- no-transaction\ncreate index concurrently i on a (x);");
    expect_failure(world, GL_E_DATABASE, "exists already");
    expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    expect_sql(world, "select pg_get_indexdef('i'::regclass) like '%(y)'", "t");
}

static void statement_time_limit_ends_it(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (); select pg_sleep(60);");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.statement_timeout_ms = 100};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    expect_says(err.message, "57014");
    expect_says(err.hint, "statement_timeout");
    expect_sql(world, "select to_regclass('a') is null", "t");
}

static void copy_from_stdin_fails_and_does_not_hang(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int); copy a from stdin;");
    expect_failure(world, GL_E_DATABASE, "COPY");
    expect_sql(world, "select to_regclass('a') is null", "t");
}

static void copy_to_stdout_is_passed_over(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "create table a (x int); insert into a values (1), (2); "
        "copy a to stdout; insert into a values (3);");
    assert_int_equal(migrated(world).applied, 1);
    expect_sql(world, "select count(*) from a", "3");
}

struct seen {
    int begun, done;
    int64_t elapsed_us;
};

static void note(const struct gl_migrate_event *event, void *context)
{
    struct seen *seen = context;
    seen->begun += event->kind == GL_MIGRATE_BEGIN;
    seen->done += event->kind == GL_MIGRATE_DONE;
    seen->elapsed_us += event->elapsed_us;
}

static void events_tell_beginning_and_end(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    struct seen seen = {0};
    const struct gl_migrate_options options = {.on_event = note, .context = &seen};
    put_three(world);
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(seen.begun, 3);
    assert_int_equal(seen.done, 3);
    assert_true(seen.elapsed_us > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pending_ones_are_applied_in_order),
        CASE(failing_file_leaves_nothing_and_names_its_line),
        CASE(failing_statement_without_position_has_its_line),
        CASE(constraint_that_fails_at_commit_leaves_nothing),
        CASE(contract_ones_wait_until_they_are_allowed),
        CASE(need_of_a_held_migration_is_explained),
        CASE(changed_search_path_does_not_lose_the_row),
        CASE(edited_file_is_refused),
        CASE(line_ends_alone_are_told),
        CASE(missing_file_is_refused),
        CASE(late_expand_migration_is_refused),
        CASE(what_would_be_refused_is_known_before),
        CASE(a_table_without_a_row_is_a_fresh_database),
        CASE(dirty_migration_is_refused_with_both_ways_out),
        CASE(bad_pending_file_stops_before_the_first_change),
        CASE(concurrent_index_outside_no_transaction_is_explained),
        CASE(failed_concurrent_index_leaves_nothing),
        CASE(invalid_index_of_another_tool_is_replaced),
        CASE(valid_index_of_that_name_is_not_touched),
        CASE(statement_time_limit_ends_it),
        CASE(copy_from_stdin_fails_and_does_not_hang),
        CASE(copy_to_stdout_is_passed_over),
        CASE(events_tell_beginning_and_end),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
