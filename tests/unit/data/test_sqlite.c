/* SQLite: opening, binding, errors that name file and statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/fs.h"
#include "data/sqlite.h"

static void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

static sqlite3 *open_memory(void)
{
    gl_autoerr struct gl_error err = {0};
    sqlite3 *db = NULL;
    must(gl_sqlite_open(":memory:", &db, &err), &err);
    return db;
}

static void values_of_every_kind_are_bound(void **state)
{
    (void)state;
    gl_autosqlite sqlite3 *db = open_memory();
    gl_autoerr struct gl_error err = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    must(gl_sqlite_prepare(db, &stmt, &err, "select ?1, ?2, ?3, ?4", "titd", "名 'x'", INT64_MIN,
                           (const char *)NULL, 1.5),
         &err);
    assert_int_equal(gl_sqlite_step(stmt, &err), 1);
    assert_string_equal(gl_sqlite_text(stmt, 0), "名 'x'");
    assert_true(sqlite3_column_int64(stmt, 1) == INT64_MIN);
    assert_int_equal(sqlite3_column_type(stmt, 2), SQLITE_NULL);
    assert_string_equal(gl_sqlite_text(stmt, 2), "");
    assert_true(sqlite3_column_double(stmt, 3) == 1.5);
    assert_int_equal(gl_sqlite_step(stmt, &err), 0);
}

static void run_goes_through_all_rows(void **state)
{
    (void)state;
    gl_autosqlite sqlite3 *db = open_memory();
    gl_autoerr struct gl_error err = {0};
    must(gl_sqlite_exec(db, "create table t (a); insert into t values (1), (2), (3)", &err), &err);
    must(gl_sqlite_run(db, &err, "update t set a = a + ?1 returning a", "i", (int64_t)1), &err);
    assert_int_equal(sqlite3_changes(db), 3);
}

static void errors_name_the_statement(void **state)
{
    (void)state;
    gl_autosqlite sqlite3 *db = open_memory();
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_sqlite_exec(db, "select * from nowhere", &err), GL_E_DATABASE);
    assert_non_null(strstr(err.message, "select * from nowhere"));
    assert_non_null(strstr(err.message, "no such table: nowhere"));
    assert_int_equal(gl_sqlite_run(db, &err, "select \"text\"", NULL), GL_E_DATABASE);
    assert_int_equal(gl_sqlite_run(db, &err, "select ?1", "ii", (int64_t)1, (int64_t)2),
                     GL_E_DATABASE);
    gl_autofree char *sql = gl_asprintf("select %0500d from nowhere", 1);
    assert_int_equal(gl_sqlite_exec(db, sql, &err), GL_E_DATABASE);
    assert_true(strlen(err.message) < 200); /* a screenful of SQL helps nobody */
}

struct files {
    char *dir;
    char *path;
};

static int make_files(void **state)
{
    struct files *files = gl_alloc(sizeof *files);
    files->dir = gl_strdup("/tmp/golive sqlite 表 XXXXXX");
    assert_non_null(mkdtemp(files->dir));
    files->path = gl_path_join(files->dir, "x?mode=memory#%20.db");
    *state = files;
    return 0;
}

static int drop_files(void **state)
{
    struct files *files = *state;
    gl_autoerr struct gl_error err = {0};
    must(gl_remove_tree(files->dir, &err), &err);
    free(files->dir);
    free(files->path);
    free(files);
    return 0;
}

static int64_t pragma(sqlite3 *db, const char *sql)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostmt sqlite3_stmt *stmt = NULL;
    must(gl_sqlite_prepare(db, &stmt, &err, sql, NULL), &err);
    assert_int_equal(gl_sqlite_step(stmt, &err), 1);
    return sqlite3_column_int64(stmt, 0);
}

static void a_file_is_made_durable(void **state)
{
    const struct files *files = *state;
    gl_autosqlite sqlite3 *db = NULL;
    gl_autoerr struct gl_error err = {0};
    must(gl_sqlite_open(files->path, &db, &err), &err);
    assert_true(gl_is_file(files->path)); /* the name is taken as it is, not as a URI */
    assert_int_equal(pragma(db, "pragma synchronous"), 2);
    assert_int_equal(pragma(db, "pragma foreign_keys"), 1);
    gl_autostmt sqlite3_stmt *stmt = NULL;
    must(gl_sqlite_prepare(db, &stmt, &err, "pragma journal_mode", NULL), &err);
    assert_int_equal(gl_sqlite_step(stmt, &err), 1);
    assert_string_equal(gl_sqlite_text(stmt, 0), "wal");
}

static void another_writer_makes_it_busy(void **state)
{
    const struct files *files = *state;
    gl_autosqlite sqlite3 *one = NULL;
    gl_autosqlite sqlite3 *two = NULL;
    gl_autoerr struct gl_error err = {0};
    must(gl_sqlite_open(files->path, &one, &err), &err);
    must(gl_sqlite_open(files->path, &two, &err), &err);
    must(gl_sqlite_exec(one, "create table t (a); begin immediate", &err), &err);
    sqlite3_busy_timeout(two, 10);
    assert_int_equal(gl_sqlite_exec(two, "insert into t values (1)", &err), GL_E_BUSY);
    assert_non_null(strstr(err.message, files->path));
    must(gl_sqlite_exec(one, "commit", &err), &err);
    must(gl_sqlite_exec(two, "insert into t values (1)", &err), &err);
}

static void what_is_no_database_is_refused(void **state)
{
    const struct files *files = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = gl_alloc(8193);
    memset(text, 't', 8192);
    must(gl_write_text(files->path, text, 0644, &err), &err);
    sqlite3 *db = NULL;
    assert_int_equal(gl_sqlite_open(files->path, &db, &err), GL_E_CORRUPT);
    assert_null(db);
    assert_non_null(strstr(err.message, files->path));
    assert_int_equal(gl_sqlite_open(files->dir, &db, &err), GL_E_IO);
    assert_int_equal(gl_sqlite_open("/no/such/dir/x.db", &db, &err), GL_E_IO);
    assert_non_null(strstr(err.message, "/no/such/dir/x.db"));
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind_are_bound),
        cmocka_unit_test(run_goes_through_all_rows),
        cmocka_unit_test(errors_name_the_statement),
        cmocka_unit_test_setup_teardown(a_file_is_made_durable, make_files, drop_files),
        cmocka_unit_test_setup_teardown(another_writer_makes_it_busy, make_files, drop_files),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, make_files, drop_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
