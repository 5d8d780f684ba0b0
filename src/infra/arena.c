/* Blocks of growing size, each filled from front to back. */
#include "infra/arena.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, BLOCK_BYTES = 64 * 1024 };

struct gl_arena_block {
    struct gl_arena_block *older;
    size_t used;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char data[];
};

void *gl_arena_alloc(struct gl_arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct gl_arena_block *block = arena->newest;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = gl_alloc(sizeof *block + room);
        block->size = room;
        block->older = arena->newest;
        arena->newest = block;
    }
    void *start = block->data + block->used;
    block->used += size;
    arena->used_bytes += size;
    return start;
}

char *gl_arena_strndup(struct gl_arena *arena, const char *text, size_t len)
{
    char *copy = gl_arena_alloc(arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *gl_arena_strdup(struct gl_arena *arena, const char *text)
{
    return text ? gl_arena_strndup(arena, text, strlen(text)) : NULL;
}

char *gl_arena_printf(struct gl_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    return gl_arena_strndup(arena, text, strlen(text));
}

void gl_arena_done(struct gl_arena *arena)
{
    struct gl_arena_block *block = arena->newest;
    while (block) {
        struct gl_arena_block *older = block->older;
        free(block);
        block = older;
    }
    *arena = (struct gl_arena){0};
}
