/* Taking migrations back, and what an edited file is told. */
#include "base/clock.h"
#include "fixture.h"
#include "migrate/edited.h"
#include "migrate/revert.h"
#include "proc/proc.h"

static void put_pair(const struct world *world, const char *stem, const char *up, const char *down)
{
    gl_autofree char *up_name = gl_asprintf("%s.up.sql", stem);
    gl_autofree char *down_name = gl_asprintf("%s.down.sql", stem);
    put(world, up_name, up);
    put(world, down_name, down);
}

static int plan(const struct world *world, bool all, int64_t to, struct gl_reverts *ret_reverts,
                struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    ok(gl_migrations_scan(world->dir, &list, err), err);
    return gl_migrate_revert_plan(world->conninfo, &list, all, to, ret_reverts, err);
}

static int revert(const struct world *world, bool all, int64_t to, struct gl_error *err)
{
    gl_autoreverts struct gl_reverts reverts = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {.lock_timeout_ms = 100, .retries = 1};
    int failed = plan(world, all, to, &reverts, err);
    if (failed == 0)
        failed = gl_migrate_revert(world->conninfo, &reverts, &options, &result, err);
    return failed < 0 ? failed : (int)result.applied;
}

static void expect_refused(const struct world *world, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(revert(world, false, 0, &err), GL_E_REFUSED);
    expect_says(err.message, part);
    assert_non_null(err.hint);
}

static void put_three(const struct world *world)
{
    put_pair(world, "1_a", "create table a (id int primary key);", "drop table a;");
    put_pair(world, "2_b", "alter table a add b int;", "alter table a drop b;");
    put_pair(world, "3_i", "-- no-transaction\ncreate index concurrently i on a (b);",
             "-- no-transaction\ndrop index concurrently if exists i;");
    migrated(world);
}

static void the_newest_is_taken_back(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_three(world);
    assert_int_equal(revert(world, false, 0, &err), 1);
    expect_sql(world, "select to_regclass('i') is null", "t");
    expect_sql(world, "select max(version) from _sqlx_migrations", "2");
    assert_int_equal(migrated(world).applied, 1);
}

static void all_newer_ones_are_taken_back_in_order(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_three(world);
    assert_int_equal(revert(world, true, 1, &err), 2);
    expect_sql(world, "select count(*) from information_schema.columns where table_name = 'a'",
               "1");
    assert_int_equal(revert(world, true, 0, &err), 1);
    expect_sql(world, "select to_regclass('a') is null", "t");
    expect_sql(world, "select count(*) from _sqlx_migrations", "0");
    assert_int_equal(revert(world, true, 0, &err), 0);
    assert_int_equal(migrated(world).applied, 3);
}

static void a_failing_down_file_leaves_everything(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    put_pair(world, "1_a", "create table a ();", "drop table a;\ndrop table missing;");
    migrated(world);
    assert_int_equal(revert(world, false, 0, &err), GL_E_DATABASE);
    expect_says(err.file, "1_a.down.sql");
    assert_int_equal(err.line, 2);
    expect_sql(world,
               "select to_regclass('a') is not null and count(*) = 1 "
               "from _sqlx_migrations",
               "t");
}

static void what_its_author_forbids_is_refused(void **state)
{
    const struct world *world = *state;

    static const struct {
        const char *up, *down, *part;
    } cases[] = {
        {"-- golive: rollback=forward rollback-note=\"write it back\"\nselect 1;", "select 1;",
         "write it back"                                                                                                                                         },
        {"-- golive: rollback=restore\nselect 1;",                                 "select 1;",                                        "only in a backup"        },
        {"select 1;",                                                              "commit;",                                          "controls its transaction"},
        {"select 1;",                                                              "-- no-transaction\ndelete from _sqlx_migrations;", "can be run again"        },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        sql_in(world, "drop table if exists _sqlx_migrations");
        put_pair(world, "1_a", cases[i].up, cases[i].down);
        migrated(world);
        expect_refused(world, cases[i].part);
        expect_sql(world, "select count(*) from _sqlx_migrations", "1");
    }
}

