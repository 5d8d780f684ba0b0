/* String lists and small string questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/strv.h"

static void a_list_is_ready_for_exec(void **state)
{
    (void)state;
    gl_autostrv struct gl_strv list = {0};
    gl_strv_add(&list, "one");
    gl_strv_take(&list, gl_strdup("two"));
    gl_strv_addf(&list, "%d", 3);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[2], "3");
    assert_null(list.items[3]);
    assert_true(gl_strv_has(&list, "two"));
    assert_false(gl_strv_has(&list, "tw"));
}

static void lists_are_sorted_split_and_joined(void **state)
{
    (void)state;
    gl_autostrv struct gl_strv list = {0};
    gl_strv_split(&list, ",,b, a ,c,,", ", ");
    assert_int_equal(list.count, 3);
    gl_strv_sort(&list);
    gl_autofree char *joined = gl_strv_join(&list, "--");
    assert_string_equal(joined, "a--b--c");
    gl_autostrv struct gl_strv empty = {0};
    gl_strv_sort(&empty);
    gl_strv_split(&empty, "", ",");
    gl_strv_split(&empty, ",,", ",");
    assert_int_equal(empty.count, 0);
    gl_autofree char *nothing = gl_strv_join(&empty, ",");
    assert_string_equal(nothing, "");
    assert_false(gl_strv_has(&empty, ""));
}

static void beginnings_and_endings(void **state)
{
    (void)state;
    assert_true(gl_starts_with("step.done", "step"));
    assert_true(gl_starts_with("step", ""));
    assert_false(gl_starts_with("st", "step"));
    assert_true(gl_ends_with("a.sql", ".sql"));
    assert_true(gl_ends_with("a", ""));
    assert_false(gl_ends_with("sql", ".sql"));
}

static void the_nearest_word_is_found(void **state)
{
    (void)state;
    static const char *const words[] = {"static", "ssr", "database", "deploy", "go"};

    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"stattic",  "static"  },
        {"databse",  "database"},
        {"deploy",   "deploy"  },
        {"dpeloy",   "deploy"  },
        {"srr",      "ssr"     },
        {"zzzzzzzz", NULL      },
        {"",         NULL      },
        {"x",        NULL      },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        const char *found = gl_nearest(cases[i].word, words, GL_COUNT(words));
        if (!cases[i].nearest)
            assert_null(found);
        else
            assert_string_equal(found ? found : "(none)", cases[i].nearest);
    }
    char huge[200] = "";
    memset(huge, 'a', sizeof huge - 1);
    assert_null(gl_nearest(huge, words, GL_COUNT(words)));
    assert_null(gl_nearest("static", words, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_ready_for_exec),
        cmocka_unit_test(lists_are_sorted_split_and_joined),
        cmocka_unit_test(beginnings_and_endings),
        cmocka_unit_test(the_nearest_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
