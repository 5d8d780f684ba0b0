/* Folders of other tools: recognised, read, applied in their own table where that is right. */
#include "base/strv.h"
#include "fixture.h"
#include "migrate/format.h"
#include "migrate/session.h"

static void put_in(const struct world *world, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(world->dir, name);
    gl_autofree char *dir = gl_path_dir(path);
    ok(gl_mkdir_p(dir, 0755, &err), &err);
    put(world, name, text);
}

static void expect_format(const struct world *world, const struct gl_format *format, size_t count)
{
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    assert_string_equal(list.format->name, format->name);
    assert_int_equal(list.count, count);
}

static void expect_states(const struct world *world, const char *states)
{
    static const char letters[] = "pademl"; /* in the order of the states */
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    gl_autobuf struct gl_buf text = {0};
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    ok(gl_migrate_status(world->conninfo, &list, &status, &err), &err);
    for (size_t i = 0; i < status.count; i++)
        gl_buf_putc(&text, letters[status.states[i]]);
    if (status.missing)
        gl_buf_printf(&text, "+%zu", status.missing);
    assert_string_equal(gl_buf_text(&text), states);
}

static void sqlx_is_what_is_left(void **state)
{
    const struct world *world = *state;
    expect_format(world, &gl_format_sqlx, 0);
    put(world, "0001_a.up.sql", "select 1");
    put(world, "0001_a.down.sql", "select 1");
    expect_format(world, &gl_format_sqlx, 1);
}

/* Six digits and pairs: only the table says that sqlx applied them. */
static void a_folder_of_sqlx_is_not_run_again_as_another(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigrations struct gl_migrations guessed = {0};
    gl_automigratestatus struct gl_migrate_status status = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    put(world, "000001_a.up.sql", "create table a (x int); insert into a values (1);");
    put(world, "000001_a.down.sql", "drop table a;");
    ok(gl_migrations_scan_as(world->dir, "sqlx", &list, &err), &err);
    assert_string_equal(list.format->name, "sqlx");
    ok(gl_migrate_run(world->conninfo, &list, &options, &result, &err), &err);
    assert_int_equal(result.applied, 1);
    expect_failure(world, GL_E_REFUSED, "sqlx applied");
    ok(gl_migrations_scan(world->dir, &guessed, &err), &err);
    assert_int_equal(gl_migrate_status(world->conninfo, &guessed, &status, &err), GL_E_REFUSED);
    expect_says(err.hint, "tool: sqlx");
    expect_sql(world, "select count(*) from a", "1");
}

static void tools_are_taken_as_they_are_named(void **state)
{
    const struct world *world = *state;
    static const char *const tools[] = {"sqlx",   "golang-migrate", "dbmate",
                                        "diesel", "refinery",       "goose"};
    gl_autoerr struct gl_error err = {0};
    for (size_t i = 0; i < GL_COUNT(tools); i++) {
        gl_automigrations struct gl_migrations list = {0};
        ok(gl_migrations_scan_as(world->dir, tools[i], &list, &err), &err);
        assert_string_equal(list.format->name, tools[i]);
        assert_true(list.format_given);
    }
    gl_automigrations struct gl_migrations none = {0};
    assert_int_equal(gl_migrations_scan_as(world->dir, "flyway", &none, &err), GL_E_CONFIG);
}

static void golang_migrate_is_gone_on_with(void **state)
{
    const struct world *world = *state;
    put(world, "000001_a.up.sql", "create table a ();");
    put(world, "000001_a.down.sql", "drop table a;");
    put(world, "000002_b.up.sql", "create table b (); insert into b default values;");
    put(world, "000003_c.up.sql", "create table c ();");
    expect_format(world, &gl_format_golang, 3);
    expect_states(world, "ppp");
    sql_in(world, "create table schema_migrations (version bigint not null primary key, dirty "
                  "boolean not null); insert into schema_migrations values (1, false); "
                  "create table a ()");
    expect_states(world, "app");
    assert_int_equal(migrated(world).applied, 2);
    expect_sql(world,
               "select version || ',' || dirty || ',' || (select count(*) from "
               "schema_migrations) from schema_migrations",
               "3,false,1");
    expect_sql(world, "select to_regclass('_sqlx_migrations') is null", "t");
    expect_states(world, "aaa");
    sql_in(world, "update schema_migrations set version = 9");
    expect_states(world, "aaa+1");
    sql_in(world, "update schema_migrations set version = 2, dirty = true");
    expect_states(world, "adp");
    expect_failure(world, GL_E_REFUSED, "it is not known whether it finished");
}

/* One row says which is the last: what is behind a held one cannot go first. */
static void golang_migrate_leaves_nothing_out(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    struct gl_migrate_options options = {.expand_only = true};
    put(world, "000001_a.up.sql", "create table a (x int);");
    put(world, "000002_b.up.sql", "alter table a drop column x;");
    put(world, "000003_c.up.sql", "create table c ();");
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(result.applied, 1);
    expect_sql(world, "select version from schema_migrations", "1");
    options.expand_only = false;
    ok(migrate(world, &options, &result, &err), &err);
    assert_int_equal(result.applied, 2);
}

