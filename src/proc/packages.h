/* Room-internal: which Debian package brings a program. */
#ifndef GL_PROC_PACKAGES_H
#define GL_PROC_PACKAGES_H

#include "base/error.h"

/* The package of Debian 12 that has the program, or NULL if it is not one that golive runs. */
const char *gl_package_of(const char *program);

/* Sets the hint of an error about a program that is missing. */
void gl_package_hint(const char *program, struct gl_error *err);

#endif
