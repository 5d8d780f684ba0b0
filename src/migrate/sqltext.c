/* Tokens and statements of SQL by PostgreSQL's lexical rules. */
#include "migrate/sqltext.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_word_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word_part(char c)
{
    return is_word_start(c) || isdigit((unsigned char)c) || c == '$';
}

static char peek(const struct gl_sql_scanner *scanner, size_t ahead)
{
    if (ahead >= scanner->len - scanner->pos)
        return '\0';
    return scanner->text[scanner->pos + ahead];
}

static struct gl_sql_token take(struct gl_sql_scanner *scanner, enum gl_sql_kind kind, size_t len)
{
    struct gl_sql_token token = {kind, scanner->text + scanner->pos, len};
    scanner->pos += len;
    return token;
}

static struct gl_sql_token take_rest(struct gl_sql_scanner *scanner)
{
    return take(scanner, GL_SQL_UNTERMINATED, scanner->len - scanner->pos);
}

static struct gl_sql_token line_comment(struct gl_sql_scanner *scanner)
{
    size_t len = 2;
    while (scanner->pos + len < scanner->len && !strchr("\r\n", peek(scanner, len)))
        len++;
    return take(scanner, GL_SQL_COMMENT, len);
}

/* Block comments nest, unlike in C. */
static struct gl_sql_token block_comment(struct gl_sql_scanner *scanner)
{
    size_t depth = 1;
    size_t len = 2;
    while (scanner->pos + len < scanner->len) {
        if (peek(scanner, len) == '*' && peek(scanner, len + 1) == '/') {
            len += 2;
            if (--depth == 0)
                return take(scanner, GL_SQL_COMMENT, len);
        } else if (peek(scanner, len) == '/' && peek(scanner, len + 1) == '*') {
            len += 2;
            depth++;
        } else {
            len++;
        }
    }
    return take_rest(scanner);
}

/* A text in quotes that begins `start` characters ahead; a doubled quote stands for itself. */
static struct gl_sql_token quoted(struct gl_sql_scanner *scanner, enum gl_sql_kind kind,
                                  size_t start, bool backslashes)
{
    char quote = peek(scanner, start);
    size_t len = start + 1;
    while (scanner->pos + len < scanner->len) {
        char c = peek(scanner, len);
        bool doubled =
            c == quote && scanner->pos + len + 1 < scanner->len && peek(scanner, len + 1) == quote;
        if (doubled || (backslashes && c == '\\'))
            len += 2;
        else if (c == quote)
            return take(scanner, kind, len + 1);
        else
            len++;
    }
    return take_rest(scanner);
}

/* $tag$ ... $tag$, or a parameter like $1. */
static struct gl_sql_token dollar(struct gl_sql_scanner *scanner)
{
    size_t tag = 1;
    if (is_word_start(peek(scanner, 1))) {
        while (is_word_part(peek(scanner, tag)) && peek(scanner, tag) != '$')
            tag++;
    }
    if (peek(scanner, tag) != '$')
        return take(scanner, GL_SQL_SYMBOL, 1);
    const char *delimiter = scanner->text + scanner->pos;
    tag++;
    const char *body = delimiter + tag;
    size_t left = scanner->len - scanner->pos - tag;
    const char *end = memmem(body, left, delimiter, tag);
    if (!end)
        return take_rest(scanner);
    return take(scanner, GL_SQL_STRING, (size_t)(end - delimiter) + tag);
}

static struct gl_sql_token word(struct gl_sql_scanner *scanner)
{
    char first = (char)toupper((unsigned char)peek(scanner, 0));
    if (strchr("EBXN", first) && peek(scanner, 1) == '\'')
        return quoted(scanner, GL_SQL_STRING, 1, first == 'E');
    if (first == 'U' && peek(scanner, 1) == '&') {
        if (peek(scanner, 2) == '\'')
            return quoted(scanner, GL_SQL_STRING, 2, false);
        if (peek(scanner, 2) == '"')
            return quoted(scanner, GL_SQL_QUOTED, 2, false);
    }
    size_t len = 1;
    while (is_word_part(peek(scanner, len)))
        len++;
    return take(scanner, GL_SQL_WORD, len);
}

static struct gl_sql_token number(struct gl_sql_scanner *scanner)
{
    size_t len = 1;
    while (isalnum((unsigned char)peek(scanner, len)) || peek(scanner, len) == '.')
        len++;
    return take(scanner, GL_SQL_NUMBER, len);
}

struct gl_sql_token gl_sql_next(struct gl_sql_scanner *scanner)
{
    while (scanner->pos < scanner->len && isspace((unsigned char)peek(scanner, 0)))
        scanner->pos++;
    if (scanner->pos >= scanner->len)
        return take(scanner, GL_SQL_END, 0);
    char c = peek(scanner, 0);
    if (c == '-' && peek(scanner, 1) == '-')
        return line_comment(scanner);
    if (c == '/' && peek(scanner, 1) == '*')
        return block_comment(scanner);
    if (c == '\'')
        return quoted(scanner, GL_SQL_STRING, 0, false);
    if (c == '"')
        return quoted(scanner, GL_SQL_QUOTED, 0, false);
    if (c == '$')
        return dollar(scanner);
    if (is_word_start(c))
        return word(scanner);
    if (isdigit((unsigned char)c))
        return number(scanner);
    return take(scanner, GL_SQL_SYMBOL, 1);
}

