/* Rust's tokens. */
#include "prove/rust.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static char at(const struct gl_rust_scanner *scanner, size_t pos)
{
    if (pos >= scanner->len)
        return '\0';
    return scanner->text[pos];
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Block comments nest. */
static size_t after_block_comment(const struct gl_rust_scanner *scanner, size_t pos)
{
    size_t depth = 0;
    while (pos < scanner->len) {
        bool opens = at(scanner, pos) == '/' && at(scanner, pos + 1) == '*';
        bool closes = at(scanner, pos) == '*' && at(scanner, pos + 1) == '/';
        depth += opens;
        depth -= closes;
        pos += opens || closes ? 2 : 1;
        if (closes && depth == 0)
            break;
    }
    return pos;
}

static size_t after_space(const struct gl_rust_scanner *scanner, size_t pos)
{
    for (;;) {
        while (pos < scanner->len && isspace((unsigned char)at(scanner, pos)))
            pos++;
        if (at(scanner, pos) != '/')
            return pos;
        if (at(scanner, pos + 1) == '/') {
            while (pos < scanner->len && at(scanner, pos) != '\n')
                pos++;
        } else if (at(scanner, pos + 1) == '*') {
            pos = after_block_comment(scanner, pos);
        } else {
            return pos;
        }
    }
}

static size_t after_quoted(const struct gl_rust_scanner *scanner, size_t pos, char quote)
{
    for (pos++; pos < scanner->len && at(scanner, pos) != quote; pos++) {
        if (at(scanner, pos) == '\\')
            pos++;
    }
    return pos < scanner->len ? pos + 1 : scanner->len;
}

/* From the first # or quote of r#"..."#; `pos` itself if it is no raw string (r#type). */
static size_t after_raw(const struct gl_rust_scanner *scanner, size_t pos)
{
    size_t hashes = 0;
    size_t from = pos;
    while (at(scanner, from + hashes) == '#')
        hashes++;
    from += hashes;
    if (at(scanner, from) != '"')
        return pos;
    for (from++; from < scanner->len; from++) {
        size_t closing = 0;
        while (at(scanner, from) == '"' && closing < hashes &&
               at(scanner, from + 1 + closing) == '#')
            closing++;
        if (at(scanner, from) == '"' && closing == hashes)
            return from + 1 + hashes;
    }
    return scanner->len;
}

/* The end of a string that begins with a prefix (b, c, r, br, cr) or a quote; `pos` if none does.
 */
static size_t after_string(const struct gl_rust_scanner *scanner, size_t pos)
{
    size_t quote = pos;
    if (at(scanner, quote) == 'b' || at(scanner, quote) == 'c')
        quote++;
    if (at(scanner, quote) == 'r') {
        size_t end = after_raw(scanner, quote + 1);
        return end == quote + 1 ? pos : end;
    }
    return at(scanner, quote) == '"' ? after_quoted(scanner, quote, '"') : pos;
}

/* 'a' and '\n' are characters, 'static is a lifetime. */
static bool is_character(const struct gl_rust_scanner *scanner, size_t pos)
{
    if (at(scanner, pos + 1) == '\\')
        return true;
    size_t end = pos + 2;
    while (((unsigned char)at(scanner, end) & 0xc0) == 0x80)
        end++;
    return at(scanner, end) == '\'';
}

struct gl_rust_token gl_rust_next(struct gl_rust_scanner *scanner)
{
    size_t pos = after_space(scanner, scanner->pos);
    while (at(scanner, pos) == '\'' && is_character(scanner, pos))
        pos = after_space(scanner, after_quoted(scanner, pos, '\''));
    struct gl_rust_token token = {.kind = GL_RUST_END, .pos = pos};
    size_t end = after_string(scanner, pos);
    if (pos >= scanner->len) {
        end = scanner->len;
    } else if (end > pos) {
        token.kind = GL_RUST_STRING;
    } else if (is_word(at(scanner, pos)) || at(scanner, pos) == '\'') {
        token.kind = GL_RUST_WORD;
        for (end++; end < scanner->len && is_word(at(scanner, end));)
            end++;
    } else {
        token.kind = GL_RUST_SYMBOL;
        end++;
    }
    token.len = end - pos;
    scanner->pos = end;
    return token;
}

bool gl_rust_is(const struct gl_rust_scanner *scanner, const struct gl_rust_token *token,
                const char *text)
{
    return (token->kind == GL_RUST_WORD || token->kind == GL_RUST_SYMBOL) &&
           strlen(text) == token->len && memcmp(scanner->text + token->pos, text, token->len) == 0;
}

static void add_character(struct gl_buf *out, unsigned long code)
{
    if (code < 0x80) {
        gl_buf_putc(out, (char)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    gl_buf_putc(out, (char)(lead[more] | (code >> (6 * more) & 0x3f)));
    while (more-- > 0)
        gl_buf_putc(out, (char)(0x80 | (code >> (6 * more) & 0x3f)));
}

/* Up to `count` hexadecimal digits; returns what follows. */
static const char *read_hex(const char *from, const char *end, int count, unsigned long *ret_code)
{
    *ret_code = 0;
    for (; from < end && count > 0 && isxdigit((unsigned char)*from); from++, count--) {
        char digit[2] = {*from, '\0'};
        *ret_code = *ret_code * 16 + strtoul(digit, NULL, 16);
    }
    return from;
}

/* Behind a backslash; returns what follows the escape. */
static const char *add_escape(struct gl_buf *out, const char *from, const char *end)
{
    static const char means[][2] = {
        {'n', '\n'},
        {'t', '\t'},
        {'r', '\r'},
        {'0', ' ' }, /* PostgreSQL has no NUL */
    };
    unsigned long code = 0;
    char c = *from++;
    if (c == '\n') { /* the string goes on at the next line's first character */
        while (from < end && isspace((unsigned char)*from))
            from++;
        return from;
    }
    if (c == 'x' || c == 'u') { /* \x41, \u{1F600} */
        bool braces = c == 'u' && from < end && *from == '{';
        from = read_hex(from + braces, end, c == 'x' ? 2 : 6, &code);
        add_character(out, code);
        return from + (braces && from < end);
    }
    for (size_t i = 0; i < GL_COUNT(means); i++) {
        if (means[i][0] == c)
            c = means[i][1];
    }
    gl_buf_putc(out, c);
    return from;
}

char *gl_rust_string(const struct gl_rust_scanner *scanner, const struct gl_rust_token *token)
{
    gl_autobuf struct gl_buf out = {0};
    const char *from = scanner->text + token->pos;
    const char *end = from + token->len;
    bool raw = false;
    size_t hashes = 0;
    for (; from < end && *from != '"'; from++) {
        raw = raw || *from == 'r';
        hashes += *from == '#';
    }
    from += from < end;
    end -= (size_t)(end - from) > hashes ? hashes + 1 : (size_t)(end - from);
    if (raw) {
        gl_buf_add(&out, from, (size_t)(end - from));
        return gl_buf_steal(&out);
    }
    while (from < end) {
        if (*from == '\\' && from + 1 < end)
            from = add_escape(&out, from + 1, end);
        else
            gl_buf_putc(&out, *from++);
    }
    return gl_buf_steal(&out);
}
