/* git archive, unpacked. */
#include "prove/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "proc/proc.h"

enum { GIT_TIMEOUT_MS = 120000 };

void gl_export_done(struct gl_export *export)
{
    if (export->dir)
        (void)!gl_remove_tree(export->dir, NULL);
    free(export->dir);
    free(export->commit);
    *export = (struct gl_export){0};
}

static int run(const char *dir, const struct gl_strv *argv, char **ret_out, struct gl_error *err)
{
    const struct gl_proc_spec spec = {
        .argv = (const char *const *)argv->items, .cwd = dir, .timeout_ms = GIT_TIMEOUT_MS};
    return gl_proc_check(&spec, ret_out, err);
}

static int find_commit(const char *project_dir, const char *ref, char **ret_commit,
                       struct gl_error *err)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_autofree char *out = NULL;
    gl_strv_split(&argv, "git rev-parse --verify --quiet --end-of-options", " ");
    gl_strv_addf(&argv, "%s^{commit}", ref);
    if (run(project_dir, &argv, &out, NULL) < 0) {
        gl_fail(err, GL_E_NOT_FOUND, _("the repository has no commit `%s`"), ref);
        return gl_error_hint(err, _("Name one with --from; after a shallow clone, git fetch "
                                    "--unshallow brings the others."));
    }
    *ret_commit = gl_strndup(out, strcspn(out, "\n"));
    return 0;
}

static bool has_path(const char *project_dir, const char *commit, const char *path)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_strv_split(&argv, "git cat-file -e", " ");
    gl_strv_addf(&argv, "%s:./%s", commit, path);
    return run(project_dir, &argv, NULL, NULL) == 0;
}

static int unpack(const char *dir, const char *archive, struct gl_error *err)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_strv_split(&argv, "tar --no-same-owner -xf", " ");
    gl_strv_add(&argv, archive);
    return run(dir, &argv, NULL, err);
}

static int fill(const char *project_dir, const struct gl_strv *paths,
                const struct gl_export *export, struct gl_error *err)
{
    gl_autostrv struct gl_strv argv = {0};
    gl_autofree char *archive = gl_path_join(export->dir, "files.tar");
    gl_strv_split(&argv, "git archive --format=tar -o", " ");
    gl_strv_add(&argv, archive);
    gl_strv_add(&argv, export->commit);
    gl_strv_add(&argv, "--");
    size_t named = argv.count;
    for (size_t i = 0; i < paths->count; i++) {
        if (has_path(project_dir, export->commit, paths->items[i]))
            gl_strv_add(&argv, paths->items[i]);
    }
    if (argv.count == named) /* without a path, git would take everything */
        return 0;
    int failed = run(project_dir, &argv, NULL, err);
    return failed < 0 ? failed : unpack(export->dir, archive, err);
}

int gl_export_make(const char *project_dir, const char *ref, const struct gl_strv *paths,
                   struct gl_export *ret_export, struct gl_error *err)
{
    gl_autoexport struct gl_export export = {0};
    char dir[] = "/tmp/golive-export-XXXXXX";
    int failed = find_commit(project_dir, ref, &export.commit, err);
    if (failed < 0)
        return failed;
    if (!mkdtemp(dir))
        return gl_fail_errno(err, errno, _("cannot make a temporary directory"));
    export.dir = gl_strdup(dir);
    failed = fill(project_dir, paths, &export, err);
    if (failed < 0)
        return failed;
    *ret_export = export;
    export = (struct gl_export){0};
    return 0;
}
