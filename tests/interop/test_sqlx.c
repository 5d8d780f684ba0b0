/* golive and sqlx on the same database: each accepts what the other did. */
#include "migrate/session.h"
#include "proc/proc.h"
#include "unit/migrate/fixture.h"

static char *program; /* sqlx-check */

static int build_program(void **state)
{
    gl_autoerr struct gl_error err = {0};
    const char *target = getenv("CARGO_TARGET_DIR");
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(target);
    assert_non_null(root);
    gl_autofree char *crate = gl_path_join(root, "tests/interop/sqlx-check");
    const char *const argv[] = {"cargo", "build", "--release", "--locked", "--quiet", NULL};
    const struct gl_proc_spec spec = {.argv = argv, .cwd = crate, .timeout_ms = 540000};
    ok(gl_proc_check(&spec, NULL, &err), &err);
    program = gl_path_join(target, "release/sqlx-check");
    return server_up(state);
}

static int forget_program(void **state)
{
    free(gl_steal(&program));
    return server_down(state);
}

/* Percent-encodes everything that is not plainly allowed. */
static char *encode(const char *text)
{
    gl_autobuf struct gl_buf encoded = {0};
    for (const char *c = text; *c; c++) {
        bool plain = strchr("-._~", *c) || (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
                     (*c >= 'A' && *c <= 'Z');
        if (plain)
            gl_buf_putc(&encoded, *c);
        else
            gl_buf_printf(&encoded, "%%%02X", (unsigned)(unsigned char)*c);
    }
    return gl_buf_steal(&encoded);
}

/* Runs sqlx on the directory; its exit code, and what it printed in *ret_output. */
static int run_sqlx(const struct world *world, char **ret_output)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *host = encode(server.dir);
    gl_autofree char *url = gl_asprintf("DATABASE_URL=postgresql://postgres@%s:%d/%s", host,
                                        server.port, world->database);
    const char *const argv[] = {program, world->dir, NULL};
    const char *const env[] = {url, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .env_add = env, .timeout_ms = 60000, .merge_stderr = true};
    gl_autoproc struct gl_proc_result result = {0};
    ok(gl_proc_run(&spec, &result, &err), &err);
    *ret_output = gl_strdup(gl_buf_text(&result.out));
    return result.exit_code;
}

static void expect_sqlx(const struct world *world, const char *output)
{
    gl_autofree char *printed = NULL;
    int code = run_sqlx(world, &printed);
    if (code != 0 || strcmp(printed, output) != 0)
        fail_msg("sqlx exited with %d and said: %s", code, printed);
}

/* Names and bytes where the two might differ. */
static void put_all(const struct world *world)
{
    put(world, "1_users.sql", "create table users (id bigint primary key, name text);");
    put(world, "0002_crlf.sql", "insert into users values (1, 'a');\r\nselect 1;\r\n");
    put(world, "3_\xe6\x97\xa5\xe6\x9c\xac_x.sql",
        "-- \xe5\x90\x8d\xe5\x89\x8d\ninsert into users values (2, '\xe5\xb1\xb1\xf0\x9f\x97\xbb');");
    put(world, "4_pair.up.sql",
        "alter table users add column at timestamptz default '2026-01-01';");
    put(world, "4_pair.down.sql", "alter table users drop column at;");
    put(world, "5_index.sql",
        "-- no-transaction\ncreate index concurrently users_name on users (name);");
    put(world, "6__a_.sql.sql", "");
    put(world, "+7_plus.sql", "-- nothing but a comment");
}

#define ROWS_OF_BOTH                                                                               \
    "select string_agg(version || '|' || description || '|' || success || '|' || "                 \
    "encode(checksum, 'hex') || '|' || (execution_time > 0), E'\\n' order by version) "            \
    "from _sqlx_migrations"

#define COLUMNS_OF_BOTH                                                                            \
    "select string_agg(column_name || ' ' || data_type || ' ' || is_nullable || ' ' || "           \
    "coalesce(column_default, '-'), ', ' order by ordinal_position) || (select "                   \
    "pg_get_constraintdef(oid) from pg_constraint where conrelid = '_sqlx_migrations'::regclass) " \
    "from information_schema.columns where table_name = '_sqlx_migrations'"

