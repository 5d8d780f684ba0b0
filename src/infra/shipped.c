/* The stacks of stacks/ as bytes of the program (made by embed.c). */
#include <string.h>

#include "infra/packed.h"
#include "infra/stack.h"

#include "infra/shipped.inc"

int gl_shipped_read(struct gl_arena *arena, const struct gl_shipped *shipped, const char *file,
                    struct gl_template *ret_template, struct gl_error *err)
{
    if (!shipped->tree)
        return gl_template_read(arena, shipped->text, strlen(shipped->text), file, ret_template,
                                err);
    const struct gl_value *root = gl_unpack(arena, &packed, shipped->tree, file);
    return gl_template_check(arena, &gl_template_limits_aws, root, file, ret_template, err);
}
