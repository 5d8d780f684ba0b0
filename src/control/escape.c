/* Texts for XML and HTML. */
#include <string.h>

#include "base/utf8.h"
#include "control/render.h"

static const struct {
    char letter;
    const char *entity;
} entities[] = {
    {'&',  "&amp;" },
    {'<',  "&lt;"  },
    {'>',  "&gt;"  },
    {'"',  "&quot;"},
    {'\'', "&#39;" },
};

/* Char of https://www.w3.org/TR/xml/#charsets */
static bool is_xml(uint32_t letter)
{
    if (letter < 0x20)
        return letter == '\t' || letter == '\n' || letter == '\r';
    return letter != 0xfffe && letter != 0xffff;
}

void gl_render_escaped(const char *text, struct gl_buf *out)
{
    size_t left = text ? strlen(text) : 0;
    while (left > 0) {
        uint32_t letter = 0;
        size_t len = gl_utf8_next(text, left, &letter);
        const char *entity = NULL;
        for (size_t i = 0; i < GL_COUNT(entities); i++) {
            if (letter == (unsigned char)entities[i].letter)
                entity = entities[i].entity;
        }
        if (entity)
            gl_buf_puts(out, entity);
        else if (!is_xml(letter) || gl_utf8_sequence(text, left) != len)
            gl_buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD */
        else
            gl_buf_add(out, text, len);
        text += len;
        left -= len;
    }
}
