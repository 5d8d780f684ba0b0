/* Which files a branch changed: git says so. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "lint/lint.h"
#include "proc/proc.h"

enum { GIT_LIMIT_MS = 60000 };

static int add_files(const char *const *argv, const char *top, struct gl_strv *changed,
                     struct gl_error *err)
{
    struct gl_proc_spec spec = {.argv = argv, .cwd = top, .timeout_ms = GIT_LIMIT_MS};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    gl_autostrv struct gl_strv names = {0};
    gl_strv_split(&names, out, "\n");
    for (size_t i = 0; i < names.count; i++)
        gl_strv_take(changed, gl_path_join(top, names.items[i]));
    return 0;
}

/* The repository of the first file, which need not be the one that golive runs in. */
static int find_top(const struct gl_lint_files *files, char **ret_top, struct gl_error *err)
{
    gl_autofree char *dir = files->count ? gl_path_dir(files->items[0].path) : gl_strdup(".");
    const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = GIT_LIMIT_MS};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    out[strcspn(out, "\n")] = '\0';
    *ret_top = gl_steal(&out);
    return 0;
}

static int ask_git(const char *commit, const struct gl_lint_files *files, struct gl_strv *changed,
                   struct gl_error *err)
{
    const char *const differ[] = {
        "git", "-c", "core.quotePath=false", "diff", "--name-only", commit, "--", NULL};
    const char *const fresh[] = {
        "git", "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard", NULL};
    gl_autofree char *top = NULL;
    int failed = find_top(files, &top, err);
    if (failed == 0)
        failed = add_files(differ, top, changed, err);
    return failed == 0 ? add_files(fresh, top, changed, err) : failed;
}

int gl_lint_since(const char *commit, struct gl_lint_files *files, struct gl_error *err)
{
    gl_autostrv struct gl_strv changed = {0};
    if (commit[0] == '-')
        return gl_fail(err, GL_E_USAGE, _("`%s` is no commit"), commit);
    if (ask_git(commit, files, &changed, err) < 0) {
        gl_error_wrap(err, _("what changed since %s is not known"), commit);
        return gl_error_hint(err, _("--since takes a commit, branch or tag of this repository."));
    }
    for (size_t i = 0; i < files->count; i++) {
        gl_autofree char *real = realpath(files->items[i].path, NULL);
        files->items[i].outside = !real || !gl_strv_has(&changed, real);
    }
    return 0;
}
