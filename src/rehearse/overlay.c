/* Further migrations for a rehearsal, beside a copy of the project's own. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"
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

/* The version after the last one, as the folder writes them. */
static char *next_version(const struct gl_migrations *list)
{
    const struct gl_migration *last = list->count ? &list->items[list->count - 1] : NULL;
    const char *text = last && last->version_text ? last->version_text : NULL;
    size_t digits = 0;
    if (text)
        digits = strlen(text);
    else if (last)
        digits = strspn(gl_path_base(last->path), "0123456789");
    else if (strcmp(list->format->next, "number") == 0)
        digits = 6;
    return gl_asprintf("%0*" PRId64, (int)digits, last ? last->version + 1 : 1);
}

/* The first file of a new migration as the folder's tool calls it; the caller owns it. */
static char *next_path(const char *dir, const struct gl_migrations *list)
{
    const char *form = list->format->files[0].path;
    const char *at_version = strstr(form, "%s");
    const char *at_name = strstr(at_version + 2, "%s");
    gl_autofree char *version = next_version(list);
    return gl_asprintf("%s/%.*s%s%.*sgolive_rehearsal%s", dir, (int)(at_version - form), form,
                       version, (int)(at_name - at_version - 2), at_version + 2, at_name + 2);
}

/* What the tool wants around the SQL stands in lines of its own: the first goes before it. */
static char *next_text(const struct gl_format *format, const char *sql)
{
    const char *form = format->files[0].text;
    size_t head = strcspn(form, "\n") + (strchr(form, '\n') != NULL);
    return gl_asprintf("%.*s%s%s", (int)head, form, sql, form + head);
}

int gl_overlay_add(struct gl_rehearsal *rehearsal, const char *sql, char **ret_path,
                   struct gl_error *err)
{
    const struct gl_config *config = rehearsal->request->config;
    int failed = rehearsal->overlay ? 0 : make_copy(rehearsal, err);
    if (failed < 0)
        return failed;
    gl_automigrations struct gl_migrations list = {0};
    failed = gl_migrations_scan_as(rehearsal->overlay, gl_config_str(config, "migrations.tool"),
                                   &list, err);
    if (failed < 0)
        return failed;
    gl_autofree char *path = next_path(rehearsal->overlay, &list);
    gl_autofree char *dir = gl_path_dir(path);
    gl_autofree char *text = next_text(list.format, sql);
    failed = gl_mkdir_p(dir, 0755, err);
    if (failed == 0)
        failed = gl_write_text(path, text, 0644, err);
    if (failed == 0)
        *ret_path = gl_steal(&path);
    return failed;
}
