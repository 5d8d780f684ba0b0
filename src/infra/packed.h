/* Trees of values as bytes of the program: what golive ships is read when golive is built, so that
 * no start parses it again.
 *
 * embed.c reads stacks/ with the reader of template.h and packs the trees (pack.h); a tree that was
 * unpacked is the one that was read, with every place. No byte is a pointer, so that the loader has
 * nothing to relocate, and texts are used where they stand.
 *
 * A tree is the number of its values and then each of them, a parent before its children:
 *
 *     a byte          enum gl_packed_bits, with the kind
 *     name            if NAMED: where it begins among the texts
 *     children, text  lists and maps: how many follow; others: where the text begins
 *     place           line and column of the value
 *     name_place      if APART: the same of its key, else it is the value's
 *
 * Numbers are LEB128 (seven bits a byte, the low ones first). A line is the difference to the line
 * that was read before, 0, -1, 1, -2, ... as 0, 1, 2, 3, ...
 *
 * This is no parser of outside input: the bytes are constants of the program beside the code that
 * reads them, made by the same build. One that does not fit is a mistake in that build, which
 * assert() ends before anything is read beyond the constants. */
#ifndef GL_INFRA_PACKED_H
#define GL_INFRA_PACKED_H

#include <stdint.h>

#include "infra/value.h"

enum gl_packed_bits {
    GL_PACKED_KIND = 7, /* enum gl_value_kind, up to GL_VALUE_MAP */
    GL_PACKED_QUOTED = 8,
    GL_PACKED_WRAPPED = 16,
    GL_PACKED_NAMED = 32,
    GL_PACKED_APART = 64,
};

/* Trees, one after another, and the texts of all of them. */
struct gl_packed {
    const unsigned char *trees;
    size_t trees_size;
    const char *texts; /* each ends with NUL, the last one too */
    size_t texts_size;
};

/* The tree that begins at `start` of the trees. Its values belong to the arena and point to the
 * texts, which must live as long; `file` is copied and becomes that of every place. */
struct gl_value *gl_unpack(struct gl_arena *arena, const struct gl_packed *packed, size_t start,
                           const char *file) __attribute__((returns_nonnull));

#endif
