/* Mistakes in the files of controls. */
#include <stdlib.h>

#include "control/control.h"

struct gl_error *gl_problem_add(struct gl_problems *problems, const char *file, unsigned line,
                                unsigned column)
{
    problems->items =
        gl_realloc_array(problems->items, problems->count + 1, sizeof *problems->items);
    struct gl_error *added = &problems->items[problems->count++];
    *added = (struct gl_error){.code = GL_E_CONFIG};
    gl_error_at(added, file, line, column);
    return added;
}

void gl_problems_done(struct gl_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        gl_error_done(&problems->items[i]);
    free(gl_steal(&problems->items));
    problems->count = 0;
}
