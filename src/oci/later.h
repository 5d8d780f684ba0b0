/* Room-internal: libraries that a program loads itself, later. */
#ifndef GL_OCI_LATER_H
#define GL_OCI_LATER_H

#include "base/json.h"
#include "base/strv.h"

/* What the note .note.dlopen of a program says: an array of objects with `soname`, an array of
 * names of which one is enough, and `priority`. Without such a note the array is empty. The caller
 * owns it. GL_E_CONFIG: it is no program, or the note is broken.
 * Source: https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
gl_nodiscard int gl_later_read(const char *program, json_t **ret_later, struct gl_error *err);

/* All of these names. */
void gl_later_names(const json_t *later, struct gl_strv *names);

/* The first name of one that is required and not among the paths; NULL if none is missing. */
const char *gl_later_missing(const json_t *later, const struct gl_strv *paths);

#endif
