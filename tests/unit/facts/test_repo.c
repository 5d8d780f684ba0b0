/* Repositories as they are: without git, shallow, with links, other encodings, and no files at all
 * in the place of files. */
#include "support.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "facts/repo.h"
#include "facts/repo_answers.h"
#include "proc/proc.h"

static void run_in(const char *dir, const char *const *argv)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = 60000};
    ok(gl_proc_check(&spec, NULL, &err), &err);
}

#define GIT(world, ...)                                                                            \
    run_in((world)->dir,                                                                           \
           (const char *[]){"git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c",    \
                            "commit.gpgsign=false", "-c", "init.defaultBranch=main", __VA_ARGS__,  \
                            NULL})

static void commit_all(const struct world *world)
{
    GIT(world, "add", "-A");
    GIT(world, "commit", "-q", "-m", "Go on");
}

static void collect(struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_facts_request request = {.config = world->config, .now_unix_s = 1796169600};
    ok(world_collect(world, &request, &err), &err);
    expect_fact(world, "select state from source where name = 'repo'", "collected");
}

enum { LARGE = 2 * 1024 * 1024 };

#define KEY                                                                                        \
    "AKIA"                                                                                         \
    "ABCDEFGHIJKLMNOP"

/* ---- git ---------------------------------------------------------------------------------------
 */

static void without_git(void **state)
{
    struct world *world = *state;
    put(world, "backend/src/main.rs", "fn main() {}\n");
    put(world, "backend/target/debug/main.rs", "fn main() {}\n");
    put(world, "node_modules/x/index.js", "x\n");
    collect(world);
    expect_fact(world, "select count(*) from repository", "0");
    expect_fact(world,
                "select group_concat(path || tracked) from (select * from file order by path)",
                "backend/src/main.rs0,golive.yaml0");
}

static void with_git(void **state)
{
    struct world *world = *state;
    put(world, ".gitignore", "*.log\n");
    put(world, "a.log", "x\n");
    put(world, ".env", "A=1\n");
    GIT(world, "init", "-q");
    GIT(world, "remote", "add", "origin", "git@github.com:acme/shop.git");
    commit_all(world);
    GIT(world, "rm", "-q", ".env");
    GIT(world, "commit", "-q", "-m", "Take it out");
    put(world, "new.txt", "x\n");
    collect(world);
    expect_fact(world, "select branch || ' ' || remote || ' ' || shallow from repository",
                "main acme/shop 0");
    expect_fact(world,
                "select group_concat(path || tracked) from (select * from file order by path)",
                ".gitignore1,golive.yaml1,new.txt0");
    expect_fact(world, "select path || (length(commit_) = 40) from file_history", ".env1");
}

static void no_commit_yet(void **state)
{
    struct world *world = *state;
    GIT(world, "init", "-q");
    collect(world);
    expect_fact(world, "select '(' || head || ')' from repository", "()");
    expect_fact(world, "select tracked from file where path = 'golive.yaml'", "0");
}

/* The history of a shallow clone is not whole: that must be a fact, and no failure. */
static void shallow_clone(void **state)
{
    struct world *world = *state;
    GIT(world, "init", "-q", "origin");
    gl_autofree char *origin = gl_path_join(world->dir, "origin");
    const struct world there = {.dir = origin};
    put(&there, ".env", "A=1\n");
    commit_all(&there);
    GIT(&there, "rm", "-q", ".env");
    put(&there, "golive.yaml", "golive: 1\napp: {name: demo}\n");
    commit_all(&there);
    gl_autofree char *url = gl_asprintf("file://%s", origin);
    GIT(world, "clone", "-q", "--depth", "1", url, "clone");
    gl_autofree char *clone = gl_path_join(world->dir, "clone");
    gl_autofree char *from = gl_path_join(clone, ".git");
    gl_autofree char *to = gl_path_join(world->dir, ".git");
    assert_int_equal(rename(from, to), 0);
    collect(world);
    expect_fact(world, "select shallow from repository", "1");
    expect_fact(world, "select count(*) from file_history", "0");
}

/* What a caller began before is taken; what is begun and not taken is waited for. */
static void begun_before(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_facts_request request = {.config = world->config, .now_unix_s = 1796169600};
    GIT(world, "init", "-q");
    commit_all(world);
    gl_autobeside struct gl_facts_beside *beside = gl_facts_begin(&request);
    gl_autobeside struct gl_facts_beside *unused = gl_facts_begin(&request);
    request.beside = beside;
    ok(world_collect(world, &request, &err), &err);
    expect_fact(world, "select count(*) from repository", "1");
    expect_fact(world, "select tracked from file where path = 'golive.yaml'", "1");
    expect_fact(world, "select group_concat(name) from (select name from source order by rowid)",
                "config,template,migrations,repo,rendering,ledger,attestation,database,aws,"
                "endpoint,github");
    assert_non_null(unused);
}

