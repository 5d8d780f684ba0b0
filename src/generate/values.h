/* Room-internal: what the templates of workflows are filled with. */
#ifndef GL_GENERATE_VALUES_H
#define GL_GENERATE_VALUES_H

#include <jansson.h>

#include "base/strv.h"
#include "config/config.h"

/* An object of texts by name; what does not apply is not there. `prefix` is the project's directory
 * from the top of the repository, "." for the top itself. Adds to `notes` what cannot be done. */
gl_nodiscard int gl_workflow_values(const struct gl_config *staging,
                                    const struct gl_config *production, const char *prefix,
                                    json_t **ret_values, struct gl_strv *notes,
                                    struct gl_error *err);

#endif
