/* Whether a frontend must be built again. */
#include "release/frontend_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "proc/proc.h"

static void put(const char *dir, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *parent = gl_path_dir(path);
    if (gl_mkdir_p(parent, 0755, &err) < 0 || gl_write_text(path, text, 0644, &err) < 0)
        fail_msg("%s", err.message);
}

/* A frontend that was built, as build_frontend() leaves it. */
static int set_up(void **state)
{
    const char *base = getenv("TMPDIR");
    char *dir = gl_asprintf("%s/golive frontend XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    const char *argv[] = {"git", "-C", dir, "init", "-q", NULL};
    struct gl_proc_spec spec = {.argv = argv, .timeout_ms = 60000};
    assert_int_equal(gl_proc_check(&spec, NULL, NULL), 0);
    put(dir, ".gitignore", "build\nnode_modules\n.env\n");
    put(dir, "src/app.html", "one");
    put(dir, "build/index.html", "<p>one");
    put(dir, "build/_app/a.js", "1");
    put(dir, "node_modules/.golive-lock", "");
    gl_autofree char *fingerprint = gl_frontend_fingerprint(dir, "v1", NULL);
    assert_false(gl_frontend_is_built(dir, "build", fingerprint));
    gl_frontend_note(dir, "build", fingerprint);
    *state = dir;
    return 0;
}

static int tear_down(void **state)
{
    gl_autofree char *dir = *state;
    return gl_remove_tree(dir, NULL);
}

static bool is_built(const char *dir, const char *version)
{
    gl_autofree char *fingerprint = gl_frontend_fingerprint(dir, version, NULL);
    return gl_frontend_is_built(dir, "build", fingerprint);
}

static void the_same_source_is_not_built_again(void **state)
{
    const char *dir = *state;
    assert_true(is_built(dir, "v1"));
    gl_frontend_forget(dir);
    assert_false(is_built(dir, "v1"));
}

static void another_source_is_built(void **state)
{
    const char *dir = *state;
    assert_false(is_built(dir, "v2"));
    put(dir, ".env", "PUBLIC_X=1");
    assert_false(is_built(dir, "v1"));
    put(dir, ".env", "");
    assert_false(is_built(dir, "v1")); /* an empty file is not none */
}

/* Somebody ran npm run build by hand, or changed a page there. */
static void what_was_built_must_be_as_the_build_left_it(void **state)
{
    const char *dir = *state;
    put(dir, "build/index.html", "<p>two");
    assert_false(is_built(dir, "v1"));
    put(dir, "build/index.html", "<p>one");
    assert_true(is_built(dir, "v1"));
    put(dir, "build/more.html", "");
    assert_false(is_built(dir, "v1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
        test(the_same_source_is_not_built_again),
        test(another_source_is_built),
        test(what_was_built_must_be_as_the_build_left_it),
#undef test
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
