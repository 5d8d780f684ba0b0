/* Which files a branch changed: git says so. */
#include "proc/git_changed.h"

#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "proc/proc.h"

enum { GIT_LIMIT_MS = 60000 };

static int ask(const char *dir, const char *const *argv, char **ret_out, struct gl_error *err)
{
    const struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = GIT_LIMIT_MS};
    return gl_proc_check(&spec, ret_out, err);
}

static int find_top(const char *dir, char **ret_top, struct gl_error *err)
{
    const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    gl_autofree char *out = NULL;
    int failed = ask(dir, argv, &out, err);
    if (failed < 0)
        return failed;
    out[strcspn(out, "\n")] = '\0';
    *ret_top = gl_steal(&out);
    return 0;
}

/* Git names all files from the top of the repository, wherever it runs. */
static int add_files(const char *dir, const char *const *argv, const char *top,
                     struct gl_strv *changed, struct gl_error *err)
{
    gl_autofree char *out = NULL;
    gl_autostrv struct gl_strv names = {0};
    int failed = ask(dir, argv, &out, err);
    if (failed < 0)
        return failed;
    gl_strv_split(&names, out, "\n");
    for (size_t i = 0; i < names.count; i++)
        gl_strv_take(changed, gl_path_join(top, names.items[i]));
    return 0;
}

static int add_all(const char *dir, enum gl_git_scope scope, const char *commit,
                   struct gl_strv *changed, struct gl_error *err)
{
    const char *const differ[] = {"git",
                                  "-c",
                                  "core.quotePath=false",
                                  "-c",
                                  "diff.relative=false",
                                  "diff",
                                  "--name-only",
                                  commit,
                                  "--",
                                  ".",
                                  NULL};
    const char *const fresh[] = {"git",         "-c",       "core.quotePath=false",
                                 "ls-files",    "--others", "--exclude-standard",
                                 "--full-name", "--",       ".",
                                 NULL};
    gl_autofree char *top = NULL;
    int failed = find_top(dir, &top, err);
    if (failed < 0)
        return failed;
    const char *from = scope == GL_GIT_BELOW ? dir : top;
    failed = add_files(from, differ, top, changed, err);
    return failed == 0 ? add_files(from, fresh, top, changed, err) : failed;
}

int gl_git_changed(const char *dir, enum gl_git_scope scope, const char *commit,
                   struct gl_strv *changed, struct gl_error *err)
{
    if (commit[0] == '-')
        return gl_fail(err, GL_E_USAGE, _("`%s` is no commit"), commit);
    if (add_all(dir, scope, commit, changed, err) == 0)
        return 0;
    gl_error_wrap(err, _("what changed since %s is not known"), commit);
    return gl_error_hint(err, _("--since takes a commit, branch or tag of this repository."));
}
