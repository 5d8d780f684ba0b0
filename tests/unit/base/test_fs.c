/* Files, in a directory whose name has a space and Japanese letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/strv.h"

static void must(int result, const struct gl_error *err)
{
    if (result != 0)
        fail_msg("%d: %s", result, err->message ? err->message : "(no message)");
}

static int make_dir(void **state)
{
    char *dir = gl_strdup("/tmp/golive fs 場所 XXXXXX");
    assert_non_null(mkdtemp(dir));
    *state = dir;
    return 0;
}

static int drop_dir(void **state)
{
    gl_autofree char *dir = *state;
    gl_autoerr struct gl_error err = {0};
    must(gl_remove_tree(dir, &err), &err);
    assert_false(gl_path_exists(dir));
    return 0;
}

static void put(const char *dir, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    must(gl_mkdir_p(parent, 0755, &err), &err);
    must(gl_write_text(path, text, 0640, &err), &err);
}

static void assert_file(const char *path, const char *expected)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf text = {0};
    must(gl_read_file(path, 0, &text, &err), &err);
    assert_string_equal(gl_buf_text(&text), expected);
}

static size_t count_entries(const char *dir)
{
    DIR *handle = opendir(dir);
    assert_non_null(handle);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(handle));)
        count += entry->d_name[0] != '.';
    closedir(handle);
    return count;
}

static void paths_are_joined_and_taken_apart(void **state)
{
    (void)state;

    static const struct {
        const char *dir;
        const char *name;
        const char *joined;
    } joins[] = {
        {"a",  "b",  "a/b"},
        {"a/", "b",  "a/b"},
        {"/",  "b",  "/b" },
        {"a",  "/b", "/b" },
        {"",   "b",  "b"  },
    };

    for (size_t i = 0; i < GL_COUNT(joins); i++) {
        gl_autofree char *joined = gl_path_join(joins[i].dir, joins[i].name);
        assert_string_equal(joined, joins[i].joined);
    }

    static const struct {
        const char *path;
        const char *dir;
        const char *base;
    } splits[] = {
        {"a/b/c", "a/b", "c"},
        {"/c",    "/",   "c"},
        {"c",     ".",   "c"},
        {"a/",    "a",   "" },
    };

    for (size_t i = 0; i < GL_COUNT(splits); i++) {
        gl_autofree char *dir = gl_path_dir(splits[i].path);
        assert_string_equal(dir, splits[i].dir);
        assert_string_equal(gl_path_base(splits[i].path), splits[i].base);
    }
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(*state, "ファイル 1");
    mode_t old_mask = umask(077);
    must(gl_write_text(path, "first", 0644, &err), &err);
    must(gl_write_file(path, "a\0b", 3, 0640, &err), &err);
    umask(old_mask);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    gl_autobuf struct gl_buf data = {0};
    must(gl_read_file(path, 3, &data, &err), &err);
    assert_int_equal(data.len, 3);
    assert_memory_equal(data.data, "a\0b", 4);
    assert_int_equal(count_entries(*state), 1); /* no temporary file is left */
}

