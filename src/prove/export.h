/* The files of a project as a commit has them. */
#ifndef GL_PROVE_EXPORT_H
#define GL_PROVE_EXPORT_H

#include "base/error.h"
#include "base/strv.h"

struct gl_export {
    char *dir;    /* a temporary directory with the paths, removed with it */
    char *commit; /* 40 hexadecimal digits */
};

/* Removes the directory. */
void gl_export_done(struct gl_export *export);
#define gl_autoexport gl_cleanup(gl_export_done)

/* Takes `paths`, relative to the project, from a commit, branch or tag; one that it does not have
 * is left out. GL_E_NOT_FOUND: no git repository, or no such commit (a shallow clone has few). */
gl_nodiscard int gl_export_make(const char *project_dir, const char *ref,
                                const struct gl_strv *paths, struct gl_export *ret_export,
                                struct gl_error *err);

#endif
