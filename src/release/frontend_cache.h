/* Whether the built frontend is still the one of this source, so that it need not be built again.
 */
#ifndef GL_RELEASE_FRONTEND_CACHE_H
#define GL_RELEASE_FRONTEND_CACHE_H

#include <jansson.h>
#include <stdbool.h>

/* A hash over the names and contents of everything git knows or would add in `dir`, of its .env
 * files, which git ignores and vite reads, and over `version` and `variables` (an object of texts),
 * which the build contains; NULL without git (then it is always built). The caller owns it. */
char *gl_frontend_fingerprint(const char *dir, const char *version, const json_t *variables);

/* True if the last build that ended well in `dir` had this fingerprint, and nobody changed since
 * what it wrote to `build_dir` (relative to `dir`). */
bool gl_frontend_is_built(const char *dir, const char *build_dir, const char *fingerprint);

/* Forgets the last build (before one begins), or notes it (after it ended well). A failure to note
 * only costs another build. */
void gl_frontend_forget(const char *dir);
void gl_frontend_note(const char *dir, const char *build_dir, const char *fingerprint);

#endif