/* A rename would have put a file in the device's place. */
static void what_is_no_file_is_written_to(void **state)
{
    const char *dir = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *fifo = gl_path_join(dir, "fifo");
    char got[8] = "";
    struct stat st;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    gl_autoclose int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    must(gl_write_text(fifo, "news", 0600, &err), &err);
    assert_int_equal(read(reader, got, sizeof got), 4);
    assert_string_equal(got, "news");
    assert_int_equal(lstat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

/* A limit on file size stands for the full disk: the write fails half-way. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(*state, "state.json");
    must(gl_write_text(path, "old", 0644, &err), &err);
    size_t size = (size_t)1 << 20;
    gl_autofree char *big = gl_alloc(size);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int result = gl_write_file(path, big, size, 0644, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(signal(SIGXFSZ, old_handler) != SIG_ERR);
    assert_int_equal(result, GL_E_IO);
    assert_non_null(strstr(err.message, path));
    assert_file(path, "old");
    assert_int_equal(count_entries(*state), 1);
}

static void reading_says_what_is_wrong(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf data = {0};
    gl_autofree char *missing = gl_path_join(*state, "missing");
    assert_int_equal(gl_read_file(missing, 0, &data, &err), GL_E_NOT_FOUND);
    assert_int_equal(err.code, GL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, missing));
    assert_int_equal(gl_read_file(*state, 0, &data, &err), GL_E_IO);
    put(*state, "five", "12345");
    gl_autofree char *five = gl_path_join(*state, "five");
    assert_int_equal(gl_read_file(five, 4, &data, &err), GL_E_IO);
    assert_int_equal(data.len, 0);
}

/* Migrations and sources are kept by the thousand. */
static void what_was_read_takes_little_more_than_it_is(void **state)
{
    static const size_t sizes[] = {0, 1, 5, 62, 63, 64, 4095, 4096, 65535, 65536, 200000};
    gl_autoerr struct gl_error err = {0};
    for (size_t i = 0; i < GL_COUNT(sizes); i++) {
        gl_autobuf struct gl_buf wanted = {0};
        gl_autobuf struct gl_buf found = {0};
        for (size_t j = 0; j < sizes[i]; j++)
            gl_buf_putc(&wanted, (char)('a' + j % 26));
        gl_autofree char *path = gl_path_join(*state, "sized");
        must(gl_write_text(path, gl_buf_text(&wanted), 0644, &err), &err);
        must(gl_read_file(path, 0, &found, &err), &err);
        assert_int_equal(found.len, sizes[i]);
        assert_string_equal(gl_buf_text(&found), gl_buf_text(&wanted));
        if (sizes[i])
            assert_true(found.cap <= 2 * sizes[i] + 64);
    }
    /* Whose size is not told. */
    gl_autobuf struct gl_buf limits = {0};
    must(gl_read_file("/proc/self/limits", 0, &limits, &err), &err);
    assert_non_null(strstr(gl_buf_text(&limits), "Max open files"));
}

static void an_ignored_directory_keeps_its_own_rule(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *dir = gl_path_join(*state, "ignored/inside");
    gl_autofree char *rule = gl_path_join(dir, ".gitignore");
    gl_autobuf struct gl_buf text = {0};
    must(gl_mkdir_ignored(dir, &err), &err);
    must(gl_read_file(rule, 0, &text, &err), &err);
    assert_string_equal(gl_buf_text(&text), "*\n");
    must(gl_write_text(rule, "mine\n", 0644, &err), &err);
    must(gl_mkdir_ignored(dir, &err), &err);
    gl_buf_done(&text);
    must(gl_read_file(rule, 0, &text, &err), &err);
    assert_string_equal(gl_buf_text(&text), "mine\n");
}

static void directories_are_made_on_the_way(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *deep = gl_path_join(*state, "a/b c/d/");
    must(gl_mkdir_p(deep, 0755, &err), &err);
    must(gl_mkdir_p(deep, 0755, &err), &err);
    assert_true(gl_is_dir(deep));
    put(*state, "file", "x");
    gl_autofree char *below_file = gl_path_join(*state, "file/x");
    assert_int_equal(gl_mkdir_p(below_file, 0755, &err), GL_E_IO);
    gl_autofree char *file = gl_path_join(*state, "file");
    assert_int_equal(gl_mkdir_p(file, 0755, &err), GL_E_IO);
    assert_true(gl_is_file(file));
    assert_int_equal(gl_mkdir_p("", 0755, &err), GL_E_IO);
    must(gl_mkdir_p("/", 0755, &err), &err);
}

static void removing_does_not_follow_links(void **state)
{
    gl_autoerr struct gl_error err = {0};
    put(*state, "keep/precious", "x");
    put(*state, "tree/a/b/c", "x");
    gl_autofree char *tree = gl_path_join(*state, "tree");
    gl_autofree char *link = gl_path_join(*state, "tree/link");
    gl_autofree char *precious = gl_path_join(*state, "keep/precious");
    assert_int_equal(symlink("../keep", link), 0);
    must(gl_remove_tree(tree, &err), &err);
    must(gl_remove_tree(tree, &err), &err);
    must(gl_remove_tree(NULL, &err), &err); /* a directory that never got its name */
    assert_file(precious, "x");
    gl_autofree char *top_link = gl_path_join(*state, "top link");
    assert_int_equal(symlink("keep", top_link), 0);
    must(gl_remove_tree(top_link, &err), &err);
    assert_false(gl_path_exists(top_link));
    assert_file(precious, "x");
}

static void a_link_is_pointed_elsewhere(void **state)
{
    gl_autoerr struct gl_error err = {0};
    put(*state, "r1/index", "one");
    put(*state, "r2/index", "two");
    gl_autofree char *link = gl_path_join(*state, "current");
    gl_autofree char *index = gl_path_join(*state, "current/index");
    must(gl_replace_link("r1", link, &err), &err);
    assert_file(index, "one");
    must(gl_replace_link("r2", link, &err), &err);
    assert_file(index, "two");
    assert_int_equal(count_entries(*state), 3);
}

static int note_name(const char *relative, const char *full, void *context, struct gl_error *err)
{
    (void)err;
    assert_true(gl_ends_with(full, relative));
    gl_strv_add(context, relative);
    return strcmp(relative, "stop") == 0 ? 42 : 0;
}

/* '-' and '.' sort before '/': the order is that of the whole path, not of each directory. */
static void files_are_walked_in_the_order_of_their_paths(void **state)
{
    gl_autoerr struct gl_error err = {0};
    static const char *const names[] = {"a/z", "a-b", "a.c", "B", "a/b/c", "日本"};
    for (size_t i = 0; i < GL_COUNT(names); i++)
        put(*state, names[i], "x");
    gl_autofree char *link = gl_path_join(*state, "link");
    assert_int_equal(symlink("B", link), 0);
    gl_autostrv struct gl_strv seen = {0};
    must(gl_walk_files(*state, note_name, &seen, &err), &err);
    gl_autofree char *all = gl_strv_join(&seen, " ");
    assert_string_equal(all, "B a-b a.c a/b/c a/z 日本");
    put(*state, "stop", "x");
    assert_int_equal(gl_walk_files(*state, note_name, &seen, &err), 42);
    assert_int_equal(gl_walk_files("/no/such/dir", note_name, &seen, &err), GL_E_IO);
}

static void copies_have_content_and_mode(void **state)
{
    gl_autoerr struct gl_error err = {0};
    put(*state, "from", "content");
    gl_autofree char *from = gl_path_join(*state, "from");
    gl_autofree char *to = gl_path_join(*state, "to");
    assert_int_equal(chmod(from, 0751), 0);
    must(gl_copy_file(from, to, &err), &err);
    assert_file(to, "content");
    struct stat st;
    assert_int_equal(stat(to, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0751);
    assert_int_equal(gl_copy_file("/no/such", to, &err), GL_E_IO);
}

static void owners_are_changed_without_following_links(void **state)
{
    if (geteuid() != 0)
        skip(); /* only root gives files away */
    gl_autoerr struct gl_error err = {0};
    put(*state, "outside", "x");
    put(*state, "tree/a/b", "x");
    gl_autofree char *tree = gl_path_join(*state, "tree");
    gl_autofree char *file = gl_path_join(*state, "tree/a/b");
    gl_autofree char *link = gl_path_join(*state, "tree/link");
    gl_autofree char *outside = gl_path_join(*state, "outside");
    assert_int_equal(symlink("../outside", link), 0);
    must(gl_chown_tree(tree, 65534, 65534, &err), &err);
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_uid, 65534);
    assert_int_equal(lstat(link, &st), 0);
    assert_int_equal(st.st_uid, 65534);
    assert_int_equal(stat(outside, &st), 0);
    assert_int_equal(st.st_uid, 0);
}

static void the_project_is_found_from_below(void **state)
{
    put(*state, "golive.yaml", "x");
    put(*state, "src/deep/file", "x");
    gl_autofree char *deep = gl_path_join(*state, "src/deep");
    gl_autofree char *found = gl_find_upwards(deep, "golive.yaml");
    assert_string_equal(found, *state);
    assert_null(gl_find_upwards(deep, "no-such-file-anywhere-x"));
    assert_null(gl_find_upwards("/no/such/dir", "golive.yaml"));
    assert_true(gl_disk_free_bytes(*state) > 0);
    assert_int_equal(gl_disk_free_bytes("/no/such/dir"), 0);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, drop_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_and_taken_apart),
        WITH_DIR(a_file_is_replaced_as_a_whole),
        WITH_DIR(what_is_no_file_is_written_to),
        WITH_DIR(a_failed_write_leaves_the_old_file),
        WITH_DIR(reading_says_what_is_wrong),
        WITH_DIR(what_was_read_takes_little_more_than_it_is),
        WITH_DIR(an_ignored_directory_keeps_its_own_rule),
        WITH_DIR(directories_are_made_on_the_way),
        WITH_DIR(removing_does_not_follow_links),
        WITH_DIR(a_link_is_pointed_elsewhere),
        WITH_DIR(files_are_walked_in_the_order_of_their_paths),
        WITH_DIR(copies_have_content_and_mode),
        WITH_DIR(owners_are_changed_without_following_links),
        WITH_DIR(the_project_is_found_from_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
