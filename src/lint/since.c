/* Which files a branch changed. */
#include <stdlib.h>

#include "base/fs.h"
#include "lint/lint.h"
#include "proc/git_changed.h"

int gl_lint_since(const char *commit, struct gl_lint_files *files, struct gl_error *err)
{
    /* The repository of the first file, which need not be the one that golive runs in; all of it,
     * as the other files may lie in other directories. */
    gl_autofree char *dir = files->count ? gl_path_dir(files->items[0].path) : gl_strdup(".");
    gl_autostrv struct gl_strv changed = {0};
    int failed = gl_git_changed(dir, GL_GIT_REPOSITORY, commit, &changed, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < files->count; i++) {
        gl_autofree char *real = realpath(files->items[i].path, NULL);
        files->items[i].outside = !real || !gl_strv_has(&changed, real);
    }
    return 0;
}
