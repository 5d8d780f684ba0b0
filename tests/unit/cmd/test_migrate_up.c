/* golive migrate up, the program itself: what it did and what failed stand in the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "proc/proc.h"
#include "support/pgtest.h"

static struct gl_pgtest server;
static char *project;

static void must(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message ? err->message : "no message");
}

static void write_file(const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(project, name);
    gl_autofree char *dir = gl_path_dir(path);
    must(gl_mkdir_p(dir, 0755, &err), &err);
    must(gl_write_text(path, text, 0644, &err), &err);
}

static int set_up(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    char top[] = "/tmp/golive up 移行-XXXXXX";
    must(gl_pgtest_start(&server, &err), &err);
    must(gl_pgtest_sql(&server, "postgres", "create role owner login password 'geheim1'", &err),
         &err);
    must(gl_pgtest_sql(&server, "postgres", "create database app owner owner", &err), &err);
    assert_non_null(mkdtemp(top));
    project = gl_strdup(top);
    write_file("golive.yaml", "golive: 1\napp: {name: demo}\n");
    write_file("backend/migrations/1_users.sql", "create table users (id int);");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    int failed = gl_remove_tree(project, NULL);
    free(project);
    gl_pgtest_stop(&server);
    return failed;
}

static int golive(const char *const *argv, struct gl_proc_result *ret_result)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *url = gl_pgtest_url(&server, "owner", "geheim1", "app");
    gl_autofree char *variable = gl_asprintf("URL=%s", url);
    const char *env[] = {variable, "LC_ALL=C", NULL};
    struct gl_proc_spec spec = {.argv = argv, .env_add = env, .cwd = project};
    must(gl_proc_run(&spec, ret_result, &err), &err);
    return ret_result->exit_code;
}

static void expect_log(const char *kind, const char *part)
{
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "log", "--kind", kind, "--format", "json", NULL};
    assert_int_equal(golive(argv, &result), 0);
    const char *text = gl_buf_text(&result.out);
    if (!strstr(text, part))
        fail_msg("%s is not in the log: %s", part, text);
    assert_null(strstr(text, "geheim1"));
}

static void what_was_applied_is_in_the_ledger(void **state)
{
    (void)state;
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "migrate", "up", "--database-url-env", "URL", NULL};
    int status = golive(argv, &result);
    if (status != 0)
        fail_msg("%s", gl_buf_text(&result.err));
    expect_log("migrate.begin", "\"pending\":[1]");
    expect_log("migrate.done", "\"applied\":1");
    expect_log("migrate.applied", "\"file\":\"1_users.sql\"");
    expect_log("migrate.applied", "\"rows\":0");
    /* printf 'create table users (id int);' | sha384sum */
    expect_log("migrate.applied", "\"checksum\":\"8749ef7c6bd5b620");
}

static void what_failed_is_in_the_ledger(void **state)
{
    (void)state;
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "migrate", "up", "--database-url-env", "URL", NULL};
    write_file("backend/migrations/2_broken.sql", "create table users (id int);");
    assert_int_equal(golive(argv, &result), gl_code_exit_status(GL_E_DATABASE));
    expect_log("migrate.begin", "\"pending\":[2]");
    expect_log("migrate.failed", "\"error\":\"database\"");
    expect_log("migrate.failed", "\"applied\":0");
}

static char *text_of(const char *kind)
{
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "log", "--kind", kind, "--format", "json", NULL};
    assert_int_equal(golive(argv, &result), 0);
    return gl_buf_steal(&result.out);
}

/* PostgreSQL's detail quotes the row: people see it, the ledger keeps it not for ever. */
static void rows_are_not_in_the_ledger(void **state)
{
    (void)state;
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "migrate", "up", "--database-url-env", "URL", NULL};
    write_file("backend/migrations/2_broken.sql",
               "create table p (mail text primary key); insert into p values ('alice@x'), "
               "('alice@x');");
    assert_int_equal(golive(argv, &result), gl_code_exit_status(GL_E_DATABASE));
    assert_non_null(strstr(gl_buf_text(&result.err), "alice@x"));
    gl_autofree char *log = text_of("migrate.failed");
    assert_non_null(strstr(log, "violates unique constraint"));
    assert_non_null(strstr(log, "(SQLSTATE 23505)"));
    assert_null(strstr(log, "alice@x"));
}

/* Ends the holder's transaction when the first attempt has been in vain. */
static void a_lock_that_came_late_is_no_failure(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autofree char *before = text_of("migrate.failed");
    const char *script =
        "mkfifo hold; psql -qX \"$URL\" < hold & exec 3> hold; "
        "echo 'begin; lock table users; \\! touch held' >&3; "
        "while ! test -e held; do sleep 0.05; done; "
        "\"$GOLIVE\" migrate up --database-url-env URL | while read -r line; do echo \"$line\"; "
        "case $line in *'tries again'*) echo 'commit;' >&3;; esac; done; "
        "status=${PIPESTATUS[0]}; exec 3>&-; wait; exit $status";
    const char *argv[] = {"bash", "-c", script, NULL};
    write_file("backend/migrations/2_broken.sql", "alter table users add n int;");
    write_file("golive.yaml", "golive: 1\napp: {name: demo}\nmigrations: {lock_timeout_ms: 200}\n");
    int status = golive(argv, &result);
    if (status != 0)
        fail_msg("%s%s", gl_buf_text(&result.out), gl_buf_text(&result.err));
    assert_non_null(strstr(gl_buf_text(&result.out), "tries again"));
    gl_autofree char *after = text_of("migrate.failed");
    assert_string_equal(after, before);
    must(gl_pgtest_sql(&server, "app", "delete from _sqlx_migrations where version = 2", &err),
         &err);
}

/* The same rule as a deploy's: no row is as new as no table, and nobody needs what is taken away.
 */
static void a_table_without_a_row_is_a_new_database(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autoproc struct gl_proc_result result = {0};
    const char *argv[] = {getenv("GOLIVE"), "migrate", "up", "--database-url-env", "URL", NULL};
    must(gl_pgtest_sql(&server, "app",
                       "set role owner; delete from _sqlx_migrations; "
                       "drop table users",
                       &err),
         &err);
    write_file("backend/migrations/2_broken.sql",
               "-- golive: phase=contract\nalter table users rename column id to number;");
    int status = golive(argv, &result);
    if (status != 0)
        fail_msg("%s", gl_buf_text(&result.err));
    expect_log("migrate.done", "\"applied\":2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_applied_is_in_the_ledger),
        cmocka_unit_test(what_failed_is_in_the_ledger),
        cmocka_unit_test(rows_are_not_in_the_ledger),
        cmocka_unit_test(a_lock_that_came_late_is_no_failure),
        cmocka_unit_test(a_table_without_a_row_is_a_new_database),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
