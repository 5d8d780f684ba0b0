/* Asks cargo itself, so that workspaces and CARGO_TARGET_DIR need no guessing. */
#include "release/cargo.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "proc/proc.h"

static bool is_binary(const json_t *target)
{
    size_t index;
    json_t *kind;
    json_array_foreach(json_object_get(target, "kind"), index, kind)
    {
        if (strcmp(json_string_value(kind), "bin") == 0)
            return true;
    }
    return false;
}

/* A workspace lists all its crates; only the one whose manifest lies in `dir` counts. */
static void collect_names(const json_t *metadata, const char *dir, struct gl_strv *names)
{
    gl_autofree char *real = realpath(dir, NULL);
    size_t i;
    size_t j;
    json_t *package;
    json_t *target;
    json_array_foreach(json_object_get(metadata, "packages"), i, package)
    {
        gl_autofree char *its_dir = gl_path_dir(gl_json_str(package, "manifest_path", ""));
        if (!real || strcmp(its_dir, real) != 0)
            continue;
        json_array_foreach(json_object_get(package, "targets"), j, target)
        {
            if (is_binary(target))
                gl_strv_add(names, gl_json_str(target, "name", ""));
        }
    }
}

int gl_cargo_binary(const char *dir, char **ret_path, struct gl_error *err)
{
    const char *argv[] = {"cargo", "metadata", "--no-deps", "--offline", "--format-version",
                          "1",     NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = 60000};
    gl_autofree char *out = NULL;
    gl_autojson json_t *metadata = NULL;
    gl_autostrv struct gl_strv names = {0};
    int failed = gl_proc_check(&spec, &out, err);
    if (failed == 0)
        failed = gl_json_parse(out, strlen(out), "cargo metadata", &metadata, err);
    if (failed < 0)
        return failed;
    collect_names(metadata, dir, &names);
    if (names.count != 1) {
        gl_autofree char *all = gl_strv_join(&names, ", ");
        gl_fail(err, GL_E_CONFIG,
                _("%s builds %zu programs (%s), golive must know which one serves"), dir,
                names.count, all);
        return gl_error_hint(err,
                             _("Set backend.binary in golive.yaml to its path below backend.dir."));
    }
    *ret_path =
        gl_asprintf("%s/release/%s", gl_json_str(metadata, "target_directory", ""), names.items[0]);
    return 0;
}
