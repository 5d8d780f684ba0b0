/* Which files changed since a commit, asked of real repositories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/interrupt.h"
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

/* Git writes these names in quotes when it may. */
static void names_of_all_sorts(void **state)
{
    (void)state;
    static const char *const since_names[] = {"names/a \"quoted\" one", "names/back\\slash",
                                              "names/line\nend", "names/tab\tand \303\274"};
    sh("mkdir r/names; cd r/names; touch 'a \"quoted\" one' 'back\\slash' \"$(printf 'line\\nend')\""
       " \"$(printf 'tab\\tand \\303\\274')\"");
    expect("r/names", GL_GIT_BELOW, "HEAD", since_names, GL_COUNT(since_names));
    sh("cd r; git add names; git commit -qm names");
    expect("r/names", GL_GIT_BELOW, "HEAD~", since_names, GL_COUNT(since_names));
    sh("cd r; git reset -q --hard HEAD~; rm project/deep/gone");
}

static void a_renamed_file_is_gone_from_its_place(void **state)
{
    (void)state;
    static const char *const since_renamed[] = {"renamed/new", "renamed/old"};
    sh("mkdir r/renamed; cd r/renamed; seq 100 >old; git add .; git commit -qm old;"
       "git mv old new; git commit -qm new");
    expect("r/renamed", GL_GIT_BELOW, "HEAD~", since_renamed, GL_COUNT(since_renamed));
    sh("cd r; git reset -q --hard HEAD~2; rm project/deep/gone");
}

/* Each failure with its own next step. */
static void what_is_not_known_is_said(void **state)
{
    (void)state;

    static const struct {
        const char *below, *commit;
        int code;
        const char *message, *hint;
    } cases[] = {
        {"r",    "nowhere",    GL_E_PROCESS, "git ended with status 128", "a commit, branch or tag"},
        {"r",    "--output=x", GL_E_USAGE,   "is no commit",              "a commit, branch or tag"},
        {"none", "HEAD",       GL_E_PROCESS, "git ended with status 128", "git status"             },
        {"big",  "HEAD",       GL_E_PROCESS, "more than 8 MiB",           ".gitignore"             },
    };

    sh("mkdir big; cd big; git init -q .; git commit -q --allow-empty -m one;"
       "name=$(printf %0250d 0); deep=$name/$name/$name/$name/$name/$name/$name;"
       "mkdir -p $deep/$deep; cd $deep/$deep; seq 2500 | xargs touch");
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autostrv struct gl_strv changed = {0};
        gl_autofree char *dir = gl_path_join(scratch, cases[i].below);
        assert_int_equal(gl_git_changed(dir, GL_GIT_REPOSITORY, cases[i].commit, &changed, &err),
                         cases[i].code);
        assert_non_null(strstr(err.message, cases[i].commit));
        assert_non_null(strstr(err.message, cases[i].message));
        assert_non_null(err.hint);
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
}

/* Git trusts no repository of somebody else. */
static void somebody_elses_repository(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv changed = {0};
    gl_autofree char *dir = gl_path_join(scratch, "r");
    assert_int_equal(setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", 1), 0);
    int code = gl_git_changed(dir, GL_GIT_REPOSITORY, "HEAD", &changed, &err);
    assert_int_equal(unsetenv("GIT_TEST_ASSUME_DIFFERENT_OWNER"), 0);
    assert_int_equal(code, GL_E_PROCESS);
    assert_non_null(strstr(err.hint, "git status"));
}

/* Nothing is wrong with the commit then. */
static void an_interrupt_is_no_wrong_commit(void **state)
{
    (void)state;
    gl_autoerr struct gl_error expected = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv changed = {0};
    gl_autofree char *dir = gl_path_join(scratch, "r");
    gl_interrupt_init();
    assert_int_equal(raise(SIGINT), 0);
    int code = gl_git_changed(dir, GL_GIT_REPOSITORY, "HEAD", &changed, &err);
    assert_int_equal(gl_interrupt_check(&expected), GL_E_INTERRUPTED);
    gl_interrupt_clear();
    assert_int_equal(code, GL_E_INTERRUPTED);
    assert_string_equal(err.message, expected.message);
    assert_true(!err.hint == !expected.hint);
    if (err.hint)
        assert_string_equal(err.hint, expected.hint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_the_repository),
        cmocka_unit_test(only_below_a_directory),
        cmocka_unit_test(since_a_tag),
        cmocka_unit_test(names_of_all_sorts),
        cmocka_unit_test(a_renamed_file_is_gone_from_its_place),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(somebody_elses_repository),
        cmocka_unit_test(an_interrupt_is_no_wrong_commit),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
