/* What changed since a commit: failures in other files are not this change's. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "control/check.h"
#include "proc/proc.h"

enum { GIT_LIMIT_MS = 60000 };

/* Adds the absolute path of every file that git names. */
static int add_files(const char *project_dir, const char *const *argv, struct gl_strv *changed,
                     struct gl_error *err)
{
    struct gl_proc_spec spec = {.argv = argv, .cwd = project_dir, .timeout_ms = GIT_LIMIT_MS};
    gl_autofree char *out = NULL;
    int failed = gl_proc_check(&spec, &out, err);
    if (failed < 0)
        return failed;
    gl_autostrv struct gl_strv names = {0};
    gl_strv_split(&names, out, "\n");
    for (size_t i = 0; i < names.count; i++)
        gl_strv_take(changed, gl_path_join(project_dir, names.items[i]));
    return 0;
}

/* Something below a directory: what was deleted is missed where it lay. */
static bool is_above(const char *dir, const struct gl_strv *changed)
{
    size_t len = strlen(dir);
    for (size_t i = 0; i < changed->count; i++) {
        if (gl_starts_with(changed->items[i], dir) && changed->items[i][len] == '/')
            return true;
    }
    return false;
}

/* golive.yaml is named as it was given, from where golive runs; all else from the project. */
static bool has_changed(const char *project_dir, const struct gl_strv *changed, const char *file)
{
    gl_autofree char *joined = gl_path_join(project_dir, file);
    if (gl_strv_has(changed, joined) || is_above(joined, changed))
        return true;
    gl_autofree char *real = realpath(file, NULL);
    return real && gl_strv_has(changed, real);
}

static void mark(const char *project_dir, const struct gl_strv *changed, struct gl_check *check)
{
    for (size_t i = 0; i < check->count; i++) {
        for (size_t k = 0; k < check->items[i].count; k++) {
            struct gl_rule_result *rule = &check->items[i].rules[k];
            for (size_t f = 0; f < rule->count; f++) {
                struct gl_finding *finding = &rule->findings[f];
                /* What is missing has no place, and may be missing since this change. */
                finding->outside =
                    finding->file && !has_changed(project_dir, changed, finding->file);
            }
        }
    }
}

int gl_check_since(const char *project_dir, const char *commit, struct gl_check *check,
                   struct gl_error *err)
{
    if (commit[0] == '-')
        return gl_fail(err, GL_E_USAGE, _("`%s` is no commit"), commit);
    const char *const differ[] = {"git",  "-c",          "core.quotePath=false",
                                  "diff", "--name-only", "--relative",
                                  commit, "--",          NULL};
    const char *const fresh[] = {
        "git", "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard", NULL};
    gl_autofree char *real_dir = realpath(project_dir, NULL);
    const char *dir = real_dir ? real_dir : project_dir;
    gl_autostrv struct gl_strv changed = {0};
    int failed = add_files(dir, differ, &changed, err);
    if (failed == 0)
        failed = add_files(dir, fresh, &changed, err);
    if (failed < 0) {
        gl_error_wrap(err, _("what changed since %s is not known"), commit);
        return gl_error_hint(err, _("--since takes a commit, branch or tag of this repository."));
    }
    mark(dir, &changed, check);
    check->since = true;
    gl_check_conclude(check);
    return 0;
}