/* What runs outside a transaction is golang-migrate's to run: no hint sends to a word that the next
 * run would refuse. */
static void no_hint_leads_round_in_a_circle(void **state)
{
    const struct world *world = *state;
    static const char *const texts[] = {
        "create index concurrently i on a (x);",
        "-- no-transaction\ncreate index concurrently i on a (x);",
        "-- golive: batch=10\nupdate a set x = 1;",
        "-- no-transaction\n-- golive: batch=10\nupdate a set x = 1;",
    };
    const struct gl_migrate_options options = {0};
    put(world, "000001_a.up.sql", "create table a (x int primary key);");
    migrated(world);
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_migrate_result result = {0};
        put(world, "000002_b.up.sql", texts[i]);
        int code = migrate(world, &options, &result, &err);
        assert_int_equal(code, i == 0 ? GL_E_DATABASE : GL_E_REFUSED);
        expect_says(err.hint, "by golang-migrate itself");
        assert_null(strstr(err.hint, "no-transaction"));
        expect_sql(world, "select version || ',' || dirty from schema_migrations", "1,false");
    }
    /* As the hint says: golang-migrate has applied it, and golive goes on behind it. */
    sql_in(world, "update schema_migrations set version = 2");
    put(world, "000003_c.up.sql", "create table c ();");
    assert_int_equal(migrated(world).applied, 1);
    /* There is no golive migrate force. */
    sql_in(world, "update schema_migrations set dirty = true");
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_REFUSED);
    expect_says(err.hint, "by golang-migrate itself: migrate -path");
}

static void a_failing_file_leaves_the_version(void **state)
{
    const struct world *world = *state;
    put(world, "000001_a.up.sql", "create table a ();");
    put(world, "000002_b.up.sql", "create table b ();\ncreate table a ();");
    expect_failure(world, GL_E_DATABASE, "42P07");
    expect_sql(world, "select version || ',' || dirty from schema_migrations", "1,false");
    expect_sql(world, "select to_regclass('b') is null", "t");
}

/* Known from golang-migrate: GenerateAdvisoryLockId("app", "public", "schema_migrations") is the
 * CRC-32 of "public\0schema_migrations\0app" times the salt, modulo 2^32. */
static void golang_migrate_has_its_own_lock(void **state)
{
    (void)state;
    assert_int_equal(gl_format_golang.lock_key("app", "public"), INT64_C(1787120056));
}

static void dbmate_is_gone_on_with(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    put(world, "20260101000000_a.sql",
        "-- migrate:up\ncreate table a ();\n\n-- migrate:down\ndrop table a;\n");
    put(world, "20260102000000_b.sql", "-- a note\n\n-- migrate:up\n\ncreate tabel b ();\n");
    expect_format(world, &gl_format_dbmate, 2);
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_DATABASE);
    assert_int_equal(err.line, 5);
    assert_int_equal(result.applied, 1);
    put(world, "20260102000000_b.sql", "-- migrate:up\ncreate table b ();\n");
    put(world, "20251231000000_older.sql", "-- migrate:up\ncreate table older ();\n");
    assert_int_equal(migrated(world).applied, 2);
    expect_sql(world, "select string_agg(version, ',' order by version) from schema_migrations",
               "20251231000000,20260101000000,20260102000000");
    expect_states(world, "aaa");
    put(world, "20260103000000_i.sql",
        "-- migrate:up transaction:false\ncreate index concurrently i on a ((1));");
    expect_failure(world, GL_E_REFUSED, "of dbmate");
}

static void dbmate_down_blocks_say_nothing_of_the_phase(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    put(world, "1_a.sql",
        "-- migrate:up\nalter table a add column x int;\n"
        "-- migrate:down\nalter table a drop column x;\n");
    put(world, "2_b.sql",
        "-- migrate:up\nalter table a drop column x;\n"
        "-- migrate:down\nalter table a add column x int;\n");
    ok(gl_migrations_scan(world->dir, &list, &err), &err);
    assert_int_equal(list.items[0].phase, GL_PHASE_EXPAND);
    assert_int_equal(list.items[1].phase, GL_PHASE_CONTRACT);
}

