/* A live database: sizes, version, what is applied. */
#include "fixture.h"
#include "lint/database.h"
#include "lint/rule.h"
#include "support/pgtest.h"

static struct gl_pgtest server;

static int up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    if (scratch_make(state) < 0 || gl_pgtest_start(&server, &err) < 0)
        return -1;
    return gl_pgtest_sql(&server, "postgres",
                         "CREATE TABLE large (a int); INSERT INTO large SELECT generate_series(1, "
                         "20000); CREATE SCHEMA s; CREATE TABLE s.small (a int);"
                         "ANALYZE large; CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY,"
                         " description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT "
                         "now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time "
                         "bigint NOT NULL); INSERT INTO _sqlx_migrations VALUES (1, 'x', now(), "
                         "true, '', 1), (3, 'y', now(), true, '', 1)",
                         &err);
}

static int down(void **state)
{
    gl_pgtest_stop(&server);
    return scratch_remove(state);
}

static void asked(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintdatabase struct gl_lint_database database = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "postgres");
    write_files("SELECT 1;", "SELECT 2;", 9, &files);
    if (gl_lint_database_read(conninfo, &files, &database, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(files.items[0].applied);
    assert_false(files.items[1].applied);
    /* Its checksum is empty; 3 is applied, and 2 is not. */
    assert_true(files.items[0].edited);
    assert_true(files.items[1].late);
    const struct gl_lint_options options = {0};
    gl_autolint struct gl_lint_result result = {0};
    files.items[0].outside = false;
    assert_int_equal(gl_lint_run(&files, &options, &result, &err), 0);
    assert_non_null(find(&result, "applied-file-edited"));
    assert_non_null(find(&result, "version-out-of-order"));
    assert_in_range(database.server_version, 14, 18);
    assert_int_equal(gl_lint_size_of(&database.sizes, "public.large")->rows, 20000);
    assert_non_null(gl_lint_size_of(&database.sizes, "s.small"));
    assert_null(gl_lint_size_of(&database.sizes, "pg_catalog.pg_class"));
}

/* What is written for pipelines reads as the same. */
static void sizes_round_trip(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintdatabase struct gl_lint_database database = {0};
    gl_autolintsizes struct gl_lint_sizes again = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "postgres");
    gl_autofree char *path = gl_path_join(scratch, "stats.json");
    assert_int_equal(gl_lint_database_read(conninfo, &files, &database, &err), 0);
    gl_autofree char *text = gl_lint_sizes_make(&database.sizes);
    assert_int_equal(gl_write_text(path, text, 0600, &err), 0);
    assert_int_equal(gl_lint_sizes_read(path, &again, &err), 0);
    assert_int_equal(again.count, database.sizes.count);
    for (size_t i = 0; i < again.count; i++) {
        assert_string_equal(again.items[i].relation, database.sizes.items[i].relation);
        assert_int_equal(again.items[i].bytes, database.sizes.items[i].bytes);
    }
}

/* dbmate's table, and its blocks to undo. */
static void of_another_tool(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintdatabase struct gl_lint_database database = {0};
    gl_autolint struct gl_lint_result result = {0};
    const struct gl_lint_options options = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "postgres");
    gl_autofree char *dir = gl_path_join(scratch, "dbmate");
    gl_autofree char *one = gl_path_join(dir, "007_one.sql");
    gl_autofree char *two = gl_path_join(dir, "008_two.sql");
    assert_int_equal(gl_mkdir_p(dir, 0700, &err), 0);
    assert_int_equal(gl_write_text(one, "-- migrate:up\nSELECT 1;", 0600, &err), 0);
    assert_int_equal(
        gl_write_text(two, "-- migrate:up\nSELECT 2;\n-- migrate:down\nDROP TABLE t;", 0600, &err),
        0);
    assert_int_equal(gl_pgtest_sql(&server, "postgres",
                                   "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                                   "INSERT INTO schema_migrations VALUES ('007')",
                                   &err),
                     0);
    assert_int_equal(gl_lint_files_add(&files, dir, &err), 0);
    if (gl_lint_database_read(conninfo, &files, &database, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(files.count, 2);
    assert_true(files.items[0].applied);
    assert_false(files.items[0].edited);
    assert_false(files.items[1].applied);
    assert_int_equal(gl_lint_run(&files, &options, &result, &err), 0);
    assert_null(find(&result, "drop-table"));
    assert_int_equal(gl_lint_files_add(&files, dir, &err), GL_E_USAGE);
}

/* Two levels, analyzed and not: the rows are in the leaves. */
static void partitioned(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintdatabase struct gl_lint_database database = {0};
    gl_autofree char *conninfo = gl_pgtest_conninfo(&server, NULL, "postgres");
    assert_int_equal(gl_pgtest_sql(&server, "postgres",
                                   "CREATE TABLE p (a int) PARTITION BY RANGE (a);"
                                   "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (20001);"
                                   "CREATE TABLE p2 PARTITION OF p DEFAULT PARTITION BY RANGE (a);"
                                   "CREATE TABLE p21 PARTITION OF p2 DEFAULT;"
                                   "CREATE TABLE q (a int) PARTITION BY RANGE (a);"
                                   "INSERT INTO p SELECT generate_series(1, 30000); ANALYZE p",
                                   &err),
                     0);
    if (gl_lint_database_read(conninfo, &files, &database, &err) < 0)
        fail_msg("%s", err.message);
    const struct gl_lint_size *whole = gl_lint_size_of(&database.sizes, "public.p");
    const struct gl_lint_size *one = gl_lint_size_of(&database.sizes, "public.p1");
    const struct gl_lint_size *other = gl_lint_size_of(&database.sizes, "public.p2");
    assert_int_equal(whole->rows, 30000);
    assert_int_equal(other->rows, 10000);
    assert_true(one->bytes > 0 && whole->bytes == one->bytes + other->bytes);
    assert_int_equal(gl_lint_size_of(&database.sizes, "public.q")->rows, 0);
}

/* What the server calls reserved gets quotes, and other keywords none. */
static void reserved_words(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *all = gl_pgtest_value(
        &server, "postgres",
        "SELECT string_agg(word, ' ') FROM pg_get_keywords() WHERE catcode IN ('R', 'T')", &err);
    gl_autostrv struct gl_strv words = {0};
    assert_non_null(all);
    gl_strv_split(&words, all, " ");
    assert_in_range(words.count, 90, 120);
    for (size_t i = 0; i < words.count; i++) {
        gl_autofree char *quoted = gl_lint_quote(words.items[i]);
        gl_autofree char *expected = gl_asprintf("\"%s\"", words.items[i]);
        assert_string_equal(quoted, expected);
    }
    gl_autofree char *plain = gl_lint_quote("value");
    assert_string_equal(plain, "value");
}

static void nobody_answers(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintdatabase struct gl_lint_database database = {0};
    assert_int_equal(gl_lint_database_read("postgresql://a@127.0.0.1:1/x", &files, &database, &err),
                     GL_E_NET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asked),           cmocka_unit_test(sizes_round_trip),
        cmocka_unit_test(of_another_tool), cmocka_unit_test(partitioned),
        cmocka_unit_test(reserved_words),  cmocka_unit_test(nobody_answers),
    };
    return cmocka_run_group_tests(tests, up, down);
}
