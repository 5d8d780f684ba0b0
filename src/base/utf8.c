/* UTF-8: reading characters, and how wide they are. */
#include "base/utf8.h"

#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/mem.h"

enum { REPLACEMENT = 0xFFFD };

/* What a first byte allows as second byte, and how many bytes follow it (Unicode, table 3-7; RFC
 * 3629, section 4). */
static const struct form {
    unsigned char first_least, first_most;
    unsigned char second_least, second_most;
    unsigned char more;
} forms[] = {
    {0x00, 0x7F, 0x00, 0x00, 0},
    {0xC2, 0xDF, 0x80, 0xBF, 1},
    {0xE0, 0xE0, 0xA0, 0xBF, 2},
    {0xE1, 0xEC, 0x80, 0xBF, 2},
    {0xED, 0xED, 0x80, 0x9F, 2},
    {0xEE, 0xEF, 0x80, 0xBF, 2},
    {0xF0, 0xF0, 0x90, 0xBF, 3},
    {0xF1, 0xF3, 0x80, 0xBF, 3},
    {0xF4, 0xF4, 0x80, 0x8F, 3},
};

static const struct form *form_of(unsigned char first)
{
    for (size_t i = 0; i < GL_COUNT(forms); i++) {
        if (first >= forms[i].first_least && first <= forms[i].first_most)
            return &forms[i];
    }
    return NULL;
}

size_t gl_utf8_sequence(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const struct form *form = len ? form_of(bytes[0]) : NULL;
    if (!form || form->more >= len)
        return 0;
    for (size_t i = 1; i <= form->more; i++) {
        unsigned char least = i == 1 ? form->second_least : 0x80;
        unsigned char most = i == 1 ? form->second_most : 0xBF;
        if (bytes[i] < least || bytes[i] > most)
            return 0;
    }
    return (size_t)form->more + 1;
}

/* Bytes of ASCII at the beginning, in steps of eight: nearly all of most texts. */
static size_t ascii_prefix(const char *text, size_t len)
{
    size_t at = 0;
    for (uint64_t eight; at + sizeof eight <= len; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    return at;
}

size_t gl_utf8_valid_prefix(const char *text, size_t len)
{
    size_t at = 0;
    for (size_t step; at < len; at += step) {
        step = ascii_prefix(text + at, len - at);
        if (step == 0)
            step = gl_utf8_sequence(text + at, len - at);
        if (step == 0)
            break;
    }
    return at;
}

size_t gl_utf8_next(const char *text, size_t len, uint32_t *ret_character)
{
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t length = gl_utf8_sequence(text, len);
    *ret_character = REPLACEMENT;
    if (length == 0)
        return len ? 1 : 0;
    uint32_t character = (unsigned char)text[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        character = character << 6 | ((unsigned char)text[i] & 0x3F);
    *ret_character = character;
    return length;
}

/* Where the byte behind `len` valid ones stands; columns are counted in characters. */
static void place_of(const char *text, size_t len, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1;
    unsigned column = 1;
    for (size_t at = 0; at < len;) {
        uint32_t character;
        at += gl_utf8_next(text + at, len - at, &character);
        line += character == '\n';
        column = character == '\n' ? 1 : column + 1;
    }
    if (ret_line)
        *ret_line = line;
    if (ret_column)
        *ret_column = column;
}

bool gl_utf8_valid(const char *text, size_t len, unsigned *ret_line, unsigned *ret_column)
{
    const char *nul = len ? memchr(text, '\0', len) : NULL;
    size_t wanted = nul ? (size_t)(nul - text) : len;
    size_t good = gl_utf8_valid_prefix(text, wanted);
    if (good == len)
        return true;
    place_of(text, good, ret_line, ret_column);
    return false;
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

int gl_utf8_columns(const char *text)
{
    size_t len = strlen(text);
    int columns = 0;
    for (size_t at = 0; at < len;) {
        uint32_t character;
        at += gl_utf8_next(text + at, len - at, &character);
        columns += gl_utf8_width(character);
    }
    return columns;
}

char *gl_utf8_pad(const char *text, int columns)
{
    int missing = columns - gl_utf8_columns(text);
    return gl_asprintf("%s%*s", text, missing > 0 ? missing : 0, "");
}

/* ---- texts from outside ------------------------------------------------------------------------
 */

bool gl_utf8_is_deceptive(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           c == 0x61C;
}

/* Bytes of the CSI sequence at the front; 0 if there is none, or only a part of one. */
static size_t csi_length(const char *text)
{
    size_t len = 2;
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    while (text[len] >= 0x30 && text[len] <= 0x3F)
        len++;
    while (text[len] >= 0x20 && text[len] <= 0x2F)
        len++;
    return text[len] >= 0x40 && text[len] <= 0x7E ? len + 1 : 0;
}

/* How many bytes at the front of a text of several lines are shown otherwise than as a character
 * of their own; what they are is added. */
static size_t take_layout(struct gl_buf *out, const char *text)
{
    if (*text == '\n' || *text == '\t') {
        gl_buf_putc(out, *text);
        return 1;
    }
    return text[0] == '\r' && text[1] == '\n' ? 1 : csi_length(text);
}

static char *safe(const char *text, bool lines)
{
    gl_autobuf struct gl_buf out = {0};
    size_t left = text ? strlen(text) : 0;
    while (left) {
        size_t size = lines ? take_layout(&out, text) : 0;
        if (!size) {
            uint32_t character = 0;
            size = gl_utf8_next(text, left, &character);
            if (gl_utf8_is_deceptive(character))
                gl_buf_putc(&out, ' ');
            else if (character == REPLACEMENT)
                gl_buf_puts(&out, "\xEF\xBF\xBD");
            else
                gl_buf_add(&out, text, size);
        }
        text += size;
        left -= size;
    }
    return gl_buf_steal(&out);
}

char *gl_utf8_line(const char *text)
{
    return safe(text, false);
}

char *gl_utf8_lines(const char *text)
{
    return safe(text, true);
}
