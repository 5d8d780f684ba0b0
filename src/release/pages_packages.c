/* The packages that a frontend needs at run time. Those of its build lie in its own node_modules,
 * many times as large; what is packed is installed beside, by npm from the same lock file. */
#include <string.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/build_command.h"
#include "release/pages.h"

static const char lock_name[] = "package-lock.json";

/* What npm reads; the first two must be there, the last may. */
static const char *const read_by_npm[] = {"package.json", lock_name, ".npmrc"};

bool gl_pages_has_packages(const json_t *package)
{
    return json_object_size(json_object_get(package, "dependencies")) > 0 ||
           json_object_size(json_object_get(package, "optionalDependencies")) > 0;
}

/* A file name of 64 digits for what was installed: package and lock file. */
static int fingerprint(const char *frontend_dir, char ret_hex[GL_SHA256_HEX_SIZE],
                       struct gl_error *err)
{
    gl_autobuf struct gl_buf all = {0};
    for (size_t i = 0; i < 2; i++) {
        gl_autofree char *path = gl_path_join(frontend_dir, read_by_npm[i]);
        char hex[GL_SHA256_HEX_SIZE];
        int failed = gl_sha256_file(path, hex, err);
        if (failed < 0)
            return failed;
        gl_buf_puts(&all, hex);
    }
    gl_sha256_hex(all.data, all.len, ret_hex);
    return 0;
}

static int require_lock(const char *frontend_dir, struct gl_error *err)
{
    gl_autofree char *lock = gl_path_join(frontend_dir, lock_name);
    if (gl_is_file(lock))
        return 0;
    gl_fail(err, GL_E_CONFIG, _("the frontend needs packages at run time, but there is no %s"),
            lock);
    return gl_error_hint(err, _("Commit the lock file of npm; or move what package.json names in "
                                "dependencies to devDependencies: adapter-node bundles those."));
}

static int copy_inputs(const char *frontend_dir, const char *dir, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(read_by_npm); i++) {
        gl_autofree char *from = gl_path_join(frontend_dir, read_by_npm[i]);
        gl_autofree char *to = gl_path_join(dir, read_by_npm[i]);
        int failed = gl_is_file(from) ? gl_copy_file(from, to, err) : 0;
        if (failed < 0)
            return failed;
    }
    return 0;
}

static int install(struct gl_release *release, const char *frontend_dir, const char *dir,
                   struct gl_error *err)
{
    const struct gl_build_command command = {"frontend-runtime-packages", dir,
                                             "npm ci --omit=dev --no-audit --no-fund", NULL};
    int failed = gl_remove_tree(dir, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0700, err);
    if (failed == 0)
        failed = copy_inputs(frontend_dir, dir, err);
    if (failed < 0)
        return failed;
    gl_release_update(release, "%s", command.text);
    return gl_build_command_run(release, &command, err);
}

int gl_pages_packages(struct gl_release *release, const char *frontend_dir, char **ret_dir,
                      struct gl_error *err)
{
    gl_autofree char *package_path = gl_path_join(frontend_dir, "package.json");
    gl_autofree char *dir = gl_release_state_path(release, "frontend-packages");
    gl_autofree char *stamp = gl_path_join(dir, ".installed");
    gl_autofree char *modules = gl_path_join(dir, "node_modules");
    gl_autojson json_t *package = NULL;
    gl_autobuf struct gl_buf known = {0};
    char hash[GL_SHA256_HEX_SIZE];
    int failed = gl_json_load(package_path, &package, err);
    if (failed < 0 || !gl_pages_has_packages(package))
        return failed;
    failed = require_lock(frontend_dir, err);
    if (failed == 0)
        failed = fingerprint(frontend_dir, hash, err);
    if (failed < 0)
        return failed;
    if (!gl_is_file(stamp) || gl_read_file(stamp, 0, &known, NULL) < 0 ||
        strcmp(gl_buf_text(&known), hash) != 0) {
        failed = install(release, frontend_dir, dir, err);
        if (failed == 0)
            failed = gl_write_text(stamp, hash, 0644, err);
    }
    if (failed == 0 && gl_is_dir(modules))
        *ret_dir = gl_steal(&modules);
    return failed;
}
