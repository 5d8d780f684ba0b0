/* Room-internal: whose build lies in the project's directory. An interrupted release may be
 * continued where it was not begun, or after another one built here: what it built must be built
 * again then. */
#ifndef GL_RELEASE_BUILD_MARK_H
#define GL_RELEASE_BUILD_MARK_H

#include "release/internal.h"

/* What lies there is about to change. */
void gl_build_mark_remove(const struct gl_release *release);
/* The running build step has built: leaves a mark here and the same one among the step's facts. */
gl_nodiscard int gl_build_mark_leave(struct gl_release *release, struct gl_error *err);
/* Whether what lies there is of this release's build. */
bool gl_build_mark_is_ours(const struct gl_release *release);

#endif
