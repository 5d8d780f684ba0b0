/* Statements in the block of a DO statement, as far as its text tells. */
#ifndef GL_LINT_BLOCK_H
#define GL_LINT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* Where a block's statements are looked for; bytes of the file's text. */
struct gl_lint_block_scan {
    const char *text;
    size_t at;
    size_t end;
};

/* Finds the $$ body of `DO ... $$ ... $$` in [begin, end); false when it is quoted otherwise. */
bool gl_lint_block_begin(const char *text, size_t begin, size_t end,
                         struct gl_lint_block_scan *ret_scan);

/* The next statement that could be SQL: what stands at the front, or behind BEGIN, THEN, ELSE or
 * LOOP. PL/pgSQL's own statements are passed over, and what EXECUTE puts together is not seen. */
bool gl_lint_block_next(struct gl_lint_block_scan *scan, size_t *ret_begin, size_t *ret_end);

#endif