static void dbmate_files_are_checked(void **state)
{
    const struct world *world = *state;

    static const struct {
        const char *text;
        unsigned line;
    } bad[] = {
        {"create table a ();\n-- migrate:up\n",         1},
        {"\n-- migrate:down\n-- migrate:up\nselect 1;", 2},
        {"-- a\n--\tmigrate:down\nselect 1;\n",         2},
        {"-- MIGRATE:UP\ncreate table a ();\n",         1},
        {"-- migrate: up\ncreate table a ();\n",        1},
        {"-- migrate:upwards\ncreate table a ();\n",    1},
    };

    put(world, "1_a.sql", "-- migrate:up\nselect 1;");
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_automigrations struct gl_migrations list = {0};
        put(world, "2_b.sql", bad[i].text);
        assert_int_equal(gl_migrations_scan(world->dir, &list, &err), GL_E_CONFIG);
        expect_says(err.message, "migrate:up");
        assert_int_equal(err.line, bad[i].line);
    }
}

static void diesel_is_gone_on_with(void **state)
{
    const struct world *world = *state;
    put_in(world, "00000000000000_diesel_initial_setup/up.sql", "create table a ();");
    put_in(world, "00000000000000_diesel_initial_setup/down.sql", "drop table a;");
    put_in(world, "2026-01-02-030405_b/up.sql", "create table b ();");
    expect_format(world, &gl_format_diesel, 2);
    assert_int_equal(migrated(world).applied, 2);
    expect_sql(world,
               "select string_agg(version, ',' order by version) from "
               "__diesel_schema_migrations where run_on <= now()",
               "00000000000000,20260102030405");
    expect_states(world, "aa");
    put_in(world, "2026-01-03-030405_c/up.sql", "create index concurrently i on a ((1));");
    put_in(world, "2026-01-03-030405_c/metadata.toml", "run_in_transaction = false\n");
    expect_failure(world, GL_E_REFUSED, "of diesel");
}

static void refinery_is_only_read(void **state)
{
    const struct world *world = *state;
    put(world, "V1__a.sql", "create table a ();");
    put(world, "U2__b.sql", "create table b ();");
    put(world, "V10__c.sql", "create table c ();");
    expect_format(world, &gl_format_refinery, 3);
    sql_in(world, "create table refinery_schema_history (version int4 primary key, name "
                  "varchar(255), applied_on varchar(255), checksum varchar(255)); "
                  "insert into refinery_schema_history values (1, 'a', 'x', '1')");
    expect_states(world, "app");
    expect_failure(world, GL_E_REFUSED, "of refinery");
    expect_sql(world, "select to_regclass('b') is null", "t");
}

/* The last row of a version counts: goose adds one for a revert, too. */
static void goose_is_only_read(void **state)
{
    const struct world *world = *state;
    put(world, "00001_a.sql", "-- +goose Up\ncreate table a ();\n-- +goose Down\ndrop table a;\n");
    put(world, "00002_b.sql", "-- +goose up\ncreate table b ();\n");
    put(world, "20240101000000_c.sql",
        "-- +goose NO TRANSACTION\n--+goose Up\nvacuum;\n-- +goose Down\n");
    expect_format(world, &gl_format_goose, 3);
    expect_states(world, "ppp");
    sql_in(world,
           "create table goose_db_version (id serial primary key, version_id bigint not null, "
           "is_applied boolean not null, tstamp timestamp default now()); "
           "insert into goose_db_version (version_id, is_applied) values (0, true), "
           "(1, true), (2, true), (2, false)");
    expect_states(world, "app");
    expect_failure(world, GL_E_REFUSED, "of goose");
    expect_sql(world, "select to_regclass('b') is null", "t");
}

static void what_goose_would_not_run_as_it_stands(void **state)
{
    const struct world *world = *state;

    static const struct {
        const char *text, *says;
        unsigned line;
    } cases[] = {
        {"select 1;\n-- +goose Up\nselect 2;\n",                          "before any statement", 1},
        {"-- +goose Down\nselect 1;\n-- +goose Up\nselect 2;\n",          "only after it",        1},
        {"-- +goose Up\n-- +goose ENVSUB ON\ncreate table ${NAME} ();\n", "environment",          2},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_automigrations struct gl_migrations list = {0};
        put(world, "1_a.sql", cases[i].text);
        assert_int_equal(gl_migrations_scan(world->dir, &list, &err), GL_E_CONFIG);
        expect_says(err.message, cases[i].says);
        assert_int_equal(err.line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sqlx_is_what_is_left),
        CASE(a_folder_of_sqlx_is_not_run_again_as_another),
        CASE(tools_are_taken_as_they_are_named),
        CASE(golang_migrate_is_gone_on_with),
        CASE(golang_migrate_leaves_nothing_out),
        CASE(no_hint_leads_round_in_a_circle),
        CASE(a_failing_file_leaves_the_version),
        cmocka_unit_test(golang_migrate_has_its_own_lock),
        CASE(dbmate_is_gone_on_with),
        CASE(dbmate_down_blocks_say_nothing_of_the_phase),
        CASE(dbmate_files_are_checked),
        CASE(diesel_is_gone_on_with),
        CASE(refinery_is_only_read),
        CASE(goose_is_only_read),
        CASE(what_goose_would_not_run_as_it_stands),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
