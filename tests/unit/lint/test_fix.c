/* --fix: what it writes is clean, in order, and nothing of the file is lost. */
#include "fixture.h"
#include "lint/fix.h"

static const struct gl_lint_options none;

/* Files of other cases would take versions. */
static void empty_scratch(void)
{
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_remove_tree(scratch, &err), 0);
    assert_int_equal(gl_mkdir_p(scratch, 0700, &err), 0);
}

static void plan(struct gl_lint_files *files, const char *before, const char *sql,
                 struct gl_lint_fixes *ret_fixes)
{
    gl_autoerr struct gl_error err = {0};
    gl_autolint struct gl_lint_result result = {0};
    empty_scratch();
    write_files(before, sql, strlen(sql), files);
    assert_int_equal(gl_lint_run(files, &none, &result, &err), 0);
    assert_int_equal(gl_lint_fix_plan(files, &result, ret_fixes, &err), 0);
}

/* Judges what would be written, in the order of the names. */
static void expect_clean(const char *before, const struct gl_lint_fixes *fixes)
{
    gl_autobuf struct gl_buf all = {0};
    if (before)
        gl_buf_puts(&all, before);
    for (size_t i = 0; i < fixes->count; i++) {
        gl_autolint struct gl_lint_result result = {0};
        lint(all.len ? gl_buf_text(&all) : NULL, fixes->items[i].after, &result);
        gl_autofree char *found = all_of(&result);
        if (gl_lint_count(&result, GL_LINT_ERROR) || gl_lint_count(&result, GL_LINT_WARNING))
            fail_msg("%s:\n%s%s", fixes->items[i].path, fixes->items[i].after, found);
        gl_buf_printf(&all, "%s%s", all.len ? "\n----\n" : "", fixes->items[i].after);
        if (i > 0)
            assert_true(strcmp(fixes->items[i - 1].path, fixes->items[i].path) < 0);
    }
}

#define T "CREATE TABLE t (id bigint PRIMARY KEY, a int, b int);"

static void round_trips(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        size_t files;
    } cases[] = {
        {"CREATE INDEX i ON t (a);",                                                             1},
        {"-- why\nCREATE UNIQUE INDEX i\n  ON t (a); -- yes\n",                                  1},
        {"DROP INDEX i;",                                                                        1},
        {"REINDEX TABLE t;",                                                                     1},
        {"CREATE INDEX CONCURRENTLY i ON t (a);",                                                1},
        {"VACUUM t;",                                                                            1},
        {"ALTER TABLE q DETACH PARTITION q1",                                                    1},
        {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;",                                      2},
        {"ALTER TABLE t ADD CHECK (a > 0)",                                                      2},
        {"alter table only t add constraint k check (a > 0);",                                   2},
        {"ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE "
         "CONSTRAINT k;",                                                               2},
        {"ALTER TABLE t ADD x int; CREATE INDEX i ON t (x); ALTER TABLE t ADD y int;",           3},
        {"-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);\nDROP INDEX CONCURRENTLY j;", 2},
        {"ALTER TABLE t ADD x int; UPDATE t SET x = 1 WHERE a = 1;",                             2},
        {"ALTER TYPE y ADD VALUE 'c'; INSERT INTO e VALUES ('c');",                              2},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autolintfiles struct gl_lint_files files = {0};
        gl_autolintfixes struct gl_lint_fixes fixes = {0};
        plan(&files, T, cases[i].sql, &fixes);
        if (fixes.count != cases[i].files)
            fail_msg("%s: %zu files", cases[i].sql, fixes.count);
        expect_clean(T, &fixes);
    }
}

