/* Words as a POSIX shell splits them, without any expansion. */
#include "aws/profile_internal.h"
#include "base/buf.h"

#include <string.h>

/* Adds what stands between quotes at `at` (behind the opening one); returns what follows the
 * closing one, NULL if there is none. */
static const char *quoted(const char *at, char quote, struct gl_buf *word)
{
    for (; *at && *at != quote; at++) {
        if (quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        gl_buf_putc(word, *at);
    }
    return *at ? at + 1 : NULL;
}

/* Adds one word; returns what follows it, NULL if it does not end. */
static const char *read_word(const char *at, struct gl_buf *word)
{
    while (at && *at && !strchr(" \t\r\n", *at)) {
        if (*at == '\'' || *at == '"') {
            at = quoted(at + 1, *at, word);
        } else if (*at == '\\') {
            if (!at[1])
                return NULL;
            gl_buf_putc(word, at[1]);
            at += 2;
        } else {
            gl_buf_putc(word, *at++);
        }
    }
    return at;
}

bool gl_aws_split_words(const char *text, struct gl_strv *words)
{
    while (*(text += strspn(text, " \t\r\n"))) {
        gl_autobuf struct gl_buf word = {0};
        text = read_word(text, &word);
        if (!text)
            return false;
        gl_strv_take(words, gl_buf_steal(&word));
    }
    return true;
}
