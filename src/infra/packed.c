/* Trees of values from bytes of the program. */
#include "infra/packed.h"

#include <assert.h>

struct unpacking {
    const unsigned char *at;
    const unsigned char *end;
    const char *texts;
    size_t texts_size;
    const char *file;
    struct gl_value *unused; /* values that are still to be read */
    uint32_t unused_count;
    uint32_t line;
};

static uint32_t take_large(struct unpacking *u)
{
    uint32_t number = 0;
    unsigned char byte = 0x80;
    for (unsigned shift = 0; byte & 0x80; shift += 7) {
        assert(u->at < u->end && shift < 32);
        byte = *u->at++;
        number |= (uint32_t)(byte & 0x7F) << shift;
    }
    return number;
}

/* Most have one byte, and each value has five of them. */
static inline uint32_t take_number(struct unpacking *u)
{
    return u->at < u->end && *u->at < 0x80 ? *u->at++ : take_large(u);
}

static const char *take_text(struct unpacking *u)
{
    uint32_t start = take_number(u);
    assert(start < u->texts_size);
    return u->texts + start;
}

static struct gl_place take_place(struct unpacking *u)
{
    uint32_t difference = take_number(u);
    u->line += (difference >> 1) ^ (0 - (difference & 1));
    return (struct gl_place){.file = u->file, .line = u->line, .column = take_number(u)};
}

/* Bounded by the depth of what the reader takes (GL_TEMPLATE_DEPTH_MAX). */
/* NOLINTBEGIN(misc-no-recursion) */

static struct gl_value *take_value(struct unpacking *u, struct gl_value *parent)
{
    assert(u->unused_count && u->at < u->end);
    struct gl_value *value = u->unused++;
    u->unused_count--;
    unsigned char bits = *u->at++;
    value->kind = bits & GL_PACKED_KIND;
    value->quoted = bits & GL_PACKED_QUOTED;
    value->wrapped = bits & GL_PACKED_WRAPPED;
    if (parent) {
        value->depth = parent->depth + 1;
        gl_value_append(parent, value, bits & GL_PACKED_NAMED ? take_text(u) : NULL);
    }
    uint32_t children = 0;
    if (value->kind == GL_VALUE_LIST || value->kind == GL_VALUE_MAP)
        children = take_number(u);
    else
        value->text = take_text(u);
    value->place = take_place(u);
    value->name_place = bits & GL_PACKED_APART ? take_place(u) : value->place;
    while (children--)
        take_value(u, value);
    return value;
}

/* NOLINTEND(misc-no-recursion) */

struct gl_value *gl_unpack(struct gl_arena *arena, const struct gl_packed *packed, size_t start,
                           const char *file)
{
    assert(start < packed->trees_size);
    assert(packed->texts_size && packed->texts[packed->texts_size - 1] == '\0');
    struct unpacking u = {.at = packed->trees + start,
                          .end = packed->trees + packed->trees_size,
                          .texts = packed->texts,
                          .texts_size = packed->texts_size,
                          .file = gl_arena_strdup(arena, file)};
    u.unused_count = take_number(&u);
    /* A value takes at least four bytes. */
    assert(u.unused_count <= (size_t)(u.end - u.at) / 4);
    u.unused = gl_arena_alloc(arena, u.unused_count * sizeof *u.unused);
    struct gl_value *root = take_value(&u, NULL);
    assert(!u.unused_count);
    return root;
}
