/* The linter against the truth: whatever would hurt is found as a warning or an error, and nothing
 * else is; information does not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "lint/lint.h"
#include "support/truth.h"

struct world {
    struct truth truth;
    char *dir;
};

/* How the linter did. */
struct score {
    size_t hurting, found;
    size_t harmless, alarms;
    size_t left_out;
};

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s (%s)", err->message ? err->message : "no message",
                 err->hint ? err->hint : "no hint");
}

static int set_up(void **state)
{
    gl_autoerr struct gl_error err = {0};
    struct world *world = gl_alloc(sizeof *world);
    char path[] = "/tmp/golive truth XXXXXX";
    assert_non_null(mkdtemp(path));
    world->dir = gl_strdup(path);
    ok(truth_read(&world->truth, &err), &err);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    (void)!gl_remove_tree(world->dir, NULL);
    truth_done(&world->truth);
    free(world->dir);
    free(world);
    return 0;
}

/* Writes one migration; only the case itself is of this change. */
static void add_file(const struct world *world, const char *name, const char *text, bool outside,
                     struct gl_lint_files *files)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *path = gl_path_join(world->dir, name);
    ok(gl_write_text(path, text, 0644, &err), &err);
    ok(gl_lint_files_add(files, path, &err), &err);
    files->items[files->count - 1].outside = outside;
}

static void lint(const struct world *world, const struct truth_case *item,
                 struct gl_lint_result *result)
{
    gl_autoerr struct gl_error err = {0};
    gl_autolintfiles struct gl_lint_files files = {0};
    const struct gl_lint_options options = {.server_version = 15, .time_zone = "UTC"};
    add_file(world, "1_schema.sql", world->truth.schema, true, &files);
    if (item->setup)
        add_file(world, "2_setup.sql", item->setup, true, &files);
    add_file(world, "3_case.sql", item->sql, false, &files);
    ok(gl_lint_run(&files, &options, result, &err), &err);
}

static bool is_flagged(const struct gl_lint_result *result)
{
    return gl_lint_count(result, GL_LINT_WARNING) + gl_lint_count(result, GL_LINT_ERROR) > 0;
}

static void say(const struct truth_case *item, const char *what,
                const struct gl_lint_result *result)
{
    print_message("%s: %s (%s; %s)\n", what, item->name, item->verdict,
                  item->breaks ? item->breaks : item->detail);
    for (size_t i = 0; i < result->count; i++) {
        if (gl_lint_is_open(&result->findings[i]))
            print_message("    %s: %s\n", gl_lint_severity_words[result->findings[i].severity],
                          result->findings[i].message);
    }
}

static void judge(const struct world *world, const struct truth_case *item, struct score *score)
{
    gl_autolint struct gl_lint_result result = {0};
    if (item->either || item->hidden) {
        score->left_out++;
        return;
    }
    lint(world, item, &result);
    bool flagged = is_flagged(&result);
    bool hurts = truth_hurts(item);
    score->hurting += hurts;
    score->harmless += !hurts;
    score->found += hurts && flagged;
    score->alarms += !hurts && flagged;
    if (hurts != flagged)
        say(item, hurts ? "missed" : "false alarm", &result);
}

static void test_truth(void **state)
{
    const struct world *world = *state;
    struct score score = {0};
    for (size_t i = 0; i < world->truth.count; i++) {
        assert_non_null(world->truth.items[i].verdict); /* the test `truth` measures it */
        judge(world, &world->truth.items[i], &score);
    }
    print_message("# found %zu of %zu that hurt, %zu false alarms on %zu that do not, "
                  "%zu not counted\n",
                  score.found, score.hurting, score.alarms, score.harmless, score.left_out);
    assert_true(score.hurting + score.harmless >= 200);
    assert_int_equal(score.found, score.hurting);
    assert_int_equal(score.alarms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truth)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
