/* What git says has changed. */
#ifndef GL_PROC_GIT_CHANGED_H
#define GL_PROC_GIT_CHANGED_H

#include "base/error.h"
#include "base/strv.h"

/* Adds the absolute paths, without links, of all files that changed since a commit, branch or tag,
 * in the repository that `dir` lies in: those that are gone, too, and new ones that git does not
 * ignore. GL_E_USAGE for what is no commit's name, GL_E_PROCESS. */
gl_nodiscard int gl_git_changed(const char *dir, const char *commit, struct gl_strv *changed,
                                struct gl_error *err);

#endif