static void files_that_are_not_as_applied_are_refused(void **state)
{
    const struct world *world = *state;
    put(world, "1_a.sql", "select 1;");
    migrated(world);
    expect_refused(world, "no .down.sql");
    put(world, "1_a.sql", "select 2;");
    expect_refused(world, "was edited");
    put(world, "1_a.sql", "select 1;");
    sql_in(world, "update _sqlx_migrations set success = false");
    expect_refused(world, "was started");
    sql_in(world, "update _sqlx_migrations set success = true, version = 2");
    expect_refused(world, "no such file");
}

static void something_newer_is_not_passed_over(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autoreverts struct gl_reverts reverts = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    put_pair(world, "1_a", "create table a ();", "drop table a;");
    migrated(world);
    ok(plan(world, false, 0, &reverts, &err), &err);
    put(world, "2_b.sql", "create table b ();");
    migrated(world);
    assert_int_equal(gl_migrate_revert(world->conninfo, &reverts, &options, &result, &err),
                     GL_E_REFUSED);
    expect_says(err.message, "no longer the newest");
    expect_sql(world, "select to_regclass('a') is not null", "t");
}

/* ---- the edited line ---- */

static void git(const struct world *world, const char *script)
{
    gl_autoerr struct gl_error err = {0};
    const char *const argv[] = {"sh", "-ec", script, NULL};
    const struct gl_proc_spec spec = {.argv = argv, .cwd = world->dir, .timeout_ms = 30000};
    ok(gl_proc_check(&spec, NULL, &err), &err);
}

#define COMMIT                                                                                     \
    "git add -A; git -c user.name=a -c user.email=a@b commit -qm x --no-verify --no-gpg-sign"

static void the_edited_line_is_named(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_migrate_result result = {0};
    const struct gl_migrate_options options = {0};
    git(world, "git init -q");
    put(world, "1_a.sql", "create table a (\n  id int,\n  name text\n);\n");
    git(world, COMMIT);
    migrated(world);
    put(world, "1_a.sql", "create table a (\n  id int,\n  name text not null\n);\n");
    git(world, COMMIT);
    assert_int_equal(migrate(world, &options, &result, &err), GL_E_REFUSED);
    expect_says(err.message, "was edited");
    assert_int_equal(err.line, 3);
    expect_says(err.hint, "Line 3 was `  name text` (commit ");
    expect_says(err.hint, "is `  name text not null`");
}

static void lines_are_compared(void **state)
{
    (void)state;

    static const struct {
        const char *was, *is;
        unsigned line;
        const char *was_line, *is_line;
    } cases[] = {
        {"a\nb\n", "a\nb\n", 0, NULL, NULL},
        {"a\nb",   "a\nc",   2, "b",  "c" },
        {"a\n",    "a",      2, "",   ""  },
        {"a",      "a\nb",   2, "",   "b" },
        {"",       "x",      1, "",   "x" },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoeditedline struct gl_edited_line line = {0};
        assert_int_equal(gl_edited_compare(cases[i].was, cases[i].is, &line), cases[i].line);
        if (cases[i].line) {
            assert_string_equal(line.was, cases[i].was_line);
            assert_string_equal(line.is, cases[i].is_line);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_newest_is_taken_back),
        CASE(all_newer_ones_are_taken_back_in_order),
        CASE(a_failing_down_file_leaves_everything),
        CASE(what_its_author_forbids_is_refused),
        CASE(files_that_are_not_as_applied_are_refused),
        CASE(something_newer_is_not_passed_over),
        CASE(the_edited_line_is_named),
        cmocka_unit_test(lines_are_compared),
    };
    return cmocka_run_group_tests(tests, server_up, server_down);
}
