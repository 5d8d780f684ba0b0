/* Two trees are the same source if and only if their contents are. */
#include "scripted.h"

#include <fcntl.h>

#include "proc/proc.h"
#include "release/operation.h"
#include "release/source_tag.h"

static char *identity(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_release release = {
        .config = fixture->config, .state_dir = fixture->state_dir, .env = "local"};
    if (gl_source_identify(&release, &err) < 0)
        fail_msg("%s", err.message);
    char *hash = gl_steal(&release.source_hash);
    gl_release_done(&release);
    return hash;
}

static void assert_changes(struct fixture *fixture, char **known, bool changes)
{
    char *now = identity(fixture);
    bool differs = strcmp(*known, now) != 0;
    if (changes && !differs)
        fail_msg("the change was not seen");
    if (!changes && differs)
        fail_msg("the source is the same, but not its hash");
    free(*known);
    *known = now;
}

/* Both with git and without. */
static void walk_through_changes(struct fixture *fixture)
{
    add_frontend(fixture);
    write_file(fixture, "frontend/src/app.html", "one");
    write_file(fixture, "backend/migrations/1_a.sql", "select 1;");
    gl_autofree char *known = identity(fixture);
    assert_changes(fixture, &known, false);
    write_file(fixture, "backend/src/new/deep/file.rs", "// one");
    assert_changes(fixture, &known, true);
    write_file(fixture, "backend/src/new/deep/file.rs", "// two"); /* same name, same length */
    assert_changes(fixture, &known, true);
    write_file(fixture, "frontend/src/app.html", "two");
    assert_changes(fixture, &known, true);
    write_file(fixture, "backend/migrations/1_a.sql", "select 2;");
    assert_changes(fixture, &known, true);
    gl_autofree char *program = gl_path_join(fixture->dir, "backend/src/main.rs");
    assert_int_equal(chmod(program, 0755), 0);
    assert_changes(fixture, &known, true);
    assert_int_equal(unlink(program), 0);
    assert_changes(fixture, &known, true);
    /* What builds and golive make. */
    write_file(fixture, "frontend/build/index.html", "another");
    write_file(fixture, "backend/server", "another");
    write_file(fixture, ".golive/logs/x.log", "another");
    assert_changes(fixture, &known, false);
}

static void without_git_the_directories_count(void **state)
{
    struct fixture *fixture = *state;
    walk_through_changes(fixture);
    gl_autofree char *known = identity(fixture);
    write_file(fixture, "backend/target/release/x.o", "another");
    write_file(fixture, "frontend/node_modules/x/index.js", "another");
    assert_changes(fixture, &known, false);
}

static void git(struct fixture *fixture, const char *words)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *line =
        gl_asprintf("git -c user.name=t -c user.email=t@example.com %s", words);
    const char *argv[] = {"sh", "-c", line, NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = fixture->dir};
    if (gl_proc_check(&spec, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static void with_git_untracked_files_count_by_content(void **state)
{
    struct fixture *fixture = *state;
    git(fixture, "init --quiet");
    write_file(fixture, ".gitignore", "target/\n");
    git(fixture, "add .gitignore golive.yaml backend/src");
    git(fixture, "commit --quiet -m first");
    walk_through_changes(fixture);
    gl_autofree char *known = identity(fixture);
    write_file(fixture, "backend/target/release/x.o", "another");
    assert_changes(fixture, &known, false);
    gl_autofree char *link = gl_path_join(fixture->dir, "backend/src/link");
    assert_int_equal(symlink("main.rs", link), 0);
    assert_changes(fixture, &known, true);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("new", link), 0);
    assert_changes(fixture, &known, true);
    git(fixture, "commit --quiet --allow-empty -m second");
    assert_changes(fixture, &known, true);
}

/* git's diff of it is longer than what golive keeps of a program's output. */
static void the_end_of_a_large_change_counts(void **state)
{
    enum { LARGE = 9 << 20 };

    struct fixture *fixture = *state;
    gl_autofree char *text = gl_alloc(LARGE + 1);
    for (int i = 0; i < LARGE; i++)
        text[i] = i % 80 == 79 ? '\n' : 'x';
    git(fixture, "init --quiet");
    write_file(fixture, "backend/src/large.txt", "small");
    git(fixture, "add .");
    git(fixture, "commit --quiet -m first");
    write_file(fixture, "backend/src/large.txt", text);
    gl_autofree char *known = identity(fixture);
    text[LARGE - 2] = 'y';
    write_file(fixture, "backend/src/large.txt", text);
    assert_changes(fixture, &known, true);
}

/* ---- the time that images get ------------------------------------------------------------------
 */

static int64_t time_of(struct fixture *fixture, char **ret_version)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_release release = {
        .config = fixture->config, .state_dir = fixture->state_dir, .env = "local"};
    if (gl_source_identify(&release, &err) < 0)
        fail_msg("%s", err.message);
    int64_t unix_s = release.commit_unix_s;
    if (ret_version)
        *ret_version = gl_steal(&release.version);
    gl_release_done(&release);
    return unix_s;
}

