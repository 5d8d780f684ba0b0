/* Which files a branch changed: git says so. */
#include "proc/git_changed.h"

#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "proc/proc.h"

enum { GIT_LIMIT_MS = 60000 };

/* What git says, which may hold NUL bytes. `hint`: what to do when it ends with an error. */
static int ask(const char *dir, const char *const *argv, const char *hint, struct gl_buf *ret_out,
               struct gl_error *err)
{
    const struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = GIT_LIMIT_MS};
    gl_autoproc struct gl_proc_result result = {0};
    int failed = gl_proc_run(&spec, &result, err);
    if (failed < 0)
        return failed;
    if (result.exit_code != 0) {
        gl_proc_fail(&spec, &result, err);
        return gl_error_hint(err, "%s", hint);
    }
    if (result.out_cut) {
        gl_fail(err, GL_E_PROCESS, _("%s said more than %d MiB"), "git", GL_PROC_KEEP_BYTES >> 20);
        return gl_error_hint(err,
                             _("Take a later commit, or name in .gitignore what is no part of the "
                               "repository: new files that are not ignored count as changed."));
    }
    *ret_out = result.out;
    result.out = (struct gl_buf){0};
    return 0;
}

static const char *commit_hint(void)
{
    return _("--since takes a commit, branch or tag of this repository.");
}

static const char *repository_hint(void)
{
    return _("--since needs a git repository; `git status` there says what is amiss.");
}

static int find_top(const char *dir, char **ret_top, struct gl_error *err)
{
    const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    gl_autobuf struct gl_buf out = {0};
    int failed = ask(dir, argv, repository_hint(), &out, err);
    if (failed < 0)
        return failed;
    *ret_top = gl_buf_steal(&out);
    (*ret_top)[strcspn(*ret_top, "\n")] = '\0';
    return 0;
}

/* Git names all files from the top of the repository, wherever it runs, each ended by a NUL byte:
 * a name may hold anything else. */
static int add_files(const char *dir, const char *const *argv, const char *hint, const char *top,
                     struct gl_strv *changed, struct gl_error *err)
{
    gl_autobuf struct gl_buf out = {0};
    int failed = ask(dir, argv, hint, &out, err);
    if (failed < 0)
        return failed;
    const char *name = gl_buf_text(&out);
    for (const char *end = name + out.len; name < end; name += strlen(name) + 1)
        gl_strv_take(changed, gl_path_join(top, name));
    return 0;
}

static int add_all(const char *dir, enum gl_git_scope scope, const char *commit,
                   struct gl_strv *changed, struct gl_error *err)
{
    /* A renamed file is gone from where it lay. */
    const char *const differ[] = {"git",  "-c",          "diff.relative=false",
                                  "diff", "--name-only", "--no-renames",
                                  "-z",   commit,        "--",
                                  ".",    NULL};
    const char *const fresh[] = {
        "git", "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ".", NULL};
    gl_autofree char *top = NULL;
    int failed = find_top(dir, &top, err);
    if (failed < 0)
        return failed;
    const char *from = scope == GL_GIT_BELOW ? dir : top;
    failed = add_files(from, differ, commit_hint(), top, changed, err);
    return failed == 0 ? add_files(from, fresh, repository_hint(), top, changed, err) : failed;
}

int gl_git_changed(const char *dir, enum gl_git_scope scope, const char *commit,
                   struct gl_strv *changed, struct gl_error *err)
{
    if (commit[0] == '-') {
        gl_fail(err, GL_E_USAGE, _("`%s` is no commit"), commit);
        return gl_error_hint(err, "%s", commit_hint());
    }
    int failed = add_all(dir, scope, commit, changed, err);
    if (failed == GL_E_PROCESS)
        return gl_error_wrap(err, _("what changed since %s is not known"), commit);
    return failed;
}
