/* UTF-8: reading characters, and how wide they are. */
#include "config/utf8.h"

#include <wchar.h>

#include "base/mem.h"

enum { REPLACEMENT = 0xFFFD };

/* Per lead byte: least character (shorter forms are wrong), mask, value, length. */
static const struct {
    uint32_t least;
    unsigned char mask, lead, length;
} shapes[] = {
    {0,       0x80, 0x00, 1},
    {0x80,    0xE0, 0xC0, 2},
    {0x800,   0xF0, 0xE0, 3},
    {0x10000, 0xF8, 0xF0, 4},
};

static bool continue_character(const char *text, size_t length, uint32_t *character)
{
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xC0) != 0x80)
            return false;
        *character = *character << 6 | (byte & 0x3F);
    }
    return true;
}

size_t gl_utf8_next(const char *text, size_t len, uint32_t *ret_character)
{
    *ret_character = REPLACEMENT;
    if (len == 0)
        return 0;
    unsigned char lead = (unsigned char)text[0];
    for (size_t i = 0; i < GL_COUNT(shapes); i++) {
        if ((lead & shapes[i].mask) != shapes[i].lead || shapes[i].length > len)
            continue;
        uint32_t character = lead & (unsigned char)~shapes[i].mask;
        if (!continue_character(text, shapes[i].length, &character))
            return 1;
        bool surrogate = character >= 0xD800 && character <= 0xDFFF;
        if (character < shapes[i].least || surrogate || character > 0x10FFFF)
            return 1;
        *ret_character = character;
        return shapes[i].length;
    }
    return 1;
}

bool gl_utf8_valid(const char *text, size_t len, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1;
    unsigned column = 1;
    for (size_t at = 0; at < len;) {
        uint32_t character;
        size_t length = gl_utf8_next(text + at, len - at, &character);
        bool wrong = character == REPLACEMENT && length == 1;
        if (wrong || character == 0) {
            *ret_line = line;
            *ret_column = column;
            return false;
        }
        at += length;
        line += character == '\n';
        column = character == '\n' ? 1 : column + 1;
    }
    return true;
}

/* What counts two columns when the locale knows no characters (a bare container). */
static bool is_wide(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x1100,  0x115F }, /* Hangul Jamo */
        {0x2E80,  0x303E }, /* CJK radicals, punctuation */
        {0x3041,  0x33FF }, /* kana, CJK symbols */
        {0x3400,  0x4DBF }, /* CJK extension A */
        {0x4E00,  0x9FFF }, /* CJK */
        {0xA000,  0xA4CF }, /* Yi */
        {0xAC00,  0xD7A3 }, /* Hangul */
        {0xF900,  0xFAFF }, /* CJK compatibility */
        {0xFE30,  0xFE6F }, /* CJK forms */
        {0xFF00,  0xFF60 }, /* full-width forms */
        {0xFFE0,  0xFFE6 }, /* full-width signs */
        {0x1F300, 0x1F64F}, /* pictographs */
        {0x1F900, 0x1F9FF}, /* more pictographs */
        {0x20000, 0x3FFFD}, /* CJK extensions */
    };

    for (size_t i = 0; i < GL_COUNT(ranges); i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    }
    return false;
}

int gl_utf8_width(uint32_t character)
{
    int width = wcwidth((wchar_t)character);
    if (width >= 0)
        return width;
    if (character >= 0x300 && character <= 0x36F)
        return 0;
    return is_wide(character) ? 2 : 1;
}
