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

#include "base/error.h"
#include "infra/value.h"

/* `values` is an object of texts, `actions` the content of data/actions.yaml, NULL for a template
 * without actions. The caller owns the result. GL_E_CORRUPT names the template, the line and the
 * name that has no value: a mistake of ours. */
gl_nodiscard int gl_render(const char *file, const char *text, const json_t *values,
                           const struct gl_value *actions, char **ret_text, struct gl_error *err);

#endif
