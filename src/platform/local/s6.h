/* Room-internal: what other parts of the local platform need of the supervision besides local.h. */
#ifndef GL_PLATFORM_LOCAL_S6_H
#define GL_PLATFORM_LOCAL_S6_H

#include "platform/local/local.h"

/* Variable that every supervised process inherits; its value is the instance's root. It tells our
 * processes from other people's. */
#define GL_S6_MARKER "GOLIVE_INSTANCE"

/* Names of the installed services in the order in which they are stopped. */
void gl_s6_services(const struct gl_local *local, struct gl_strv *ret_names);

#endif