/* An answer that git refuses is none, and does not shift the others. */
static void no_remote(void **state)
{
    struct world *world = *state;
    put(world, ".env", "A=1\n");
    GIT(world, "init", "-q");
    commit_all(world);
    collect(world);
    expect_fact(world,
                "select branch || ' ' || (remote is null) || ' ' || shallow || ' ' || "
                "dirty from repository",
                "main 1 0 0");
    expect_fact(world, "select path from file_history", ".env");
}

/* In the middle of a merge a file is listed once for each side. */
static void merge_conflict(void **state)
{
    struct world *world = *state;
    put(world, "a.txt", "x\n");
    GIT(world, "init", "-q");
    commit_all(world);
    GIT(world, "checkout", "-q", "-b", "other");
    put(world, "a.txt", KEY "\n");
    commit_all(world);
    GIT(world, "checkout", "-q", "main");
    put(world, "a.txt", "y\n");
    commit_all(world);
    run_in(world->dir, (const char *[]){"sh", "-c",
                                        "! git -c user.name=t -c user.email=t@example.com merge "
                                        "-q other >/dev/null",
                                        NULL});
    collect(world);
    expect_fact(world, "select count(*) from file where path = 'a.txt'", "1");
    expect_fact(world, "select count(*) from code where kind = 'aws_key_id'", "1");
}

/* git quotes such names unless it is told not to; a secret in them must be found. */
static void strange_names(void **state)
{
    struct world *world = *state;
    put(world, "a \"b\"\n\tc.txt", KEY "\n");
    put(world, "\xe7\xa7\xbb\xe8\xa1\x8c.txt", KEY "\n");
    put(world, "\xff.txt", KEY "\n");
    put(world, "\xfe.txt", KEY "\n"); /* shown like the one before */
    GIT(world, "init", "-q");
    commit_all(world);
    collect(world);
    expect_fact(world, "select count(*) from code where kind = 'aws_key_id'", "4");
    expect_fact(world, "select path from file where path like '?%'", "?.txt");
}

