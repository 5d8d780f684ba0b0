/* Base 64 by the tables of libcrypto, which reads more than is base 64: so it is looked at first.
 */
#include "sign/base64.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"

enum { GROUP = 4, GROUP_BYTES = 3 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Puts the characters without white space into `ret_text`; false if others are among them. */
static bool compact(const char *text, size_t len, struct gl_buf *ret_text)
{
    size_t padding = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t\r\n", text[i]) && text[i])
            continue;
        bool pad = text[i] == '=';
        if (!pad && (padding || !text[i] || !strchr(alphabet, text[i])))
            return false;
        padding += pad;
        gl_buf_putc(ret_text, text[i]);
    }
    return ret_text->len % GROUP == 0 && padding <= 2;
}

static size_t padding_of(const struct gl_buf *text)
{
    size_t count = 0;
    while (count < text->len && text->data[text->len - 1 - count] == '=')
        count++;
    return count;
}

bool gl_base64_read(const char *text, size_t len, struct gl_buf *ret_data)
{
    gl_autobuf struct gl_buf characters = {0};
    bool good = compact(text, len, &characters);
    if (good && characters.len) {
        size_t room = characters.len / GROUP * GROUP_BYTES;
        unsigned char *out = (unsigned char *)gl_buf_reserve(ret_data, room);
        int got = EVP_DecodeBlock(out, (const unsigned char *)gl_buf_text(&characters),
                                  (int)characters.len);
        good = got == (int)room;
        if (good) {
            ret_data->len += room - padding_of(&characters);
            ret_data->data[ret_data->len] = '\0';
        }
    }
    gl_wipe(characters.data, characters.len);
    return good;
}

char *gl_base64_write(const void *data, size_t len, size_t width)
{
    size_t characters = (len + GROUP_BYTES - 1) / GROUP_BYTES * GROUP;
    gl_autofree char *all = gl_alloc(characters + 1);
    EVP_EncodeBlock((unsigned char *)all, data, (int)len);
    struct gl_buf lines = {0};
    for (size_t at = 0; width && at < characters; at += width) {
        size_t part = characters - at < width ? characters - at : width;
        gl_buf_add(&lines, all + at, part);
        gl_buf_putc(&lines, '\n');
    }
    if (!width)
        gl_buf_add(&lines, all, characters);
    gl_wipe(all, characters);
    return gl_buf_steal(&lines);
}
