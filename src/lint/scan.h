/* What the lexer alone tells of a file, before its statements are parsed. */
#ifndef GL_LINT_SCAN_H
#define GL_LINT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* `-- golive-lint: allow=RULE[,RULE] reason="..."` before or in a statement: of that statement.
 * allow-file= is of the whole file. One for each rule. */
struct gl_lint_allow {
    char *rule;
    char *reason; /* NULL = none was given */
    size_t at;    /* byte of the comment */
    bool whole_file;
    bool used;
};

struct gl_lint_scan {
    struct gl_lint_allow *allows;
    size_t allow_count;
    char
        *bad_comment; /* what of the first golive-lint comment was not understood, NULL = nothing */
    size_t bad_comment_at;
    size_t long_name;     /* byte of an identifier of more than 63 bytes */
    size_t long_name_len; /* 0 = there is none */
    size_t meta_command;  /* byte of psql's first backslash command */
    bool has_meta_command;
    size_t carriage_return; /* byte of the first */
    bool has_carriage_return;
    size_t unterminated; /* byte of a string or comment that the file ends in */
    bool has_unterminated;
};

void gl_lint_scan_done(struct gl_lint_scan *scan);

/* Reads the whole text. psql's commands, which no server takes, become spaces in it. */
void gl_lint_scan_read(char *text, size_t len, struct gl_lint_scan *ret_scan);

/* What the parse tree of a text can need at most. */
struct gl_lint_extent {
    size_t tokens; /* comments left out */
    size_t depth;  /* an upper bound */
};

struct gl_lint_extent gl_lint_extent_of(const char *text, size_t len);

#endif