/* Of a repository that could not be asked nothing is known: least of all that it is none. */
static void ctrl_c_is_not_the_lack_of_git(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    struct gl_repo_answers git = {0};
    struct gl_collecting collecting = {.db = world->db, .git = &git};
    struct gl_repo repo = {.collecting = &collecting, .dir = world->dir};
    GIT(world, "init", "-q");
    gl_interrupt_init();
    raise(SIGINT);
    gl_repo_ask(&git, world->dir);
    int failed = gl_repo_git(&repo, &err);
    gl_interrupt_clear();
    gl_repo_answers_done(&git);
    assert_int_equal(failed, GL_E_INTERRUPTED);
    assert_non_null(err.message);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static void binary_file(void **state)
{
    struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(world->dir, "a.bin");
    ok(gl_write_file(path, KEY "\0\n", sizeof KEY + 1, 0644, &err), &err);
    collect(world);
    expect_fact(world, "select size_bytes from file where path = 'a.bin'", "22");
    expect_fact(world, "select count(*) from code where kind = 'aws_key_id'", "0");
}

/* A text in Shift JIS is read as far as it is ASCII, and what is kept of it is UTF-8. */
static void other_encoding(void **state)
{
    struct world *world = *state;
    put(world, "src/a.rs",
        "// \x93\xfa\x96\x7b\n"
        "app.route(\"/\x93\xfa\", get(x));\nlet k = \"" KEY "\";\n");
    collect(world);
    expect_fact(world, "select value || line from code where kind = 'route'", "/??2");
    expect_fact(world, "select line from code where kind = 'aws_key_id'", "3");
}

static void large_file(void **state)
{
    struct world *world = *state;
    gl_autofree char *text = gl_alloc(LARGE + 1);
    memset(text, 'x', LARGE);
    memcpy(text, KEY, strlen(KEY));
    put(world, "large.txt", text);
    collect(world);
    expect_fact(world, "select size_bytes from file where path = 'large.txt'", "2097152");
    expect_fact(world, "select count(*) from code where kind = 'aws_key_id'", "0");
}

/* A link out of the tree, to a folder, to itself: none is a file of this repository. */
static void links(void **state)
{
    struct world *world = *state;
    char outside[] = "/tmp/golive outside XXXXXX";
    assert_non_null(mkdtemp(outside));
    const struct world there = {.dir = outside};
    put(&there, "secret.txt", KEY "\n");
    gl_autofree char *file = gl_path_join(outside, "secret.txt");
    gl_autofree char *link_file = gl_path_join(world->dir, "file");
    gl_autofree char *link_dir = gl_path_join(world->dir, "dir");
    gl_autofree char *link_self = gl_path_join(world->dir, "self");
    assert_int_equal(symlink(file, link_file), 0);
    assert_int_equal(symlink(outside, link_dir), 0);
    assert_int_equal(symlink("self", link_self), 0);
    collect(world);
    expect_fact(world, "select group_concat(path) from file", "golive.yaml");
    (void)!gl_remove_tree(outside, NULL);
}

static void links_in_git(void **state)
{
    struct world *world = *state;
    gl_autofree char *link_file = gl_path_join(world->dir, "passwords");
    assert_int_equal(symlink("/etc/passwd", link_file), 0);
    GIT(world, "init", "-q");
    commit_all(world);
    collect(world);
    expect_fact(world, "select group_concat(path) from file", "golive.yaml");
}

/* Opening a FIFO would wait for ever. */
static void fifo(void **state)
{
    struct world *world = *state;
    gl_autofree char *path = gl_path_join(world->dir, "package.json");
    assert_int_equal(mkfifo(path, 0644), 0);
    collect(world);
    expect_fact(world, "select group_concat(path) from file", "golive.yaml");
}

/* For root nothing is unreadable; then it is read. */
static void unreadable_file(void **state)
{
    struct world *world = *state;
    put(world, "a.txt", KEY "\n");
    gl_autofree char *path = gl_path_join(world->dir, "a.txt");
    assert_int_equal(chmod(path, 0), 0);
    collect(world);
    expect_fact(world, "select size_bytes from file where path = 'a.txt'", "21");
    expect_fact(world, "select count(*) from code where kind = 'aws_key_id'",
                geteuid() == 0 ? "1" : "0");
}

static void deleted_but_tracked(void **state)
{
    struct world *world = *state;
    put(world, "gone.txt", "x\n");
    GIT(world, "init", "-q");
    commit_all(world);
    gl_autofree char *path = gl_path_join(world->dir, "gone.txt");
    assert_int_equal(unlink(path), 0);
    collect(world);
    expect_fact(world, "select group_concat(path) from file", "golive.yaml");
}

/* Of what a package of a lock file needs, there are many rows that nobody asks for. */
static void locked_packages(void **state)
{
    struct world *world = *state;
    put(world, "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry\"\n"
        "checksum = \"00\"\ndependencies = [\n \"b\",\n \"c\",\n]\n\n"
        "[[package]]\nname = \"checksum\"\nversion = \"2.0.0\"\n");
    collect(world);
    expect_fact(world,
                "select group_concat(path || '=' || value || ':' || line) from (select * from "
                "document where kind = 'cargo_lock' order by line)",
                "version=4:1,package[0].name=a:4,package[0].version=1.0.0:5,"
                "package[0].source=registry:6,package[1].name=checksum:14,"
                "package[1].version=2.0.0:15");
}

/* ---- the scanner -------------------------------------------------------------------------------
 */

static void lines_and_tests(void **state)
{
    struct world *world = *state;
    put(world, "backend/src/a.rs",
        "// migrate!() in a comment\n"
        "fn a() { sqlx::migrate!(\"x\"); }\n"
        "#[cfg(test)]\n"
        "mod t {\n"
        "    fn b() { sqlx::migrate!(\"y\"); }\n"
        "}\n"
        "fn c() { let l = allow_origin(Any); }\n");
    collect(world);
    expect_fact(world,
                "select group_concat(line || ':' || test) from code where kind = "
                "'migrate_at_start'",
                "2:0,5:1");
    expect_fact(world, "select line from code where kind = 'cors_any'", "7");
}

static void script_rules(void **state)
{
    struct world *world = *state;
    put(world, "src/a.ts",
        "const u = 'https://localhost:1';\nconst j = '/x?jwt=' + t;\n"
        "const k = '/x?token=' + t;\n");
    collect(world);
    expect_fact(world, "select value || line from code where kind = 'local_url'", "localhost1");
    expect_fact(world,
                "select group_concat(value || line) from (select * from code where kind = "
                "'jwt_in_query' order by line)",
                "jwt2,token3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_git),
        CASE(with_git),
        CASE(no_commit_yet),
        CASE(shallow_clone),
        CASE(begun_before),
        CASE(no_remote),
        CASE(merge_conflict),
        CASE(strange_names),
        CASE(ctrl_c_is_not_the_lack_of_git),
        CASE(binary_file),
        CASE(other_encoding),
        CASE(large_file),
        CASE(links),
        CASE(links_in_git),
        CASE(fifo),
        CASE(unreadable_file),
        CASE(deleted_but_tracked),
        CASE(locked_packages),
        CASE(lines_and_tests),
        CASE(script_rules),
    };
    return cmocka_run_group_tests_name("facts/repo", tests, NULL, NULL);
}
