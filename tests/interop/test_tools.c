/* golive beside the real sqlx-cli and dbmate: each goes on where the other stopped. Both are
 * fetched once, into INTEROP_TOOLS, by the ordinary clients of their registries. */
#include <unistd.h>

#include "base/strv.h"
#include "proc/proc.h"
#include "unit/migrate/fixture.h"

#define SQLX_VERSION   "0.8.6"
#define DBMATE_VERSION "2.36.0"

static char *sqlx;
static char *dbmate;

static void run_tool(const char *const *argv, const char *cwd)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_proc_spec spec = {.argv = argv, .cwd = cwd, .timeout_ms = 1700000};
    ok(gl_proc_check(&spec, NULL, &err), &err);
}

/* Building it takes some minutes, once. */
static void fetch_sqlx(const char *tools)
{
    gl_autofree char *root = gl_path_join(tools, "sqlx-cli");
    gl_autofree char *target = gl_path_join(tools, "target");
    const char *const argv[] = {"cargo",
                                "install",
                                "sqlx-cli",
                                "--version",
                                SQLX_VERSION,
                                "--no-default-features",
                                "--features",
                                "postgres,rustls",
                                "--locked",
                                "--quiet",
                                "--root",
                                root,
                                "--target-dir",
                                target,
                                NULL};
    sqlx = gl_path_join(root, "bin/sqlx");
    if (access(sqlx, X_OK) != 0)
        run_tool(argv, tools);
}

static void fetch_dbmate(const char *tools)
{
    gl_autofree char *root = gl_path_join(tools, "dbmate");
    const char *const argv[] = {"npm",        "install",  "--silent", "--no-fund",
                                "--no-audit", "--prefix", root,       "dbmate@" DBMATE_VERSION,
                                NULL};
    gl_autoerr struct gl_error err = {0};
    dbmate = gl_path_join(root, "node_modules/.bin/dbmate");
    ok(gl_mkdir_p(root, 0755, &err), &err);
    if (access(dbmate, X_OK) != 0)
        run_tool(argv, root);
}

static int fetch(void **state)
{
    gl_autoerr struct gl_error err = {0};
    const char *tools = getenv("INTEROP_TOOLS");
    assert_non_null(tools);
    ok(gl_mkdir_p(tools, 0755, &err), &err);
    fetch_sqlx(tools);
    fetch_dbmate(tools);
    if (server_up(state) != 0)
        return -1;
    return gl_pgtest_sql(&server, "postgres", "create role tool superuser login password 'geheim1'",
                         &err);
}

static int forget(void **state)
{
    free(gl_steal(&sqlx));
    free(gl_steal(&dbmate));
    return server_down(state);
}

/* Runs a tool on the world's database; its exit code, and what it said in *ret_output. */
static int tool(const struct world *world, const char *const *argv, char **ret_output)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = gl_pgtest_url(&server, "tool", "geheim1", world->database);
    gl_autofree char *variable = gl_asprintf("DATABASE_URL=%s?sslmode=disable", url);
    const char *const env[] = {variable, NULL};
    const struct gl_proc_spec spec = {
        .argv = argv, .env_add = env, .cwd = world->dir, .merge_stderr = true, .timeout_ms = 60000};
    gl_autoproc struct gl_proc_result result = {0};
    ok(gl_proc_run(&spec, &result, &err), &err);
    *ret_output = gl_buf_steal(&result.out);
    return result.exit_code;
}

static void expect_sqlx(const struct world *world, const char *verb, int code, const char *part)
{
    const char *const argv[] = {sqlx, "migrate", verb, "--source", world->dir, NULL};
    gl_autofree char *output = NULL;
    int is = tool(world, argv, &output);
    if (is != code || !strstr(output ? output : "", part))
        fail_msg("sqlx migrate %s exited with %d and said: %s", verb, is, output);
}

static void expect_dbmate(const struct world *world, const char *verb, const char *part)
{
    const char *const argv[] = {dbmate, "--no-dump-schema", "--migrations-dir", world->dir, verb,
                                NULL};
    gl_autofree char *output = NULL;
    int is = tool(world, argv, &output);
    if (is != 0 || !strstr(output ? output : "", part))
        fail_msg("dbmate %s exited with %d and said: %s", verb, is, output);
}

