/* Memory for trees that live and die together: a template, a plan. Nothing is freed singly. */
#ifndef GL_INFRA_ARENA_H
#define GL_INFRA_ARENA_H

#include <stddef.h>

#include "base/mem.h"

/* Zero-initialise. */
struct gl_arena {
    struct gl_arena_block *newest;
    size_t used_bytes; /* handed out so far */
};

/* `size` bytes, zeroed, aligned for any type; never NULL. They belong to the arena. */
void *gl_arena_alloc(struct gl_arena *arena, size_t size) __attribute__((returns_nonnull));

/* Copies of text; gl_arena_strdup(NULL) is NULL. */
char *gl_arena_strdup(struct gl_arena *arena, const char *text);
char *gl_arena_strndup(struct gl_arena *arena, const char *text, size_t len)
    __attribute__((returns_nonnull));
char *gl_arena_printf(struct gl_arena *arena, const char *fmt, ...) gl_printf(2, 3)
    __attribute__((returns_nonnull));

void gl_arena_done(struct gl_arena *arena);
#define gl_autoarena gl_cleanup(gl_arena_done)

#endif
