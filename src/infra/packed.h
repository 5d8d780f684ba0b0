/* Room-internal: trees of shipped templates as numbers, made when golive is built (pack_main.c), so
 * that no YAML is read for them when it runs. */
#ifndef GL_INFRA_PACKED_H
#define GL_INFRA_PACKED_H

#include "infra/value.h"

enum {
    GL_PACKED_QUOTED = 1,
    GL_PACKED_WRAPPED = 2,
};

/* A value; those around it stand before it, and children in their order. It has no pointers, which
 * each start of the program would have to relocate. */
struct gl_packed_value {
    uint32_t name, text; /* where they begin in the tree's texts; 0 = NULL */
    uint16_t line, column, name_line, name_column;
    uint16_t parent; /* index; the root's is its own */
    uint8_t kind;    /* enum gl_value_kind */
    uint8_t depth;
    uint8_t flags;
};

struct gl_packed_tree {
    const struct gl_packed_value *values;
    const char *texts; /* each ends with NUL */
    uint32_t count;
};

/* What gl_template_parse() gave for the text of the same template. `file` is copied; texts stay
 * those of the tree. */
struct gl_value *gl_packed_unpack(struct gl_arena *arena, const struct gl_packed_tree *tree,
                                  const char *file);

#endif
