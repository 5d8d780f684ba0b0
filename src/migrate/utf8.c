/* UTF-8, which sqlx demands of migration files. */
#include "migrate/utf8.h"

/* RFC 3629, section 4: what the first byte allows as second byte, and how many bytes follow. */
static const struct {
    unsigned char first_min, first_max;
    unsigned char second_min, second_max;
    size_t more;
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

/* Bytes of the character at `text`; 0 if it is malformed. */
static size_t character_len(const unsigned char *text, size_t left)
{
    size_t form = 0;
    while (form < sizeof forms / sizeof *forms &&
           (text[0] < forms[form].first_min || text[0] > forms[form].first_max))
        form++;
    if (form == sizeof forms / sizeof *forms || forms[form].more >= left)
        return 0;
    for (size_t i = 1; i <= forms[form].more; i++) {
        unsigned char least = i == 1 ? forms[form].second_min : 0x80;
        unsigned char most = i == 1 ? forms[form].second_max : 0xBF;
        if (text[i] < least || text[i] > most)
            return 0;
    }
    return forms[form].more + 1;
}

size_t gl_utf8_valid_prefix(const char *text, size_t len)
{
    size_t done = 0;
    while (done < len) {
        size_t step = character_len((const unsigned char *)text + done, len - done);
        if (step == 0)
            break;
        done += step;
    }
    return done;
}

unsigned gl_utf8_line(const char *text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}
