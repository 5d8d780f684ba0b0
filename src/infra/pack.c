/* Trees of values to bytes. */
#include "infra/pack.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct known {
    uint32_t start;
    char text[];
};

static int compare_known(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->text, ((const struct known *)b)->text);
}

static uint32_t start_of_text(struct gl_packing *packing, const char *text)
{
    size_t size = strlen(text) + 1;
    gl_autofree struct known *wanted = gl_alloc(sizeof *wanted + size);
    memcpy(wanted->text, text, size);
    struct known **found = tsearch(wanted, &packing->known, compare_known);
    assert(found); /* there is memory */
    if (*found != wanted)
        return (*found)->start;
    assert(packing->texts.len <= UINT32_MAX);
    wanted->start = (uint32_t)packing->texts.len;
    gl_buf_add(&packing->texts, text, size);
    return gl_steal(&wanted)->start;
}

static void put_number(struct gl_packing *packing, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        gl_buf_putc(&packing->trees, (char)(number | 0x80));
    gl_buf_putc(&packing->trees, (char)number);
}

static void put_place(struct gl_packing *packing, const struct gl_place *place)
{
    uint32_t difference = place->line - packing->line;
    put_number(packing, (difference << 1) ^ (0 - (difference >> 31)));
    put_number(packing, place->column);
    packing->line = place->line;
}

static void put_value(struct gl_packing *packing, const struct gl_value *value)
{
    bool container = value->kind == GL_VALUE_LIST || value->kind == GL_VALUE_MAP;
    bool apart = value->name_place.line != value->place.line ||
                 value->name_place.column != value->place.column;
    assert(value->kind <= GL_VALUE_MAP && !value->secret && !value->source && !value->resource);
    assert(container == !value->text);
    put_number(packing, value->kind | (value->quoted ? GL_PACKED_QUOTED : 0) |
                            (value->wrapped ? GL_PACKED_WRAPPED : 0) |
                            (value->name ? GL_PACKED_NAMED : 0) | (apart ? GL_PACKED_APART : 0));
    if (value->name)
        put_number(packing, start_of_text(packing, value->name));
    put_number(packing, container ? value->count : start_of_text(packing, value->text));
    put_place(packing, &value->place);
    if (apart)
        put_place(packing, &value->name_place);
}

size_t gl_pack(struct gl_packing *packing, const struct gl_value *root)
{
    if (!packing->trees.len)
        gl_buf_putc(&packing->trees, '\0'); /* so that no tree begins at 0 */
    size_t start = packing->trees.len;
    uint32_t count = 0;
    for (const struct gl_value *at = root; at; at = gl_value_next(root, at))
        count++;
    put_number(packing, count);
    packing->line = 0;
    for (const struct gl_value *at = root; at; at = gl_value_next(root, at))
        put_value(packing, at);
    return start;
}

struct gl_packed gl_packing_packed(const struct gl_packing *packing)
{
    return (struct gl_packed){.trees = (const unsigned char *)gl_buf_text(&packing->trees),
                              .trees_size = packing->trees.len,
                              .texts = gl_buf_text(&packing->texts),
                              .texts_size = packing->texts.len};
}

void gl_packing_done(struct gl_packing *packing)
{
    gl_buf_done(&packing->trees);
    gl_buf_done(&packing->texts);
    tdestroy(packing->known, free);
    *packing = (struct gl_packing){0};
}
