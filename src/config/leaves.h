/* Every value of a merged configuration, one by one. */
#ifndef GL_CONFIG_LEAVES_H
#define GL_CONFIG_LEAVES_H

#include "config/config.h"

struct gl_config_leaf {
    const char *key;   /* "people[0].id" */
    const char *value; /* as text; NULL for null, empty lists and empty maps; "***" for one that may
                          hold a password */
    const char *kind;  /* "text", "number", "bool", "null", "list", "map" */
    struct gl_origin origin;
};

/* Calls `visit` for each in the order of the schema; what it gets lives as long as the call. The
 * other environments are left out. */
typedef void gl_config_leaf_fn(const struct gl_config_leaf *leaf, void *context);
void gl_config_leaves(const struct gl_config *config, gl_config_leaf_fn *visit, void *context);

/* Line of environments.ENV in golive.yaml, 0 where it is not there. */
unsigned gl_config_environment_line(const struct gl_config *config);

#endif
