/* Finds what a page, script or style sheet loads from its own origin. */
#ifndef GL_RELEASE_REFERENCES_H
#define GL_RELEASE_REFERENCES_H

#include <stddef.h>

#include "base/strv.h"

/* Adds the absolute paths ("/_app/x.js") of scripts, styles, images, fonts and manifests that the
 * text names in quotes or in url(...), resolved against `path`, the text's own path. `content_type`
 * decides how it is read; other origins, data: and fragments are left out. Finds what is written as
 * a literal: what a program would compute at run time is not seen. */
void gl_references_find(const char *text, size_t len, const char *content_type, const char *path,
                        struct gl_strv *ret_paths);

#endif
