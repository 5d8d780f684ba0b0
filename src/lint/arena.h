/* Memory that lives and dies together: a parse tree, or what is known of the database. */
#ifndef GL_LINT_ARENA_H
#define GL_LINT_ARENA_H

#include <stddef.h>

#include "base/mem.h"

/* Zero-initialise. */
struct gl_lint_arena {
    struct gl_lint_block *blocks; /* the newest first */
};

/* Zeroed bytes, aligned for anything. */
void *gl_lint_alloc(struct gl_lint_arena *arena, size_t size) __attribute__((returns_nonnull));
char *gl_lint_copy(struct gl_lint_arena *arena, const char *text) __attribute__((returns_nonnull));

/* Forgets everything; keeps one block of ordinary size to begin with. */
void gl_lint_arena_reset(struct gl_lint_arena *arena);
void gl_lint_arena_done(struct gl_lint_arena *arena);

#endif
