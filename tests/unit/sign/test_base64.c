/* Base 64 as RFC 4648 has it, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sign/base64.h"

static const struct {
    const char *data;
    const char *text;
} vectors[] = {
    {"",       ""        }, /* RFC 4648, section 10 */
    {"f",      "Zg=="    },
    {"fo",     "Zm8="    },
    {"foo",    "Zm9v"    },
    {"foob",   "Zm9vYg=="},
    {"fooba",  "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void the_vectors_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(vectors); i++) {
        gl_autobuf struct gl_buf data = {0};
        gl_autofree char *text = gl_base64_write(vectors[i].data, strlen(vectors[i].data), 0);
        assert_string_equal(text, vectors[i].text);
        assert_true(gl_base64_read(text, strlen(text), &data));
        assert_int_equal(data.len, strlen(vectors[i].data));
        assert_string_equal(gl_buf_text(&data), vectors[i].data);
    }
}

static void white_space_between_the_characters_does_not_matter(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf data = {0};
    static const char text[] = "Zm\n9v \tYm\r\nFy\n";
    assert_true(gl_base64_read(text, strlen(text), &data));
    assert_string_equal(gl_buf_text(&data), "foobar");
    gl_autofree char *lines = gl_base64_write("foobar", 6, 5);
    assert_string_equal(lines, "Zm9vY\nmFy\n");
}

static void what_is_no_base_64_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "Z", "Zg", "Zg=", "Zg=a", "====", "Zm9-", "Zm9_", "Zg==A", "=Zg=", "Zm9v!"};
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        gl_autobuf struct gl_buf data = {0};
        if (gl_base64_read(wrong[i], strlen(wrong[i]), &data))
            fail_msg("%s was read", wrong[i]);
    }
    gl_autobuf struct gl_buf data = {0};
    assert_false(gl_base64_read("Zm9\0", 4, &data));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_standard),
        cmocka_unit_test(white_space_between_the_characters_does_not_matter),
        cmocka_unit_test(what_is_no_base_64_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
