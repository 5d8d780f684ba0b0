/* Room-internal: adding a mistake at the place of a key. */
#ifndef GL_INFRA_CHECKS_INTERNAL_H
#define GL_INFRA_CHECKS_INTERNAL_H

#include "infra/checks.h"

/* Appends a mistake at the place where `key` got its value (0:0 for a default) and returns it, so
 * that a hint can be set. */
struct gl_error *gl_check_add(const struct gl_config *config, struct gl_diagnostics *list,
                              const char *key, const char *fmt, ...) gl_printf(4, 5);

/* checks_shape.c: values that do not go together or that AWS does not know. */
void gl_check_shape(const struct gl_config *config, struct gl_diagnostics *list);

#endif
