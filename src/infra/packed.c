/* Trees of shipped templates. */
#include "infra/packed.h"

static const char *text_at(const struct gl_packed_tree *tree, uint32_t place)
{
    return place ? tree->texts + place : NULL;
}

struct gl_value *gl_packed_unpack(struct gl_arena *arena, const struct gl_packed_tree *tree,
                                  const char *file)
{
    struct gl_value *values = gl_arena_alloc(arena, tree->count * sizeof *values);
    const char *own_file = gl_arena_strdup(arena, file);
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct gl_packed_value *packed = &tree->values[i];
        struct gl_value *value = &values[i];
        value->kind = (enum gl_value_kind)packed->kind;
        value->quoted = packed->flags & GL_PACKED_QUOTED;
        value->wrapped = packed->flags & GL_PACKED_WRAPPED;
        value->text = text_at(tree, packed->text);
        value->place = (struct gl_place){own_file, packed->line, packed->column};
        value->name_place = (struct gl_place){own_file, packed->name_line, packed->name_column};
        value->depth = packed->depth;
        if (i > 0)
            gl_value_append(&values[packed->parent], value, text_at(tree, packed->name));
    }
    return values;
}
