/* Room-internal: what other parts of the local platform need of the supervision besides local.h. */
#ifndef GL_PLATFORM_LOCAL_S6_H
#define GL_PLATFORM_LOCAL_S6_H

#include "platform/local/local.h"

/* Variable that every supervised process inherits; its value is the instance's root. It tells our
 * processes from other people's. */
#define GL_S6_MARKER "GOLIVE_INSTANCE"

/* Names of the installed services in the order in which they are stopped. */
void gl_s6_services(const struct gl_local *local, struct gl_strv *ret_names);

/* True for a process of this instance: it or one of its ancestors carries the marker. */
bool gl_s6_owns(const struct gl_local *local, pid_t pid);

/* Ends what holds a port of this instance without a supervisor (one that was killed leaves its
 * program behind, and its successor knows nothing of it): SIGTERM, after 2 s SIGKILL. */
gl_nodiscard int gl_s6_end_strays(const struct gl_local *local, struct gl_error *err);

/* The same, and PostgreSQL too, by a fast shutdown; for when every service was stopped. */
gl_nodiscard int gl_s6_end_unsupervised(const struct gl_local *local, struct gl_error *err);

/* Ends everything that is left of this instance after its supervision is gone, in the same way; but
 * PostgreSQL gets a fast shutdown and 30 s, and is never killed. */
gl_nodiscard int gl_s6_end_orphans(const struct gl_local *local, struct gl_error *err);

#endif
