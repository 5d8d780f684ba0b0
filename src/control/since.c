/* What changed since a commit: failures in other files are not this change's. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "control/check.h"
#include "proc/git_changed.h"

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
    gl_autofree char *real_dir = realpath(project_dir, NULL);
    const char *dir = real_dir ? real_dir : project_dir;
    gl_autostrv struct gl_strv changed = {0};
    int failed = gl_git_changed(dir, GL_GIT_BELOW, commit, &changed, err);
    if (failed < 0)
        return failed;
    mark(dir, &changed, check);
    check->since = true;
    gl_check_conclude(check);
    return 0;
}
