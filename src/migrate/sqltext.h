/* PostgreSQL's lexical rules: tokens and statements of a migration file, without understanding
 * more of the grammar than where statements end. Source: PostgreSQL manual, 4.1 "Lexical
 * Structure". */
#ifndef GL_MIGRATE_SQLTEXT_H
#define GL_MIGRATE_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum gl_sql_kind {
    GL_SQL_END,
    GL_SQL_WORD,   /* keyword or unquoted identifier */
    GL_SQL_QUOTED, /* "identifier" */
    GL_SQL_STRING, /* '...', E'...', $tag$...$tag$ */
    GL_SQL_NUMBER,
    GL_SQL_SYMBOL, /* one character */
    GL_SQL_COMMENT,
    GL_SQL_UNTERMINATED, /* a string, identifier or comment that the text ends in */
};

struct gl_sql_token {
    enum gl_sql_kind kind;
    const char *text; /* points into the scanned text, not NUL-terminated */
    size_t len;
};

struct gl_sql_scanner {
    const char *text;
    size_t len;
    size_t pos; /* where the next token is looked for */
};

/* The next token, comments included; GL_SQL_END at the end. */
struct gl_sql_token gl_sql_next(struct gl_sql_scanner *scanner);

/* One statement without its comments and its semicolon. Zero-initialise; its room is used again. */
struct gl_sql_statement {
    struct gl_sql_token *tokens;
    unsigned *depths; /* parentheses around each token */
    size_t count;
    size_t room;
};

void gl_sql_statement_done(struct gl_sql_statement *statement);
#define gl_autostatement gl_cleanup(gl_sql_statement_done)

/* Reads the next statement that is not empty; false when there is none. The bodies of functions in
 * the form BEGIN ATOMIC ... END belong to their statement. */
bool gl_sql_statement_next(struct gl_sql_scanner *scanner, struct gl_sql_statement *statement);

/* True if the token is this keyword (given in upper case). */
bool gl_sql_is(const struct gl_sql_token *token, const char *keyword);

/* True if the statement has these keywords, separated by one space, at `index`; "_" stands for any
 * identifier. */
bool gl_sql_match(const struct gl_sql_statement *statement, size_t index, const char *keywords);

/* True if the token can name something: an unquoted or a quoted identifier. */
bool gl_sql_is_name(const struct gl_sql_token *token);

/* An identifier as PostgreSQL stores it: unquoted ones in lower case, quoted ones unescaped. The
 * caller owns it. */
char *gl_sql_identifier(const struct gl_sql_token *token);

/* [schema .] table at `index`, as it is written; to_regclass() understands it. NULL if something
 * else stands there. The caller owns it. */
char *gl_sql_table_text(const struct gl_sql_statement *statement, size_t index);

/* True if these keywords (see gl_sql_match()) stand anywhere in it outside parentheses. */
bool gl_sql_has(const struct gl_sql_statement *statement, const char *keywords);

/* 1-based line of a place in the text. */
unsigned gl_sql_line(const char *text, size_t offset);

/* Byte offset of a 1-based position in characters (UTF-8), as PostgreSQL reports errors. */
size_t gl_sql_offset(const char *text, size_t position);

#endif
