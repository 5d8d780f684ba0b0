/* A file cut into files: what fix.c and fix_parts.c share. */
#ifndef GL_LINT_FIX_PARTS_H
#define GL_LINT_FIX_PARTS_H

#include "lint/lint.h"

/* Texts of files in their order; each is whole, with its own first lines. */
struct gl_lint_parts {
    struct gl_buf *items;
    size_t count;
    bool only_validates; /* the second and last one does nothing but validate what the first adds */
};

/* The finding by which the statement of [begin, end) is mended; NULL = it stays as it is. */
const struct gl_lint_finding *gl_lint_fix_of(const struct gl_lint_finding *findings, size_t count,
                                             size_t begin, size_t end);

void gl_lint_parts_done(struct gl_lint_parts *parts);

/* Cuts a file's text by the findings [first, first + count) that are about it. */
void gl_lint_parts_make(const char *text, const struct gl_lint_finding *findings, size_t count,
                        struct gl_lint_parts *ret_parts);

#endif
