/* Values of parameters that are functions of golive.yaml: `{computed: NAME}`. */
#ifndef GL_INFRA_COMPUTED_H
#define GL_INFRA_COMPUTED_H

#include "base/buf.h"
#include "config/config.h"

struct gl_computed {
    const char *name;
    const char *text; /* N_(): exact meaning */
    /* Appends the value; leaves *ret_given false for the template's Default. */
    int (*compute)(const struct gl_config *config, struct gl_buf *value, bool *ret_given,
                   struct gl_error *err);
};

/* All functions; ends with NULL. */
extern const struct gl_computed gl_computed_functions[];

const struct gl_computed *gl_computed_find(const char *name);
/* The nearest name to a wrong one, or NULL. */
const char *gl_computed_nearest(const char *name);

/* The name under which a variable of `env_vars` is stored: its store_name, else
 * PREFIX_SCOPE_NAME with the prefix app.env_prefix or app.name in capitals. Caller owns it. */
char *gl_variable_store_name(const struct gl_config *config, const json_t *variable);

/* A value of golive.yaml as text of a parameter: lists are joined by commas. False for null, maps
 * and lists of maps. */
bool gl_config_value_text(const json_t *value, struct gl_buf *text);

#endif