void gl_sql_statement_done(struct gl_sql_statement *statement)
{
    free(statement->tokens);
    free(statement->depths);
    *statement = (struct gl_sql_statement){0};
}

static void add(struct gl_sql_statement *statement, struct gl_sql_token token, unsigned depth)
{
    if (statement->count == statement->room) {
        statement->room = statement->room ? statement->room * 2 : 64;
        statement->tokens =
            gl_realloc_array(statement->tokens, statement->room, sizeof *statement->tokens);
        statement->depths =
            gl_realloc_array(statement->depths, statement->room, sizeof *statement->depths);
    }
    statement->tokens[statement->count] = token;
    statement->depths[statement->count++] = depth;
}

/* How deep a BEGIN ATOMIC body is open after this token: its semicolons end no statement. CASE ends
 * with END too. */
static unsigned body_depth(const struct gl_sql_statement *statement, unsigned depth,
                           const struct gl_sql_token *token)
{
    size_t count = statement->count;
    if (depth == 0) {
        bool opens = gl_sql_is(token, "ATOMIC") && count > 0 &&
                     gl_sql_is(&statement->tokens[count - 1], "BEGIN") &&
                     gl_sql_is(&statement->tokens[0], "CREATE");
        return opens ? 1 : 0;
    }
    if (gl_sql_is(token, "CASE"))
        return depth + 1;
    return gl_sql_is(token, "END") ? depth - 1 : depth;
}

static bool is_symbol(const struct gl_sql_token *token, char c)
{
    return token->kind == GL_SQL_SYMBOL && token->text[0] == c;
}

bool gl_sql_statement_next(struct gl_sql_scanner *scanner, struct gl_sql_statement *statement)
{
    statement->count = 0;
    unsigned parens = 0;
    unsigned body = 0;
    for (;;) {
        struct gl_sql_token token = gl_sql_next(scanner);
        if (token.kind == GL_SQL_END)
            return statement->count > 0;
        if (token.kind == GL_SQL_COMMENT)
            continue;
        /* Like psql: a semicolon inside parentheses (CREATE RULE) does not end the statement. */
        if (is_symbol(&token, ';') && parens == 0 && body == 0) {
            if (statement->count > 0)
                return true;
            continue;
        }
        if (is_symbol(&token, ')') && parens > 0)
            parens--;
        body = body_depth(statement, body, &token);
        add(statement, token, parens);
        if (is_symbol(&token, '('))
            parens++;
    }
}

bool gl_sql_is(const struct gl_sql_token *token, const char *keyword)
{
    return token->kind == GL_SQL_WORD && strlen(keyword) == token->len &&
           strncasecmp(token->text, keyword, token->len) == 0;
}

bool gl_sql_is_name(const struct gl_sql_token *token)
{
    return token->kind == GL_SQL_WORD || token->kind == GL_SQL_QUOTED;
}

bool gl_sql_match(const struct gl_sql_statement *statement, size_t index, const char *keywords)
{
    for (; *keywords; index++) {
        size_t len = strcspn(keywords, " ");
        if (index >= statement->count)
            return false;
        const struct gl_sql_token *token = &statement->tokens[index];
        bool any = len == 1 && keywords[0] == '_';
        bool same = token->kind == GL_SQL_WORD && token->len == len &&
                    strncasecmp(token->text, keywords, len) == 0;
        if (any ? !gl_sql_is_name(token) : !same)
            return false;
        keywords += len;
        keywords += *keywords == ' ';
    }
    return true;
}

char *gl_sql_identifier(const struct gl_sql_token *token)
{
    char *name = gl_alloc(token->len + 1);
    size_t len = 0;
    if (token->kind == GL_SQL_QUOTED) {
        for (size_t i = 1; i + 1 < token->len; i++) {
            name[len++] = token->text[i];
            i += token->text[i] == '"';
        }
        return name;
    }
    for (size_t i = 0; i < token->len; i++)
        name[len++] = (char)tolower((unsigned char)token->text[i]);
    return name;
}

char *gl_sql_table_text(const struct gl_sql_statement *statement, size_t index)
{
    size_t end = index;
    if (end >= statement->count || !gl_sql_is_name(&statement->tokens[end]))
        return NULL;
    while (end + 2 < statement->count && statement->tokens[end + 1].text[0] == '.' &&
           gl_sql_is_name(&statement->tokens[end + 2]))
        end += 2;
    const char *from = statement->tokens[index].text;
    const char *to = statement->tokens[end].text + statement->tokens[end].len;
    return gl_strndup(from, (size_t)(to - from));
}

bool gl_sql_has(const struct gl_sql_statement *statement, const char *keywords)
{
    for (size_t i = 0; i < statement->count; i++) {
        if (statement->depths[i] == 0 && gl_sql_match(statement, i, keywords))
            return true;
    }
    return false;
}

unsigned gl_sql_line(const char *text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset && text[i]; i++)
        line += text[i] == '\n';
    return line;
}

size_t gl_sql_offset(const char *text, size_t position)
{
    size_t offset = 0;
    for (size_t seen = 1; seen < position && text[offset]; seen++) {
        offset++;
        while (((unsigned char)text[offset] & 0xC0) == 0x80)
            offset++;
    }
    return offset;
}