static void sqlx_accepts_what_golive_applied(void **state)
{
    const struct world *world = *state;
    put_all(world);
    assert_int_equal(migrated(world).applied, 7);
    expect_sqlx(world, "");
}

static void golive_accepts_what_sqlx_applied(void **state)
{
    const struct world *world = *state;
    put_all(world);
    expect_sqlx(world, "applied 1\napplied 2\napplied 3\napplied 4\napplied 5\napplied 6\n"
                       "applied 7\n");
    assert_int_equal(migrated(world).applied, 0);
}

static void both_leave_the_same_rows_and_table(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_all(world);
    migrated(world);
    gl_autofree char *rows = gl_pgtest_value(&server, world->database, ROWS_OF_BOTH, &err);
    gl_autofree char *columns = gl_pgtest_value(&server, world->database, COLUMNS_OF_BOTH, &err);
    ok(rows && columns ? 0 : -1, &err);
    sql_in(world, "drop table _sqlx_migrations, users");
    gl_autofree char *printed = NULL;
    assert_int_equal(run_sqlx(world, &printed), 0);
    expect_sql(world, ROWS_OF_BOTH, rows);
    expect_sql(world, COLUMNS_OF_BOTH, columns);
    /* The session's time zone decides what a timestamp without one means. */
    expect_sql(world, "select extract(epoch from at)::bigint from users where id = 1",
               "1767225600");
}

static void each_goes_on_where_the_other_stopped(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a ();");
    expect_sqlx(world, "applied 1\n");
    put(world, "2_b.sql", "create table b ();");
    assert_int_equal(migrated(world).applied, 1);
    put(world, "3_c.sql", "create table c ();");
    expect_sqlx(world, "applied 3\n");
    assert_int_equal(migrated(world).applied, 0);
}

static void both_refuse_an_edited_file(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a ();");
    migrated(world);
    put(world, "1_a.sql", "create table a (); ");
    gl_autofree char *printed = NULL;
    assert_int_not_equal(run_sqlx(world, &printed), 0);
    expect_says(printed, "VersionMismatch(1)");
    expect_failure(world, GL_E_REFUSED, "edited");
}

static void both_refuse_a_wrong_name(void **state)
{
    const struct world *world = *state;
    put(world, "x_a.sql", "");
    gl_autofree char *printed = NULL;
    assert_int_not_equal(run_sqlx(world, &printed), 0);
    expect_says(printed, "x_a.sql");
    expect_failure(world, GL_E_CONFIG, "x_a.sql");
}

static void unfinished_row_keeps_sqlx_out_until_golive_repaired_it(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (x int);");
    put(world, "2_i.sql", "-- no-transaction\ncreate index concurrently i on a (x);");
    migrated(world);
    sql_in(world, "update _sqlx_migrations set success = false where version = 2");
    gl_autofree char *printed = NULL;
    assert_int_not_equal(run_sqlx(world, &printed), 0);
    expect_says(printed, "Dirty(2)");
    assert_int_equal(migrated(world).applied, 1);
    expect_sqlx(world, "");
}

/* sqlx holds the lock under this key while it applies a file. */
static void lock_is_the_one_sqlx_takes(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "create table seen as select classid::bigint << 32 | objid::bigint as key "
        "from pg_locks where locktype = 'advisory' and pid = pg_backend_pid();");
    expect_sqlx(world, "applied 1\n");
    gl_autofree char *key = gl_asprintf("%lld", (long long)gl_lock_key(world->database));
    expect_sql(world, "select key from seen", key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sqlx_accepts_what_golive_applied),
        CASE(golive_accepts_what_sqlx_applied),
        CASE(both_leave_the_same_rows_and_table),
        CASE(each_goes_on_where_the_other_stopped),
        CASE(both_refuse_an_edited_file),
        CASE(both_refuse_a_wrong_name),
        CASE(unfinished_row_keeps_sqlx_out_until_golive_repaired_it),
        CASE(lock_is_the_one_sqlx_takes),
    };
    return cmocka_run_group_tests(tests, build_program, forget_program);
}
