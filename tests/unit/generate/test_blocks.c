/* Files that golive and people write together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "generate/blocks.h"

static const char first[] = "# top\n"
                            "# golive:begin head\n"
                            "name: ci\n"
                            "# golive:end head\n"
                            "\n"
                            "  # golive:begin test\n"
                            "  test: 1\n"
                            "  # golive:end test\n";

static char *seal(const char *text)
{
    gl_autoerr struct gl_error err = {0};
    char *sealed = NULL;
    if (gl_blocks_seal(text, "f.yml", &sealed, &err) < 0)
        fail_msg("%s", err.message);
    return sealed;
}

static struct gl_blocks_merged merge(const char *fresh, const char *present, bool force)
{
    gl_autofree char *sealed = seal(fresh);
    gl_autoerr struct gl_error err = {0};
    struct gl_blocks_merged merged = {0};
    if (gl_blocks_merge(sealed, present, "f.yml", force, &merged, &err) < 0)
        fail_msg("%s", err.message);
    return merged;
}

static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return gl_asprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void what_is_there_already_stays_the_same(void **state)
{
    (void)state;
    gl_autofree char *sealed = seal(first);
    assert_non_null(strstr(sealed, "# golive:begin head "));
    gl_autoblocks struct gl_blocks_merged merged = merge(first, sealed, false);
    assert_string_equal(merged.text, sealed);
    assert_int_equal(merged.conflicts.count, 0);
    gl_autoblocks struct gl_blocks_merged none = merge(first, NULL, false);
    assert_string_equal(none.text, sealed);
}

static void what_is_outside_of_blocks_stays(void **state)
{
    (void)state;
    gl_autofree char *sealed = seal(first);
    gl_autofree char *mine = replace(sealed, "# top\n", "# my own words\n");
    gl_autofree char *more = gl_asprintf("%s\n  mine:\n    steps: []\n", mine);
    gl_autofree char *next = replace(first, "test: 1", "test: 2");
    gl_autoblocks struct gl_blocks_merged merged = merge(next, more, false);
    assert_int_equal(merged.conflicts.count, 0);
    assert_non_null(strstr(merged.text, "# my own words\n"));
    assert_non_null(strstr(merged.text, "  mine:\n    steps: []\n"));
    assert_non_null(strstr(merged.text, "test: 2"));
    assert_null(strstr(merged.text, "test: 1"));
}

static void what_is_changed_inside_is_a_conflict(void **state)
{
    (void)state;
    gl_autofree char *sealed = seal(first);
    gl_autofree char *mine = replace(sealed, "test: 1", "test: 7");
    gl_autofree char *next = replace(first, "test: 1", "test: 2");
    gl_autoblocks struct gl_blocks_merged merged = merge(next, mine, false);
    assert_int_equal(merged.conflicts.count, 1);
    assert_string_equal(merged.conflicts.items[0], "test");
    assert_string_equal(merged.text, mine);
    gl_autoblocks struct gl_blocks_merged forced = merge(next, mine, true);
    assert_int_equal(forced.conflicts.count, 0);
    assert_non_null(strstr(forced.text, "test: 2"));
    /* Somebody made the change that golive makes now. */
    gl_autoblocks struct gl_blocks_merged same =
        merge("# golive:begin head\nname: ci\n# golive:end head\n"
              "  # golive:begin test\n  test: 7\n  # golive:end test\n",
              mine, false);
    assert_int_equal(same.conflicts.count, 0);
    gl_autoblocks struct gl_blocks_merged again = merge(next, same.text, false);
    assert_int_equal(again.conflicts.count, 0);
}

static void an_owned_part_is_left_alone(void **state)
{
    (void)state;
    static const char present[] = "# golive:own head\nname: mine\n";
    gl_autoblocks struct gl_blocks_merged merged = merge(first, present, false);
    assert_int_equal(merged.conflicts.count, 0);
    assert_null(strstr(merged.text, "golive:begin head"));
    assert_non_null(strstr(merged.text, "name: mine\n"));
    assert_non_null(strstr(merged.text, "  test: 1\n"));
}

static void markdown_has_marks_of_its_own(void **state)
{
    (void)state;
    static const char text[] = "<!-- golive:begin title -->\n# One\n<!-- golive:end title -->\n";
    gl_autofree char *sealed = seal(text);
    assert_non_null(strstr(sealed, "<!-- golive:begin title "));
    assert_non_null(strstr(sealed, " -->\n# One\n<!-- golive:end title -->\n"));
    assert_true(gl_blocks_has_marks(sealed));
    gl_autofree char *added = gl_asprintf("%sMine.\n", sealed);
    gl_autofree char *next = replace(text, "One", "Two");
    gl_autoblocks struct gl_blocks_merged merged = merge(next, added, false);
    assert_non_null(strstr(merged.text, "\n# Two\n"));
    assert_non_null(strstr(merged.text, "-->\nMine.\n"));
    gl_autoblocks struct gl_blocks_merged owned =
        merge(text, "<!-- golive:own title -->\n# X\n", false);
    assert_string_equal(owned.text, "<!-- golive:own title -->\n# X\n");
    gl_autofree char *changed = replace(sealed, "# One", "# Mine");
    gl_autoblocks struct gl_blocks_merged kept = merge(next, changed, false);
    assert_int_equal(kept.conflicts.count, 1);
    assert_string_equal(kept.text, changed);
}

static void new_parts_come_behind_the_one_before(void **state)
{
    (void)state;
    gl_autofree char *sealed = seal(first);
    gl_autofree char *next = replace(first, "\n  # golive:begin test",
                                     "  # golive:begin a\n  a: 1\n  # golive:end a\n"
                                     "\n  # golive:begin test");
    gl_autoblocks struct gl_blocks_merged merged = merge(next, sealed, false);
    const char *head = strstr(merged.text, "golive:end head");
    const char *a = strstr(merged.text, "  a: 1\n");
    const char *test = strstr(merged.text, "golive:begin test");
    assert_true(head && a && test && head < a && a < test);
    gl_autoblocks struct gl_blocks_merged back = merge(first, merged.text, false);
    assert_null(strstr(back.text, "a: 1")); /* nobody had changed it */
    assert_int_equal(back.conflicts.count, 0);
}

static void marks_that_do_not_fit_are_told_with_their_line(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        unsigned line;
    } wrong[] = {
        {"\n# golive:begin a\n",                                   2},
        {"# golive:end a\n",                                       1},
        {"# golive:begin a\n# golive:begin b\n",                   1},
        {"# golive:begin a\n# golive:end b\n",                     2},
        {"# golive:begin a\n# golive:end a\n\n# golive:begin a\n", 4},
        {"# golive:begin \n",                                      1},
    };

    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *sealed = NULL;
        assert_int_equal(gl_blocks_seal(wrong[i].text, "f.yml", &sealed, &err), GL_E_CONFIG);
        assert_int_equal(err.line, wrong[i].line);
        assert_string_equal(err.file, "f.yml");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_already_stays_the_same),
        cmocka_unit_test(what_is_outside_of_blocks_stays),
        cmocka_unit_test(what_is_changed_inside_is_a_conflict),
        cmocka_unit_test(an_owned_part_is_left_alone),
        cmocka_unit_test(markdown_has_marks_of_its_own),
        cmocka_unit_test(new_parts_come_behind_the_one_before),
        cmocka_unit_test(marks_that_do_not_fit_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
