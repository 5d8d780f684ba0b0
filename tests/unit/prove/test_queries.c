/* What is found in sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/fs.h"
#include "prove/queries.h"

static struct gl_queries read_source(const char *text)
{
    struct gl_queries queries = {0};
    gl_queries_read_rust(text, strlen(text), "/nowhere", "src/a.rs", &queries);
    return queries;
}

/* One query, in this line. */
static void expect_one(const char *source, const char *sql, unsigned line)
{
    gl_autoqueries struct gl_queries queries = read_source(source);
    if (queries.count != 1)
        fail_msg("%zu queries in: %s", queries.count, source);
    assert_string_equal(queries.items[0].sql, sql);
    assert_string_equal(queries.items[0].file, "src/a.rs");
    assert_int_equal(queries.items[0].line, line);
    assert_int_equal(queries.unread.count, 0);
}

static void expect_none(const char *source, size_t unread)
{
    gl_autoqueries struct gl_queries queries = read_source(source);
    if (queries.count != 0)
        fail_msg("`%s` in: %s", queries.items[0].sql, source);
    assert_int_equal(queries.unread.count, unread);
}

static void calls_of_all_kinds_are_found(void **state)
{
    (void)state;
    expect_one("\nsqlx::query(\"SELECT 1\")", "SELECT 1", 2);
    expect_one("query_as::<_, (Uuid, Option<i32>)>(\n  \"SELECT a FROM t\",\n)", "SELECT a FROM t",
               1);
    expect_one("sqlx::query_as!(User, \"SELECT id FROM users WHERE id = $1\", id)",
               "SELECT id FROM users WHERE id = $1", 1);
    expect_one("query_as!(Vec<Pair<u8, u8>>, r\"SELECT 2\")", "SELECT 2", 1);
    expect_one("sqlx::query_scalar::<_, fn() -> i64>(&\"DELETE FROM t\")", "DELETE FROM t", 1);
    expect_one("sqlx::raw_sql(\"(SELECT 1) UNION (SELECT 2)\")", "(SELECT 1) UNION (SELECT 2)", 1);
}

static void texts_are_read_as_rust_reads_them(void **state)
{
    (void)state;
    expect_one("query!(r#\"SELECT \"a\" FROM t\"#)", "SELECT \"a\" FROM t", 1);
    expect_one("query!(\"SELECT \\\"a\\\"\\n\\x41\\u{3042} \\\n      FROM t\")",
               "SELECT \"a\"\nA\xe3\x81\x82 FROM t", 1);
    expect_one("query!(\"SELECT a \" + \"FROM t\")", "SELECT a FROM t", 1);
    expect_one("query(concat!(\"SELECT a \", \"FROM t\",))", "SELECT a FROM t", 1);
    expect_one("query(ALL).fetch();\nconst OTHER: &str = \"x\"; const ALL: &str = \"SELECT 7\";",
               "SELECT 7", 1);
    expect_one("let c = '\"'; let d = '\\''; fn f<'a>(x: &'a str) {} query(\"SELECT 1\")",
               "SELECT 1", 1);
    expect_one("/* query(\"SELECT 1\") /* nested */ */ // query(\"SELECT 2\")\nquery(\"SELECT 3\")",
               "SELECT 3", 2);
}

static void what_is_no_query_is_left_alone(void **state)
{
    (void)state;
    expect_none("client.get(url).query(&[(\"a\", \"b\")])", 0);
    expect_none("url.query(\"page=1\")", 0);
    expect_none("fn query(\"SELECT 1\")", 0);
    expect_none("let text = \"query(\\\"SELECT 1\\\")\";", 0);
    expect_none("query", 0);
    expect_none("query!(", 1);
    expect_none("query_as::<_, (", 0);
    expect_none("r#\"never closed query(\"SELECT 1\")", 0);
}

static void what_is_made_at_run_time_is_named(void **state)
{
    (void)state;
    gl_autoqueries struct gl_queries queries =
        read_source("\n\nsqlx::query(&format!(\"SELECT {column}\"))\nsqlx::query_as(&sql)");
    assert_int_equal(queries.count, 0);
    assert_int_equal(queries.unread.count, 2);
    assert_string_equal(queries.unread.items[0], "src/a.rs:3");
    assert_string_equal(queries.unread.items[1], "src/a.rs:4");
}

static void put(const char *dir, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    assert_int_equal(gl_mkdir_p(parent, 0755, &err), 0);
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
}

static void a_directory_is_read_with_its_cache(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoqueries struct gl_queries queries = {0};
    char dir[] = "/tmp/golive queries XXXXXX";
    assert_non_null(mkdtemp(dir));
    put(dir, "src/main.rs", "query!(\"SELECT 1\"); query_file!(\"sql/two.sql\")");
    put(dir, "sql/two.sql", "SELECT 2");
    put(dir, "target/debug/build/x.rs", "query!(\"SELECT 9\")");
    put(dir, ".sqlx/query-0a.json", "{\"db_name\": \"PostgreSQL\", \"query\": \"SELECT 1\"}");
    put(dir, ".sqlx/query-0b.json", "{\"query\": \"SELECT 3\"}");
    assert_int_equal(gl_queries_read(dir, &queries, &err), 0);
    assert_int_equal(queries.count, 3);
    assert_string_equal(queries.items[0].file, "src/main.rs");
    assert_string_equal(queries.items[1].sql, "SELECT 2");
    assert_string_equal(queries.items[2].sql, "SELECT 3");
    assert_string_equal(queries.items[2].file, ".sqlx/query-0b.json");
    put(dir, ".sqlx/query-0c.json", "{\"query\": ");
    assert_int_equal(gl_queries_read(dir, &queries, &err), GL_E_CORRUPT);
    assert_non_null(strstr(err.message, "query-0c.json"));
    assert_int_equal(gl_remove_tree(dir, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_all_kinds_are_found),
        cmocka_unit_test(texts_are_read_as_rust_reads_them),
        cmocka_unit_test(what_is_no_query_is_left_alone),
        cmocka_unit_test(what_is_made_at_run_time_is_named),
        cmocka_unit_test(a_directory_is_read_with_its_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
