/* Further migrations for a rehearsal, beside a copy of the project's own. */
#include <stdlib.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/migrate.h"
#include "rehearse/internal.h"

static int copy_one(const char *relative, const char *full, void *context, struct gl_error *err)
{
    gl_autofree char *to = gl_path_join(context, relative);
    gl_autofree char *dir = gl_path_dir(to);
    int failed = gl_mkdir_p(dir, 0755, err);
    return failed < 0 ? failed : gl_copy_file(full, to, err);
}

static int make_copy(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    const struct gl_config *config = rehearsal->request->config;
    gl_autofree char *own =
        gl_path_join(gl_config_dir(config), gl_config_str(config, "migrations.dir"));
    gl_autofree char *copy = gl_path_join(rehearsal->dir, "migrations");
    int failed = gl_remove_tree(copy, err);
    if (failed == 0)
        failed = gl_mkdir_p(copy, 0755, err);
    if (failed == 0 && gl_is_dir(own))
        failed = gl_walk_files(own, copy_one, copy, err);
    if (failed == 0)
        rehearsal->overlay = gl_steal(&copy);
    return failed;
}

int gl_overlay_add(struct gl_rehearsal *rehearsal, const char *sql, char **ret_path,
                   struct gl_error *err)
{
    int failed = rehearsal->overlay ? 0 : make_copy(rehearsal, err);
    if (failed < 0)
        return failed;
    gl_automigrations struct gl_migrations list = {0};
    failed = gl_migrations_scan(rehearsal->overlay, &list, err);
    if (failed < 0)
        return failed;
    int64_t version = list.count ? list.items[list.count - 1].version + 1 : 1;
    gl_autofree char *name = gl_asprintf("%lld_golive_rehearsal.sql", (long long)version);
    gl_autofree char *path = gl_path_join(rehearsal->overlay, name);
    failed = gl_write_text(path, sql, 0644, err);
    if (failed == 0)
        *ret_path = gl_steal(&path);
    return failed;
}
