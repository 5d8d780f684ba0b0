/* UTF-8: well-formed or not, as one table of RFC 3629 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static const struct {
    const char *text;
    uint32_t character; /* 0 = malformed */
} samples[] = {
    {"a",                0x61    },
    {"\x7F",             0x7F    },
    {"\xC2\x80",         0x80    },
    {"\xDF\xBF",         0x7FF   },
    {"\xE0\xA0\x80",     0x800   },
    {"\xE3\x81\x82",     0x3042  },
    {"\xED\x9F\xBF",     0xD7FF  },
    {"\xEE\x80\x80",     0xE000  },
    {"\xEF\xBF\xBD",     0xFFFD  },
    {"\xF0\x90\x80\x80", 0x10000 },
    {"\xF4\x8F\xBF\xBF", 0x10FFFF},
    {"\x80",             0       }, /* nothing to continue */
    {"\xC0\x80",         0       }, /* overlong */
    {"\xC1\xBF",         0       },
    {"\xE0\x9F\xBF",     0       },
    {"\xF0\x8F\xBF\xBF", 0       },
    {"\xED\xA0\x80",     0       }, /* a surrogate */
    {"\xF4\x90\x80\x80", 0       }, /* above U+10FFFF */
    {"\xF5\x80\x80\x80", 0       },
    {"\xFF",             0       },
    {"\xE3\x81",         0       }, /* a part */
    {"\xE3\x81x",        0       },
};

static void characters_are_told_from_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(samples); i++) {
        const char *text = samples[i].text;
        size_t len = strlen(text);
        uint32_t character = 0;
        bool good = samples[i].character != 0;
        assert_int_equal(gl_utf8_sequence(text, len), good ? len : 0);
        assert_int_equal(gl_utf8_valid_prefix(text, len), good ? len : 0);
        assert_int_equal(gl_utf8_next(text, len, &character), good ? len : 1);
        assert_int_equal(character, good ? samples[i].character : 0xFFFD);
    }
}

static void the_end_and_nul_are_no_surprise(void **state)
{
    (void)state;
    uint32_t character = 1;
    assert_int_equal(gl_utf8_sequence("", 0), 0);
    assert_int_equal(gl_utf8_next("", 0, &character), 0);
    assert_int_equal(gl_utf8_next("\0", 1, &character), 1);
    assert_int_equal(character, 0);
    assert_int_equal(gl_utf8_valid_prefix("a\0\xE3\x81\x82\xFFz", 7), 5);
}

static void the_first_wrong_byte_has_a_place(void **state)
{
    (void)state;
    unsigned line = 0;
    unsigned column = 0;
    assert_true(gl_utf8_valid("a\xE3\x81\x82\n\xEF\xBF\xBD", 8, &line, &column));
    assert_false(gl_utf8_valid("a\n\xE3\x81\x82\xFF", 6, &line, &column));
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_told_from_what_is_none),
        cmocka_unit_test(the_end_and_nul_are_no_surprise),
        cmocka_unit_test(the_first_wrong_byte_has_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
