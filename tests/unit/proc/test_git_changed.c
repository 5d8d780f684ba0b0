/* Which files changed since a commit, asked of real repositories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "proc/git_changed.h"
#include "proc/proc.h"

static char scratch[] = "/tmp/golive-changed-XXXXXX";

static void sh(const char *script)
{
    gl_autoerr struct gl_error err = {0};
    const char *const argv[] = {"sh", "-euc", script, NULL};
    const char *const env[] = {"GIT_AUTHOR_NAME=a",           "GIT_AUTHOR_EMAIL=a@b",
                               "GIT_COMMITTER_NAME=a",        "GIT_COMMITTER_EMAIL=a@b",
                               "GIT_CONFIG_GLOBAL=/dev/null", NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = scratch, .env_add = env, .timeout_ms = 60000};
    if (gl_proc_check(&spec, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(scratch))
        return -1;
    sh("mkdir -p r/project/deep none; cd r; git init -q .; ln -s r/project ../link;"
       "for f in a b project/same project/deep/gone 'project/\303\274 x'; do echo 1 >\"$f\"; done;"
       "echo ignored >.gitignore; git add .; git commit -qm one; git tag first;"
       "echo 2 >a; echo 2 >'project/\303\274 x'; git commit -qam two;"
       "rm project/deep/gone; echo 3 >project/new; echo 3 >project/ignored");
    return 0;
}

static int clean(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    return gl_remove_tree(scratch, &err);
}

static void expect(const char *below, enum gl_git_scope scope, const char *commit,
                   const char *const *names, size_t count)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv changed = {0};
    gl_autofree char *dir = gl_path_join(scratch, below);
    gl_autofree char *real = realpath(scratch, NULL);
    if (gl_git_changed(dir, scope, commit, &changed, &err) < 0)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < count; i++) {
        gl_autofree char *path = gl_asprintf("%s/r/%s", real, names[i]);
        if (!gl_strv_has(&changed, path))
            fail_msg("%s: %s is not among what changed", below, path);
    }
    assert_int_equal(changed.count, count);
}

/* From wherever in the repository it is asked. */
static void all_of_the_repository(void **state)
{
    (void)state;
    static const char *const since_last[] = {"project/deep/gone", "project/new"};
    static const char *const dirs[] = {"r", "r/project", "r/project/deep", "link"};
    for (size_t i = 0; i < GL_COUNT(dirs); i++)
        expect(dirs[i], GL_GIT_REPOSITORY, "HEAD", since_last, GL_COUNT(since_last));
}

static void only_below_a_directory(void **state)
{
    (void)state;
    static const char *const all[] = {"a", "project/\303\274 x", "project/deep/gone",
                                      "project/new"};
    expect("r", GL_GIT_BELOW, "first", all, 4);
    expect("r/project", GL_GIT_BELOW, "first", all + 1, 3);
    expect("link", GL_GIT_BELOW, "first", all + 1, 3);
    expect("r/project/deep", GL_GIT_BELOW, "first", all + 2, 1);
    sh("cd r; git config diff.relative true");
    expect("r/project", GL_GIT_BELOW, "first", all + 1, 3);
    sh("cd r; git config --unset diff.relative");
}

static void since_a_tag(void **state)
{
    (void)state;
    static const char *const since_first[] = {"a", "project/\303\274 x", "project/deep/gone",
                                              "project/new"};
    expect("r/project", GL_GIT_REPOSITORY, "first", since_first, GL_COUNT(since_first));
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;

    static const struct {
        const char *below, *commit;
        int code;
    } cases[] = {
        {"r",    "nowhere",    GL_E_PROCESS},
        {"r",    "--output=x", GL_E_USAGE  },
        {"none", "HEAD",       GL_E_PROCESS},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autostrv struct gl_strv changed = {0};
        gl_autofree char *dir = gl_path_join(scratch, cases[i].below);
        assert_int_equal(gl_git_changed(dir, GL_GIT_REPOSITORY, cases[i].commit, &changed, &err),
                         cases[i].code);
        assert_non_null(strstr(err.message, cases[i].commit));
        assert_true(cases[i].code == GL_E_USAGE || err.hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_the_repository),
        cmocka_unit_test(only_below_a_directory),
        cmocka_unit_test(since_a_tag),
        cmocka_unit_test(what_is_not_known_is_said),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
