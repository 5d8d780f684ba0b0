/* Templates filled in: values, conditions, and a name that has no value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "generate/render.h"

static json_t *values(void)
{
    json_t *object = json_object();
    gl_json_set_str(object, "a", "one\ntwo");
    return object;
}

static void values_keep_their_column(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *object = values();
    gl_autofree char *text = NULL;
    assert_int_equal(gl_render("t.yml", "  x <<a>>\n#? if b\n<<b>>\n#? else\nno b\n#? end\n",
                               object, NULL, &text, &err),
                     0);
    assert_string_equal(text, "  x one\n  two\nno b\n");
}

static void a_name_without_value_is_an_error_that_names_it(void **state)
{
    (void)state;

    static const struct {
        const char *text, *message;
    } cases[] = {
        {"x\n<<a>> <<b>>\n",        "t.yml:2: <<b>> has no value"                },
        {"<<action:owner/name>>\n", "t.yml:1: <<action:owner/name>> has no value"},
        {"<<tool:cargo-audit>>\n",  "t.yml:1: <<tool:cargo-audit>> has no value" },
    };

    gl_autojson json_t *object = values();
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        char *text = NULL;
        assert_int_equal(gl_render("t.yml", cases[i].text, object, NULL, &text, &err),
                         GL_E_CORRUPT);
        assert_string_equal(err.message, cases[i].message);
        assert_non_null(err.hint);
        assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_keep_their_column),
        cmocka_unit_test(a_name_without_value_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
