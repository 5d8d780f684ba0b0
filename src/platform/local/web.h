/* Room-internal: the static frontend, served by nginx from www/current.
 *
 * www/releases/N is one release's files; www/current links to the served one; www/assets is the
 * pool of files whose names hold a hash, a union over the kept releases. */
#ifndef GL_PLATFORM_LOCAL_WEB_H
#define GL_PLATFORM_LOCAL_WEB_H

#include "platform/local/local.h"

#define GL_WEB_SERVICE "web"

/* Starts nginx and waits until it answers. Running already: verified. */
gl_nodiscard int gl_web_up(struct gl_local *local, struct gl_error *err);

/* Puts a release's files in place: complete or absent; served only after gl_web_activate(). */
gl_nodiscard int gl_web_publish(struct gl_local *local, const struct gl_artifact *artifact,
                                struct gl_error *err);

/* Serves a published release from the next request on, or with 0 none, as before the first was
 * published; GL_E_NOT_FOUND. */
gl_nodiscard int gl_web_activate(struct gl_local *local, int64_t release, struct gl_error *err);

/* The served release, 0 if none. */
int64_t gl_web_current(const struct gl_local *local);

/* Removes releases not in `keep` (the served one is always kept) and the pool's files that no kept
 * release has. */
gl_nodiscard int gl_web_prune(struct gl_local *local, const int64_t *keep, size_t count,
                              struct gl_error *err);

#endif
