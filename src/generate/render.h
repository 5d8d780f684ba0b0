/* Room-internal: filling in the templates of templates/workflows/ and templates/docs/.
 *
 *     <<name>>                a value; one of several lines keeps the column of the first
 *     <<action:OWNER/NAME>>   an action by the commit that data/actions.yaml has for it
 *     <<tool:NAME>>           the version of a program, from there
 *     #? if name              the lines up to the matching `#? end` only if the value is there,
 *     #? else                 those behind this only if it is not
 */
#ifndef GL_GENERATE_RENDER_H
#define GL_GENERATE_RENDER_H

#include <jansson.h>

#include "infra/value.h"

/* `values` is an object of texts, `actions` the content of data/actions.yaml. A name without value
 * is a mistake of ours and aborts. The caller owns the result. */
char *gl_render(const char *text, const json_t *values, const struct gl_value *actions);

#endif
