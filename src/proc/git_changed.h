/* What git says has changed. */
#ifndef GL_PROC_GIT_CHANGED_H
#define GL_PROC_GIT_CHANGED_H

#include "base/error.h"
#include "base/strv.h"

/* Of which files git is asked: a project may be a small part of its repository. */
enum gl_git_scope {
    GL_GIT_REPOSITORY, /* all of the repository that a directory lies in */
    GL_GIT_BELOW,      /* only what lies below the directory */
};

/* Adds the absolute paths, without links, of all files that changed since a commit, branch or tag,
 * in the repository that `dir` lies in, or only below `dir`: those that are gone, too, and new ones
 * that git does not ignore. GL_E_USAGE for what is no commit's name, GL_E_PROCESS,
 * GL_E_TIMEOUT, GL_E_INTERRUPTED. */
gl_nodiscard int gl_git_changed(const char *dir, enum gl_git_scope scope, const char *commit,
                                struct gl_strv *changed, struct gl_error *err);

#endif
