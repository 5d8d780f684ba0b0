/* Run by the build: turns stacks into C, as texts and as trees (packed.h).
 *
 *     embed-stacks OUTPUT ROOT NAME...      reads ROOT/NAME.yaml
 *
 * A stack that golive could not read ends the build with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "infra/pack.h"
#include "infra/stack.h"

struct embedding {
    struct gl_packing packing;
    struct gl_buf stacks; /* C: texts, and the rows of their table */
    struct gl_buf rows;
};

static void embedding_done(struct embedding *embedding)
{
    gl_packing_done(&embedding->packing);
    gl_buf_done(&embedding->stacks);
    gl_buf_done(&embedding->rows);
}

static void add_bytes(struct gl_buf *out, const char *name, const char *data, size_t len)
{
    gl_buf_printf(out, "static const unsigned char %s[] = {", name);
    for (size_t i = 0; i < len; i++)
        gl_buf_printf(out, "%s%u,", i % 24 ? "" : "\n", (unsigned char)data[i]);
    gl_buf_puts(out, "\n};\n");
}

static int add_stack(struct embedding *embedding, const char *root, const char *name,
                     struct gl_error *err)
{
    gl_autoarena struct gl_arena arena = {0};
    gl_autofree char *path = gl_asprintf("%s/%s.yaml", root, name);
    gl_autobuf struct gl_buf text = {0};
    struct gl_stack_def def = {.name = name, .file = path};
    int failed = gl_read_file(path, GL_TEMPLATE_BYTES_MAX, &text, err);
    if (failed == 0)
        failed = gl_template_read(&arena, gl_buf_text(&text), text.len, path, &def.template, err);
    if (failed == 0)
        failed = gl_stack_def_read(&arena, &def, err);
    if (failed < 0)
        return failed;
    gl_autofree char *array = gl_asprintf("text_%zu", embedding->stacks.len);
    add_bytes(&embedding->stacks, array, gl_buf_text(&text), text.len + 1);
    gl_buf_printf(&embedding->rows, "    {\"%s\", (const char *)%s, %zu},\n", name, array,
                  gl_pack(&embedding->packing, def.template.root));
    return 0;
}

static void finish(struct embedding *embedding, struct gl_buf *out)
{
    struct gl_packed packed = gl_packing_packed(&embedding->packing);
    gl_buf_add(out, gl_buf_text(&embedding->stacks), embedding->stacks.len);
    add_bytes(out, "packed_trees", (const char *)packed.trees, packed.trees_size);
    add_bytes(out, "packed_texts", packed.texts, packed.texts_size);
    gl_buf_printf(out,
                  "static const struct gl_packed packed = {packed_trees, sizeof packed_trees,\n"
                  "    (const char *)packed_texts, sizeof packed_texts};\n"
                  "const struct gl_shipped gl_shipped_stacks[] = {\n%s    {0},\n};\n",
                  gl_buf_text(&embedding->rows));
}

static int embed(char **arguments, struct gl_error *err)
{
    gl_cleanup(embedding_done) struct embedding embedding = {0};
    gl_autobuf struct gl_buf out = {0};
    for (char **name = arguments + 2; *name; name++) {
        int failed = add_stack(&embedding, arguments[1], *name, err);
        if (failed < 0)
            return failed;
    }
    finish(&embedding, &out);
    return gl_write_file(arguments[0], gl_buf_text(&out), out.len, 0644, err);
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: embed-stacks OUTPUT ROOT NAME...\n", stderr);
        return EXIT_FAILURE;
    }
    gl_autoerr struct gl_error err = {0};
    if (embed(arguments + 1, &err) == 0)
        return EXIT_SUCCESS;
    if (err.file)
        fprintf(stderr, "%s:%u:%u: ", err.file, err.line, err.column);
    fprintf(stderr, "%s\n%s%s", err.message, err.hint ? err.hint : "", err.hint ? "\n" : "");
    return EXIT_FAILURE;
}
