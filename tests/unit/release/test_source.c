/* Two trees are the same source if and only if their contents are. */
#include "scripted.h"

#include "proc/proc.h"

static char *identity(struct fixture *fixture)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_release release = {
        .config = fixture->config, .state_dir = fixture->state_dir, .env = "local"};
    if (gl_source_identify(&release, &err) < 0)
        fail_msg("%s", err.message);
    free(release.version);
    return release.source_hash;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_git_the_directories_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_git_untracked_files_count_by_content, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_large_change_counts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