/* As a copy or a check-out does to every file. */
static void touch_all(struct fixture *fixture, int64_t unix_s)
{
    static const char *const names[] = {"golive.yaml", "backend/src/main.rs", "backend"};
    const struct timespec times[] = {{.tv_sec = unix_s}, {.tv_sec = unix_s}};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(fixture->dir, names[i]);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
}

static void without_git_the_time_is_the_content_s(void **state)
{
    enum { YEAR_1980 = 315532800, YEAR_1997 = 852076800 };

    struct fixture *fixture = *state;
    gl_autofree char *version = NULL;
    gl_autofree char *copied = NULL;
    touch_all(fixture, 1700000000);
    int64_t first = time_of(fixture, &version);
    assert_in_range(first, YEAR_1980, YEAR_1997);
    touch_all(fixture, 1800000000);
    assert_int_equal(time_of(fixture, &copied), first);
    assert_string_equal(copied, version);
    write_file(fixture, "backend/src/new.rs", "// another");
    assert_int_not_equal(time_of(fixture, NULL), first);
}

static void source_date_epoch_goes_before_all(void **state)
{
    struct fixture *fixture = *state;
    setenv("SOURCE_DATE_EPOCH", "1600000000", 1);
    assert_int_equal(time_of(fixture, NULL), 1600000000);
    git(fixture, "init --quiet");
    git(fixture, "add golive.yaml backend/src");
    git(fixture, "commit --quiet -m first --date 2024-01-02T03:04:05Z");
    assert_int_equal(time_of(fixture, NULL), 1600000000);
    setenv("SOURCE_DATE_EPOCH", "", 1);
    assert_true(time_of(fixture, NULL) > 1600000000); /* the committer's clock */
    unsetenv("SOURCE_DATE_EPOCH");
}

static void a_time_that_is_none_is_refused(void **state)
{
    static const char *const given[] = {"yesterday",  "-1",          "1.5",
                                        "4294967296", "99999999999", " 1"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < GL_COUNT(given); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_release release = {
            .config = fixture->config, .state_dir = fixture->state_dir, .env = "local"};
        setenv("SOURCE_DATE_EPOCH", given[i], 1);
        assert_int_equal(gl_source_identify(&release, &err), GL_E_CONFIG);
        assert_non_null(strstr(err.message, "SOURCE_DATE_EPOCH"));
        assert_non_null(strstr(err.message, given[i]));
        gl_release_done(&release);
    }
    unsetenv("SOURCE_DATE_EPOCH");
}

/* ---- the version for people -------------------------------------------------------------------
 */

static void tags_that_are_versions(void **state)
{
    static const struct {
        const char *lines;
        const char *tag;
    } cases[] = {
        {"v1.2.3",                  "v1.2.3"     },
        {"1.2.3",                   "1.2.3"      },
        {"nightly\nv2.0.0\nv1.9.9", "v2.0.0"     },
        {"v1.2.3-rc.1",             "v1.2.3-rc.1"},
        {"",                        NULL         },
        {"v1.2",                    NULL         },
        {"v1.2.3.4",                NULL         },
        {"v01.2.3",                 NULL         },
        {"v1.2.3-",                 NULL         },
        {"v1.2.3+build",            NULL         },
        {"release/v1.2.3",          NULL         },
        {"vv1.2.3",                 NULL         },
        {"v1.2.x",                  NULL         },
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *tag = gl_source_tag_pick(cases[i].lines);
        if (!cases[i].tag)
            assert_null(tag);
        else
            assert_string_equal(tag, cases[i].tag);
    }
}

static void the_newest_version_of_a_commit(void **state)
{
    struct fixture *fixture = *state;
    gl_autofree char *version = NULL;
    git(fixture, "init --quiet");
    git(fixture, "add golive.yaml backend/src");
    git(fixture, "commit --quiet -m first");
    git(fixture, "tag v0.9.0");
    git(fixture, "tag v0.10.0");
    git(fixture, "tag v0.10.0-rc1");
    git(fixture, "tag zzz");
    (void)time_of(fixture, &version);
    const char *dash = strchr(version, '-');
    gl_autofree char *commit =
        gl_strndup(version, dash ? (size_t)(dash - version) : strlen(version));
    gl_autofree char *tag = gl_source_tag(fixture->dir, commit);
    assert_string_equal(tag, "v0.10.0");
    gl_autofree char *dirty = gl_asprintf("%s-dirty", commit);
    assert_null(gl_source_tag(fixture->dir, dirty));
    git(fixture, "commit --quiet --allow-empty -m second");
    assert_null(gl_source_tag(fixture->dir, "HEAD"));
}

int main(void)
{
    unsetenv("SOURCE_DATE_EPOCH");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_git_the_directories_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_git_untracked_files_count_by_content, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_large_change_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_git_the_time_is_the_content_s, set_up, tear_down),
        cmocka_unit_test_setup_teardown(source_date_epoch_goes_before_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_time_that_is_none_is_refused, set_up, tear_down),
        cmocka_unit_test(tags_that_are_versions),
        cmocka_unit_test_setup_teardown(the_newest_version_of_a_commit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
