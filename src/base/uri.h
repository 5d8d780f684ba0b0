/* Paths as references of RFC 3986, for formats that want those. */
#ifndef GL_BASE_URI_H
#define GL_BASE_URI_H

#include <stdbool.h>

/* A path of a file as a URI reference; what may not stand there as it is becomes %XX. `root`: the
 * directory that the result is relative to, and relative paths are of; NULL = the current one.
 * Inside of it "m/0001%20a.sql", outside "file:///tmp/a.sql". The file need not exist. The caller
 * owns it. Source: RFC 3986 3.3 and 4.2, RFC 8089. */
char *gl_uri_of_path(const char *root, const char *path);

/* Whether such a reference is relative. */
bool gl_uri_is_relative(const char *uri);

#endif