static void texts(void **state)
{
    (void)state;
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    plan(&files, T,
         "-- golive: phase=expand\n-- one\nALTER TABLE t ADD x int; -- two\n\n-- three\n"
         "CREATE INDEX i ON t (x); -- four\nALTER TABLE t ADD CHECK (a > 0);\n-- five\n",
         &fixes);
    assert_int_equal(fixes.count, 4);
    assert_string_equal(fixes.items[0].after,
                        "-- golive: phase=expand\n-- one\nALTER TABLE t ADD x int; -- two\n");
    assert_string_equal(fixes.items[1].after,
                        "-- no-transaction\n-- golive: phase=expand\n-- three\n"
                        "CREATE INDEX CONCURRENTLY i ON t (x); -- four\n");
    assert_string_equal(fixes.items[2].after,
                        "-- golive: phase=expand\nALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a "
                        "> 0) NOT VALID;\n-- five\n");
    assert_string_equal(fixes.items[3].after,
                        "-- golive: phase=expand\nALTER TABLE t VALIDATE CONSTRAINT t_a_check;\n");
    assert_true(gl_ends_with(fixes.items[3].path, "/0005_last_4.sql"));
}

/* What the statement says of its table is kept, and names that are words of SQL get quotes. */
static void constraints_that_are_validated_later(void **state)
{
    (void)state;

    static const struct {
        const char *sql, *first, *second;
    } cases[] = {
        {"ALTER TABLE ONLY t ADD CHECK (a > 0);",
         "ALTER TABLE ONLY t ADD CONSTRAINT t_a_check CHECK (a > 0) NOT VALID;\n",    "ALTER TABLE ONLY t VALIDATE CONSTRAINT t_a_check;\n"   },
        {"ALTER TABLE IF EXISTS ONLY t ADD CONSTRAINT k CHECK (a > 0);",
         "ALTER TABLE IF EXISTS ONLY t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;\n",  "ALTER TABLE IF EXISTS ONLY t VALIDATE CONSTRAINT k;\n" },
        {"ALTER TABLE \"offset\" ADD CONSTRAINT \"left\" CHECK (a > 0);",
         "ALTER TABLE \"offset\" ADD CONSTRAINT \"left\" CHECK (a > 0) NOT VALID;\n", "ALTER TABLE \"offset\" VALIDATE CONSTRAINT \"left\";\n"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autolintfiles struct gl_lint_files files = {0};
        gl_autolintfixes struct gl_lint_fixes fixes = {0};
        plan(&files, T, cases[i].sql, &fixes);
        assert_int_equal(fixes.count, 2);
        assert_string_equal(fixes.items[0].after, cases[i].first);
        assert_string_equal(fixes.items[1].after, cases[i].second);
    }
}

/* "cannot add NOT VALID foreign key on partitioned table", says PostgreSQL before 18. */
static void keys_of_partitioned_tables(void **state)
{
    (void)state;
    const char *before = "CREATE TABLE q (a int) PARTITION BY RANGE (a);";
    const char *sql = "ALTER TABLE q ADD FOREIGN KEY (a) REFERENCES p;";
    const struct gl_lint_options eighteen = {.server_version = 18};
    gl_autolint struct gl_lint_result older = {0};
    gl_autolint struct gl_lint_result newer = {0};
    gl_autolint struct gl_lint_result check = {0};
    lint(before, sql, &older);
    lint_with(before, sql, &eighteen, &newer);
    lint(before, "ALTER TABLE q ADD CHECK (a > 0);", &check);
    const struct gl_lint_finding *finding = find(&older, "add-foreign-key");
    assert_int_equal(finding->fix, GL_LINT_FIX_NONE);
    assert_non_null(strstr(finding->sql, "ALTER TABLE <partition> ADD CONSTRAINT q_a_fkey FOREIGN "
                                         "KEY (a) REFERENCES p NOT VALID;"));
    assert_int_equal(find(&newer, "add-foreign-key")->fix, GL_LINT_FIX_NOT_VALID);
    assert_int_equal(find(&check, "add-check")->fix, GL_LINT_FIX_NOT_VALID);
}

/* PostgreSQL ends a comment at a carriage return: what is behind it is a statement. */
static void carriage_returns(void **state)
{
    (void)state;
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    plan(&files, T, "CREATE INDEX i ON t (a); -- one\rSELECT 1;\r\nSELECT 2; -- two\r\n", &fixes);
    assert_int_equal(fixes.count, 2);
    assert_string_equal(fixes.items[1].after, "SELECT 1;\r\nSELECT 2; -- two\r\n");
}

static void what_is_applied_stays(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    write_files(T, "CREATE INDEX i ON t (a);", 24, &files);
    files.items[1].applied = true;
    assert_int_equal(gl_lint_run(&files, &none, &result, &err), 0);
    assert_int_equal(gl_lint_fix_plan(&files, &result, &fixes, &err), 0);
    assert_int_equal(fixes.count, 0);
    assert_int_equal(fixes.left.count, 1);
}

/* 0001 is to become two files, and 0002 is there. */
static void no_version_is_free(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    write_files("ALTER TABLE t ADD CHECK (a > 0);", "SELECT 1;", 9, &files);
    files.items[0].outside = false;
    assert_int_equal(gl_lint_run(&files, &none, &result, &err), 0);
    assert_int_equal(gl_lint_fix_plan(&files, &result, &fixes, &err), 0);
    assert_int_equal(fixes.count, 0);
    assert_int_equal(fixes.left.count, 1);
    assert_non_null(strstr(fixes.left.items[0], "0001_before.sql"));
}

static void allowed_findings_stay(void **state)
{
    (void)state;
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    plan(&files, T, "-- golive-lint: allow=create-index reason=\"small\"\nCREATE INDEX i ON t (a);",
         &fixes);
    assert_int_equal(fixes.count, 0);
}

static void writing_and_diff(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    gl_autobuf struct gl_buf diff = {0};
    gl_autobuf struct gl_buf written = {0};
    plan(&files, T, "ALTER TABLE t ADD CHECK (a > 0);\n", &fixes);
    gl_lint_fix_diff(&fixes, &diff);
    assert_non_null(strstr(gl_buf_text(&diff), "\n-ALTER TABLE t ADD CHECK (a > 0);\n+ALTER"));
    assert_non_null(strstr(gl_buf_text(&diff), "--- /dev/null\n"));
    assert_int_equal(gl_lint_fix_write(&fixes, &err), 0);
    assert_int_equal(gl_read_file(fixes.items[1].path, 0, &written, &err), 0);
    assert_string_equal(gl_buf_text(&written), "ALTER TABLE t VALIDATE CONSTRAINT t_a_check;\n");
    /* Ended between the parts and the file, the run is done again: its parts are there. */
    assert_int_equal(gl_lint_fix_write(&fixes, &err), 0);
    /* Another file of that name is not written over. */
    assert_int_equal(gl_write_text(fixes.items[1].path, "SELECT 1;", 0600, &err), 0);
    assert_int_equal(gl_lint_fix_write(&fixes, &err), GL_E_IO);
    assert_int_equal(unlink(fixes.items[1].path), 0);
}

#define SPLIT "ALTER TABLE t ADD x int; CREATE INDEX i ON t (x); ALTER TABLE t ADD CHECK (a > 0);"

/* Only one file is named; what is beside it takes a version all the same. */
static void versions_of_files_that_are_not_named(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    gl_autofree char *other = gl_path_join(scratch, "0003_other.sql");
    empty_scratch();
    assert_int_equal(gl_write_text(other, "SELECT 1;", 0600, &err), 0);
    write_files(NULL, SPLIT, strlen(SPLIT), &files);
    assert_int_equal(gl_lint_run(&files, &none, &result, &err), 0);
    assert_int_equal(gl_lint_fix_plan(&files, &result, &fixes, &err), 0);
    assert_int_equal(fixes.count, 0);
    assert_int_equal(fixes.left.count, 1);
}

/* Killed with the new parts written and the old file not: the next run plans and writes the same.
 */
static void an_interrupted_run_goes_on(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfiles struct gl_lint_files again = {0};
    gl_autolint struct gl_lint_result result = {0};
    gl_autolintfixes struct gl_lint_fixes first = {0};
    gl_autolintfixes struct gl_lint_fixes second = {0};
    plan(&files, NULL, SPLIT, &first);
    assert_int_equal(first.count, 4);
    for (size_t i = 1; i < first.count; i++)
        assert_int_equal(gl_write_text(first.items[i].path, first.items[i].after, 0600, &err), 0);
    assert_int_equal(gl_lint_files_add(&again, scratch, &err), 0);
    assert_int_equal(gl_lint_run(&again, &none, &result, &err), 0);
    assert_int_equal(gl_lint_fix_plan(&again, &result, &second, &err), 0);
    assert_int_equal(second.left.count, 0);
    assert_int_equal(second.count, 4);
    assert_int_equal(gl_lint_fix_write(&second, &err), 0);
    for (size_t i = 0; i < first.count; i++)
        assert_true(gl_lint_fix_is_written(first.items[i].path, first.items[i].after));
}

/* The last part cannot be written: the parts before it are taken back, the file is whole. */
static void a_failure_leaves_everything_as_it_was(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autolintfixes struct gl_lint_fixes fixes = {0};
    plan(&files, NULL, SPLIT, &fixes);
    assert_int_equal(gl_mkdir_p(fixes.items[3].path, 0700, &err), 0);
    assert_int_equal(gl_lint_fix_write(&fixes, &err), GL_E_IO);
    assert_false(gl_path_exists(fixes.items[1].path));
    assert_false(gl_path_exists(fixes.items[2].path));
    assert_true(gl_lint_fix_is_written(fixes.items[0].path, SPLIT));
}

/* Split up, they would mean something else, or could not run. */
static void what_is_tied_together_stays_together(void **state)
{
    (void)state;

    static const char *const tied[] = {
        "SET LOCAL search_path = app; CREATE INDEX i ON t (a); ALTER TABLE t ADD x int;",
        "SELECT set_config('search_path', 'app', true); CREATE INDEX i ON t (a); SELECT 1;",
        "LOCK TABLE t; CREATE INDEX i ON t (a); SELECT 1;",
        "BEGIN; CREATE INDEX i ON t (a); COMMIT;",
        "CREATE TEMP TABLE o ON COMMIT DROP AS SELECT 1; CREATE INDEX i ON t (a); SELECT 1;",
        "ALTER TABLE t DISABLE TRIGGER ALL; CREATE INDEX i ON t (a); SELECT 1;",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0); ALTER TABLE t RENAME TO u;",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0); ALTER TABLE t DROP CONSTRAINT k;",
        ("-- golive-lint: allow-file=drop-index reason=\"tiny\"\n"
         "CREATE INDEX i ON t (a); ALTER TABLE t ADD x int;"),
    };
    for (size_t i = 0; i < GL_COUNT(tied); i++) {
        gl_autolintfiles struct gl_lint_files files = {0};
        gl_autolintfixes struct gl_lint_fixes fixes = {0};
        plan(&files, T, tied[i], &fixes);
        if (fixes.count != 0 || fixes.left.count != 1)
            fail_msg("%s: %zu files", tied[i], fixes.count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_tied_together_stays_together),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(texts),
        cmocka_unit_test(carriage_returns),
        cmocka_unit_test(what_is_applied_stays),
        cmocka_unit_test(no_version_is_free),
        cmocka_unit_test(allowed_findings_stay),
        cmocka_unit_test(writing_and_diff),
        cmocka_unit_test(constraints_that_are_validated_later),
        cmocka_unit_test(keys_of_partitioned_tables),
        cmocka_unit_test(versions_of_files_that_are_not_named),
        cmocka_unit_test(an_interrupted_run_goes_on),
        cmocka_unit_test(a_failure_leaves_everything_as_it_was),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
