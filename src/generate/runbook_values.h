/* Room-internal: what the templates of runbooks are filled with. */
#ifndef GL_GENERATE_RUNBOOK_VALUES_H
#define GL_GENERATE_RUNBOOK_VALUES_H

#include <jansson.h>

#include "config/config.h"

/* An object of texts by name; a list that is empty in golive.yaml is not there. The caller owns it.
 */
json_t *gl_runbook_values(const struct gl_config *production);

/* A row of a list by its pattern: {name} is a field (a.b one of a map in it), {} the item itself,
 * {key} the name it has in a map; what stands between [ and ] is left out where a field in it is
 * missing. The caller owns it. */
char *gl_runbook_row(const char *pattern, const char *key, const json_t *item);

#endif
