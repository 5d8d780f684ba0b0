/* Which files are read, in which order. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "lint/lint.h"
#include "migrate/format.h"
#include "migrate/name.h"

void gl_lint_files_done(struct gl_lint_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    gl_migrations_done(&files->foreign);
    gl_strv_done(&files->passed_over);
    *files = (struct gl_lint_files){0};
}

static void add(struct gl_lint_files *files, const char *path, int64_t version)
{
    files->items = gl_realloc_array(files->items, files->count + 1, sizeof *files->items);
    files->items[files->count++] =
        (struct gl_lint_file){.path = gl_strdup(path), .version = version};
}

/* A file that is named is read whatever its name is. */
static int64_t version_of(const char *path)
{
    enum gl_migration_file kind = GL_MIGRATION_FILE_OTHER;
    gl_autofree char *description = NULL;
    int64_t version = 0;
    if (gl_migration_name_read(gl_path_base(path), &kind, &version, &description, NULL) < 0)
        return 0;
    return version;
}

static int add_entry(struct gl_lint_files *files, const char *dir, const char *name,
                     struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, name);
    enum gl_migration_file kind = GL_MIGRATION_FILE_OTHER;
    gl_autofree char *description = NULL;
    int64_t version = 0;
    int failed = gl_migration_name_read(name, &kind, &version, &description, err);
    if (failed < 0) {
        gl_error_at(err, path, 0, 0);
        return failed;
    }
    if (kind == GL_MIGRATION_FILE_UP && gl_is_file(path))
        add(files, path, version);
    if (kind == GL_MIGRATION_FILE_OTHER && gl_ends_with(name, ".sql"))
        gl_strv_add(&files->passed_over, path);
    return 0;
}

static int by_version(const void *a, const void *b)
{
    const struct gl_lint_file *left = a;
    const struct gl_lint_file *right = b;
    if (left->version != right->version)
        return left->version < right->version ? -1 : 1;
    return strcmp(left->path, right->path);
}

static int check_duplicates(const struct gl_lint_files *files, size_t first, struct gl_error *err)
{
    for (size_t i = first + 1; i < files->count; i++) {
        const struct gl_lint_file *one = &files->items[i - 1];
        const struct gl_lint_file *other = &files->items[i];
        if (one->version == other->version)
            return gl_migration_refuse_twice(one->version, one->path, other->path, err);
    }
    return 0;
}

void gl_lint_files_of(const struct gl_migrations *list, struct gl_lint_files *files)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct gl_migration *migration = &list->items[i];
        add(files, migration->path, migration->version);
        files->items[files->count - 1].sql = migration->sql;
        files->items[files->count - 1].alone = migration->no_transaction;
        files->items[files->count - 1].format = list->format;
    }
}

static int list_names(const char *dir, struct gl_strv *names, struct gl_error *err)
{
    DIR *handle = opendir(dir);
    if (!handle)
        return gl_fail_errno(err, errno, _("the migrations in %s cannot be read"), dir);
    for (const struct dirent *entry = readdir(handle); entry; entry = readdir(handle)) {
        if (*entry->d_name != '.')
            gl_strv_add(names, entry->d_name);
    }
    closedir(handle);
    gl_strv_sort(names);
    return 0;
}

static int add_foreign(struct gl_lint_files *files, const char *dir, struct gl_error *err)
{
    if (files->foreign.format)
        return gl_fail(err, GL_E_USAGE, _("%s is the second directory of another tool than sqlx"),
                       dir);
    int failed = gl_migrations_scan_as(dir, files->tool, &files->foreign, err);
    if (failed == 0)
        gl_lint_files_of(&files->foreign, files);
    return failed;
}

/* One that is not known is left to gl_migrations_scan_as(), which says so. */
static const struct gl_format *format_of(const struct gl_lint_files *files, const char *dir,
                                         const struct gl_strv *names)
{
    bool given = files->tool && strcmp(files->tool, "auto") != 0;
    return given ? gl_format_named(files->tool) : gl_format_of(dir, names);
}

/* Of sqlx what cannot be read is a finding of its own, so its files are only named here. */
static int add_dir(struct gl_lint_files *files, const char *dir, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    size_t first = files->count;
    int failed = list_names(dir, &names, err);
    if (failed == 0 && format_of(files, dir, &names) != &gl_format_sqlx)
        return add_foreign(files, dir, err);
    for (size_t i = 0; failed == 0 && i < names.count; i++)
        failed = add_entry(files, dir, names.items[i], err);
    if (failed == 0 && files->count > first)
        qsort(files->items + first, files->count - first, sizeof *files->items, by_version);
    return failed == 0 ? check_duplicates(files, first, err) : failed;
}

int gl_lint_files_add(struct gl_lint_files *files, const char *path, struct gl_error *err)
{
    if (gl_is_dir(path))
        return add_dir(files, path, err);
    if (!gl_path_exists(path)) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s does not exist"), path);
        return gl_error_hint(err, _("Name a file or a directory that is there; a path counts from "
                                    "the directory that golive is run in."));
    }
    add(files, path, version_of(path));
    return 0;
}
