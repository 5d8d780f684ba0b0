/* Writes the trees of templates as C (packed.h): pack ROOT NAME... reads ROOT/NAME.yaml. It runs
 * when golive is built. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "infra/packed.h"
#include "infra/template.h"

struct packing {
    struct gl_buf values; /* as C */
    struct gl_buf texts;
    const struct gl_value **all; /* those that were packed, in their order */
    size_t count;
};

/* Few texts are long, many are the same: each stands there once. */
static size_t place_of(struct packing *p, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    if (!text)
        return 0;
    for (size_t at = 1; at + size <= p->texts.len; at += strlen(p->texts.data + at) + 1) {
        if (strcmp(p->texts.data + at, text) == 0)
            return at;
    }
    gl_buf_add(&p->texts, text, size);
    return p->texts.len - size;
}

static size_t parent_of(const struct packing *p, const struct gl_value *value)
{
    size_t at = p->count;
    while (value->parent && at > 0 && p->all[at - 1] != value->parent)
        at--;
    return at ? at - 1 : 0;
}

/* Whatever the numbers of a packed value cannot hold. */
static bool fits(const struct packing *p, const struct gl_value *value)
{
    return p->count < UINT16_MAX && value->place.line <= UINT16_MAX &&
           value->place.column <= UINT16_MAX && value->name_place.line <= UINT16_MAX &&
           value->name_place.column <= UINT16_MAX && value->depth <= UINT8_MAX;
}

static bool pack(struct packing *p, const struct gl_value *root)
{
    gl_buf_add(&p->texts, "", 1);
    for (const struct gl_value *at = root; at; at = gl_value_next(root, at)) {
        if (!fits(p, at))
            return false;
        gl_buf_printf(&p->values, "    {%zu, %zu, %u, %u, %u, %u, %zu, %d, %u, %d},\n",
                      place_of(p, at->name), place_of(p, at->text), at->place.line,
                      at->place.column, at->name_place.line, at->name_place.column,
                      parent_of(p, at), (int)at->kind, at->depth,
                      (at->quoted ? GL_PACKED_QUOTED : 0) | (at->wrapped ? GL_PACKED_WRAPPED : 0));
        p->all = gl_realloc_array(p->all, p->count + 1, sizeof *p->all);
        p->all[p->count++] = at;
    }
    return true;
}

static void write_tree(const struct packing *p, int number)
{
    printf("static const struct gl_packed_value values_%d[] = {\n%s};\n", number,
           gl_buf_text(&p->values));
    printf("static const unsigned char texts_%d[] = {", number);
    for (size_t i = 0; i < p->texts.len; i++)
        printf("%s%d,", i % 24 ? "" : "\n    ", (unsigned char)p->texts.data[i]);
    printf("\n};\nstatic const struct gl_packed_tree tree_%d = {values_%d, (const char *)texts_%d, "
           "%zu};\n",
           number, number, number, p->count);
}

static int pack_file(const char *dir, const char *name, int number, struct gl_error *err)
{
    gl_autoarena struct gl_arena arena = {0};
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *path = gl_asprintf("%s/%s.yaml", dir, name);
    struct packing packing = {0};
    struct gl_value *root = NULL;
    int failed = gl_read_file(path, GL_TEMPLATE_BYTES_MAX, &text, err);
    if (failed == 0)
        failed = gl_template_parse(&arena, gl_buf_text(&text), text.len, path, &root, err);
    if (failed == 0 && !pack(&packing, root))
        failed = gl_fail(err, GL_E_CONFIG, "%s: a number of it is too large", path);
    if (failed == 0)
        write_tree(&packing, number);
    gl_buf_done(&packing.values);
    gl_buf_done(&packing.texts);
    free(packing.all);
    return failed;
}

int main(int count, char **words)
{
    gl_autoerr struct gl_error err = {0};
    int failed = 0;
    for (int i = 2; failed == 0 && i < count; i++)
        failed = pack_file(words[1], words[i], i - 2, &err);
    if (failed == 0)
        return 0;
    fprintf(stderr, "%s:%u: %s\n", err.file ? err.file : words[0], err.line, err.message);
    return 1;
}
