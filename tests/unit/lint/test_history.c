/* What was there before: baselines, and what a branch changed. */
#include "fixture.h"
#include "proc/proc.h"

static void keep(const struct gl_lint_result *result, const char *path)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = gl_lint_baseline_make(result);
    assert_int_equal(gl_write_text(path, text, 0600, &err), 0);
}

static void known_findings_do_not_count(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(scratch, "baseline.json");
    gl_autolint struct gl_lint_result before = {0};
    gl_autolint struct gl_lint_result after = {0};
    lint(NULL, "CREATE INDEX i ON t (a); DROP TABLE u;", &before);
    keep(&before, path);
    /* Another line, another name of the index; a second one on the same table; one is gone. */
    lint(NULL, "\n\nCREATE INDEX j ON t (b); CREATE INDEX k ON t (c);", &after);
    assert_int_equal(gl_lint_baseline_read(path, &after, &err), 0);
    assert_int_equal(gl_lint_count(&after, GL_LINT_ERROR), 1);
    assert_true(after.findings[0].known);
    assert_false(after.findings[1].known);
    assert_int_equal(after.mended, 1);
    assert_int_equal(unlink(path), 0);
}

static void baselines_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}", "x", "{\"findings\": [{\"rule\": \"x\"}]}",
                                      "{\"findings\": 1}"};
    gl_autofree char *path = gl_path_join(scratch, "baseline.json");
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autolint struct gl_lint_result result = {0};
        lint(NULL, "SELECT 1;", &result);
        assert_int_equal(gl_write_text(path, bad[i], 0600, &err), 0);
        assert_int_equal(gl_lint_baseline_read(path, &result, &err), GL_E_CORRUPT);
        assert_non_null(err.hint);
    }
    assert_int_equal(unlink(path), 0);
}

static void git(const char *dir, const char *script)
{
    gl_autoerr struct gl_error err = {0};
    const char *const argv[] = {"sh", "-euc", script, NULL};
    const char *const env[] = {"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a",
                               "GIT_COMMITTER_EMAIL=a@b", NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .env_add = env, .timeout_ms = 60000};
    if (gl_proc_check(&spec, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static void since_a_commit(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    gl_autofree char *dir = gl_path_join(scratch, "repository/m");
    assert_int_equal(gl_mkdir_p(dir, 0700, &err), 0);
    git(dir, "git init -q ..; echo 'select 1;' > 1_a.sql; echo 'select 2;' > 2_b.sql; git add .;"
             "git commit -qm one; echo '-- more' >> 2_b.sql; echo 'select 3;' > 3_c.sql;"
             "mkdir ../n; echo 'select 4;' > ../n/4_d.sql");
    gl_autofree char *beside = gl_path_join(scratch, "repository/n");
    assert_int_equal(gl_lint_files_add(&files, dir, &err), 0);
    assert_int_equal(gl_lint_files_add(&files, beside, &err), 0);
    assert_int_equal(gl_lint_since("HEAD", &files, &err), 0);
    assert_true(files.items[0].outside);
    assert_false(files.items[1].outside);
    assert_false(files.items[2].outside);
    assert_false(files.items[3].outside); /* in another directory than the first */
    assert_int_equal(gl_lint_since("nowhere", &files, &err), GL_E_PROCESS);
    assert_int_equal(gl_lint_since("--output=x", &files, &err), GL_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_findings_do_not_count),
        cmocka_unit_test(baselines_that_are_none),
        cmocka_unit_test(since_a_commit),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
