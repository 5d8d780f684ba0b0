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

static void columns_are_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(gl_utf8_columns("status"), 6);
    assert_int_equal(gl_utf8_columns("\xE7\x8A\xB6\xE6\x85\x8B"), 4);
    assert_int_equal(gl_utf8_columns("a\xCC\x81"), 1); /* a combining accent */
    gl_autofree char *ascii = gl_utf8_pad("up", 5);
    gl_autofree char *wide = gl_utf8_pad("\xE7\x8A\xB6", 5);
    gl_autofree char *full = gl_utf8_pad("longer", 5);
    assert_string_equal(ascii, "up   ");
    assert_string_equal(wide, "\xE7\x8A\xB6   ");
    assert_string_equal(full, "longer");
}

static size_t characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

/* Wherever a wrong byte stands between ASCII and characters of several bytes, it is found there. */
static void wrong_bytes_are_found_at_any_place(void **state)
{
    (void)state;
    static const char *const fill[] = {"abcdefghijklmnopqrst", "abcdefg\xE3\x81\x82hijklmnop",
                                       "\xE3\x81\x82\xE3\x81\x82\xE3\x81\x82xyzxyzxyz"};
    for (size_t i = 0; i < GL_COUNT(fill); i++) {
        size_t len = strlen(fill[i]);
        assert_int_equal(gl_utf8_valid_prefix(fill[i], len), len);
        assert_true(gl_utf8_valid(fill[i], len, NULL, NULL));
        for (size_t at = 0; at < len; at++) {
            if ((fill[i][at] & 0xC0) == 0x80)
                continue; /* within a character: it is its first byte that is wrong then */
            char text[32];
            unsigned line = 0;
            unsigned column = 0;
            memcpy(text, fill[i], len);
            text[at] = (char)0xFF;
            assert_int_equal(gl_utf8_valid_prefix(text, len), at);
            assert_false(gl_utf8_valid(text, len, &line, &column));
            assert_int_equal(line, 1);
            assert_int_equal(column, characters(text, at) + 1);
            text[at] = '\0';
            assert_false(gl_utf8_valid(text, len, NULL, NULL));
        }
    }
}

static void texts_from_outside_cannot_steer_a_terminal(void **state)
{
    (void)state;

    static const struct {
        const char *text, *line, *lines;
    } cases[] = {
        {NULL,                         "",                       ""                      },
        {"a\tb\r\nc\n",                "a b  c ",                "a\tb\nc\n"             },
        {"a\rb",                       "a b",                    "a b"                   },
        {"\033[2J\033[1;31mred\033[m", " [2J [1;31mred [m",      "red"                   },
        {"x\033[2",                    "x [2",                   "x [2"                  }, /* no end */
        {"\033]0;title\007",           " ]0;title ",             " ]0;title "            },
        {"\302\2332J",                 " 2J",                    " 2J"                   }, /* CSI, one byte */
        {"a\342\200\256fdp.exe",       "a fdp.exe",              "a fdp.exe"             }, /* to the left */
        {"a\342\201\246b",             "a b",                    "a b"                   }, /* an isolate */
        {"\x7F\xEF\xBB\xBFx",          "  x",                    "  x"                   },
        {"\xE3\x81\x82 e\xCC\x81",     "\xE3\x81\x82 e\xCC\x81", "\xE3\x81\x82 e\xCC\x81"},
        {"a\2332J",                    "a\357\277\2752J",        "a\357\277\2752J"       }, /* no UTF-8 */
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *line = gl_utf8_line(cases[i].text);
        gl_autofree char *lines = gl_utf8_lines(cases[i].text);
        assert_string_equal(line, cases[i].line);
        assert_string_equal(lines, cases[i].lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_bytes_are_found_at_any_place),
        cmocka_unit_test(characters_are_told_from_what_is_none),
        cmocka_unit_test(the_end_and_nul_are_no_surprise),
        cmocka_unit_test(the_first_wrong_byte_has_a_place),
        cmocka_unit_test(columns_are_not_bytes),
        cmocka_unit_test(texts_from_outside_cannot_steer_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