/* ---- sqlx-cli ---- */

static void sqlx_and_golive_take_turns(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "create table a (id int primary key, n int default 0);");
    expect_sqlx(world, "run", 0, "Applied 1/migrate a");
    put(world, "2_b.sql", "-- no-transaction\n-- golive: batch=10\nupdate a set n = n + 1;");
    sql_in(world, "insert into a select i from generate_series(1, 100) i");
    assert_int_equal(migrated(world).applied, 1);
    put(world, "3_c.sql", "-- no-transaction\ncreate index concurrently i on a (n);");
    expect_sqlx(world, "run", 0, "Applied 3/migrate c");
    assert_int_equal(migrated(world).applied, 0);
    expect_sqlx(world, "info", 0, "2/installed b");
    expect_sql(world, "select min(n) || ',' || max(n) from a", "1,1");
}

/* What golive has not finished, sqlx does not touch. */
static void sqlx_refuses_a_half_done_backfill(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql",
        "create table a (id int primary key, n int default 0 check (n = 0 or id < 50));"
        "insert into a select i from generate_series(1, 100) i;");
    put(world, "2_b.sql", "-- no-transaction\n-- golive: batch=10\nupdate a set n = n + 1;");
    expect_failure(world, GL_E_DATABASE, "23514");
    expect_sqlx(world, "run", 1, "2");
    expect_sql(world, "select sum(n) from a", "40");
    sql_in(world, "alter table a drop constraint a_check");
    assert_int_equal(migrated(world).applied, 1);
    expect_sqlx(world, "run", 0, "");
    expect_sql(world, "select sum(n) || ',' || max(n) from a", "100,1");
}

static void sqlx_reverts_what_golive_applied(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.up.sql", "create table a ();");
    put(world, "1_a.down.sql", "drop table a;");
    migrated(world);
    expect_sqlx(world, "revert", 0, "Applied 1/revert a");
    expect_sql(world, "select to_regclass('a') is null", "t");
    assert_int_equal(migrated(world).applied, 1);
}

/* ---- dbmate ---- */

static void dbmate_and_golive_take_turns(void **state)
{
    const struct world *world = *state;
    put(world, "20260101000000_a.sql",
        "-- migrate:up\ncreate table a ();\n-- migrate:down\ndrop table a;\n");
    expect_dbmate(world, "migrate", "20260101000000_a.sql");
    put(world, "20260102000000_b.sql",
        "-- migrate:up\ncreate table b ();\n-- migrate:down\ndrop table b;\n");
    assert_int_equal(migrated(world).applied, 1);
    put(world, "20260103000000_c.sql",
        "-- migrate:up\ncreate table c ();\n-- migrate:down\ndrop table c;\n");
    expect_dbmate(world, "migrate", "20260103000000_c.sql");
    assert_int_equal(migrated(world).applied, 0);
    expect_dbmate(world, "status", "Pending: 0");
    expect_dbmate(world, "rollback", "20260103000000_c.sql");
    assert_int_equal(migrated(world).applied, 1);
}

/* A table that golive made is one that dbmate takes, and goes on with. */
static void dbmate_takes_golives_table(void **state)
{
    const struct world *world = *state;
    put(world, "20260101000000_a.sql", "-- migrate:up\ncreate table a ();\n-- migrate:down\n");
    assert_int_equal(migrated(world).applied, 1);
    expect_dbmate(world, "status", "[X] 20260101000000_a.sql");
    expect_dbmate(world, "migrate", "");
    expect_sql(world, "select count(*) from schema_migrations", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sqlx_and_golive_take_turns),       CASE(sqlx_refuses_a_half_done_backfill),
        CASE(sqlx_reverts_what_golive_applied), CASE(dbmate_and_golive_take_turns),
        CASE(dbmate_takes_golives_table),
    };
    return cmocka_run_group_tests(tests, fetch, forget);
}
