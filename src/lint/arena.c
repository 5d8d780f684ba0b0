/* Blocks of 64 KiB, handed out from front to end. */
#include "lint/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 << 10 };

struct gl_lint_block {
    struct gl_lint_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static struct gl_lint_block *add_block(struct gl_lint_arena *arena, size_t size)
{
    size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct gl_lint_block *block = gl_realloc_array(NULL, 1, sizeof *block + room);
    *block = (struct gl_lint_block){.next = arena->blocks, .size = room};
    arena->blocks = block;
    return block;
}

void *gl_lint_alloc(struct gl_lint_arena *arena, size_t size)
{
    size_t mask = alignof(max_align_t) - 1;
    size_t rounded = (size + mask) & ~mask;
    struct gl_lint_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    void *bytes = block->bytes + block->used;
    block->used += rounded;
    return memset(bytes, 0, rounded);
}

char *gl_lint_copy(struct gl_lint_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(gl_lint_alloc(arena, size), text, size);
}

static void free_blocks(struct gl_lint_block *block)
{
    while (block) {
        struct gl_lint_block *next = block->next;
        free(block);
        block = next;
    }
}

void gl_lint_arena_reset(struct gl_lint_arena *arena)
{
    struct gl_lint_block *keep = NULL;
    for (struct gl_lint_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        block->next = NULL;
        if (!keep && block->size == BLOCK_BYTES)
            keep = block;
        else
            free(block);
    }
    if (keep)
        keep->used = 0;
    arena->blocks = keep;
}

void gl_lint_arena_done(struct gl_lint_arena *arena)
{
    free_blocks(arena->blocks);
    arena->blocks = NULL;
}
