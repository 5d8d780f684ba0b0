/* The address of a git remote: which host, which repository. */
#ifndef GL_GITHUB_REMOTE_H
#define GL_GITHUB_REMOTE_H

#include <stdbool.h>

#include "base/mem.h"

/* Reads "https://HOST/OWNER/NAME.git", "ssh://git@HOST:PORT/OWNER/NAME", "git@HOST:OWNER/NAME.git"
 * and the like (https://git-scm.com/docs/git-clone#_git_urls). `ret_host` is in lower case and
 * without port; GitHub's address for SSH through port 443 is github.com too. The caller owns both.
 * False, with both untouched, for anything that does not name an owner and a repository. Whatever
 * stands before the host (a password!) is left out. */
bool gl_github_remote_parse(const char *url, char **ret_host, char **ret_repo);

/* True for OWNER/NAME as GitHub allows them: letters, digits, "-", "_" and ".", and neither part is
 * "." or "..". */
bool gl_github_is_repo(const char *text);

#endif
