/* Reads a directory of sqlx migrations. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "migrate/format.h"
#include "migrate/header.h"
#include "migrate/migrate.h"
#include "migrate/name.h"
#include "migrate/phase.h"
#include "migrate/session.h"

void gl_migration_done(struct gl_migration *migration)
{
    free(migration->version_text);
    free(migration->description);
    free(migration->path);
    free(migration->sql);
    *migration = (struct gl_migration){0};
}

void gl_migrations_done(struct gl_migrations *list)
{
    for (size_t i = 0; i < list->count; i++)
        gl_migration_done(&list->items[i]);
    free(list->items);
    gl_strv_done(&list->passed_over);
    *list = (struct gl_migrations){0};
}

/* 1-based line of a byte; the text may hold NUL bytes. */
static unsigned line_of(const char *text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static int fail_text(struct gl_error *err, const char *path, unsigned line, const char *what)
{
    gl_fail(err, GL_E_CONFIG, "%s", what);
    gl_error_hint(err, _("Save the file as UTF-8 without a byte order mark."));
    gl_error_at(err, path, line, line ? 1 : 0);
    return GL_E_CONFIG;
}

/* What sqlx or PostgreSQL would not take, or would take only a part of. */
static int check_text(const struct gl_buf *data, const char *path, struct gl_error *err)
{
    const char *text = gl_buf_text(data);
    size_t valid = gl_utf8_valid_prefix(text, data->len);
    if (valid < data->len)
        return fail_text(err, path, line_of(text, valid), _("the file is not valid UTF-8"));
    const char *nul = memchr(text, '\0', data->len);
    if (nul)
        return fail_text(err, path, line_of(text, (size_t)(nul - text)),
                         _("the file holds a NUL byte"));
    if (gl_starts_with(text, "\xEF\xBB\xBF"))
        return fail_text(err, path, 1,
                         _("the file begins with a byte order mark, which is no SQL"));
    return 0;
}

int gl_migration_load(const char *path, struct gl_migration *migration, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    if (gl_read_file(path, 0, &data, err) < 0) {
        if (err)
            err->code = GL_E_CONFIG;
        return gl_error_at(err, path, 0, 0), GL_E_CONFIG;
    }
    int failed = check_text(&data, path, err);
    if (failed < 0)
        return failed;
    gl_sha384(gl_buf_text(&data), data.len, migration->checksum);
    migration->path = gl_strdup(path);
    migration->sql = gl_buf_steal(&data);
    migration->no_transaction = gl_starts_with(migration->sql, "-- no-transaction");
    gl_automigrationheader struct gl_migration_header header = {0};
    int unread = gl_migration_header_read(migration->sql, path, &header, err);
    migration->batch = header.batch;
    migration->sleep_ms = header.sleep_ms;
    return unread < 0 ? unread
                      : gl_phase_read(migration->sql, path, &migration->phase,
                                      &migration->phase_declared, err);
}

static int list_names(const char *dir, struct gl_strv *names, struct gl_error *err)
{
    DIR *handle = opendir(dir);
    if (!handle) {
        if (errno == ENOENT)
            return 0;
        return gl_fail_errno(err, errno, _("the migrations in %s cannot be read"), dir);
    }
    for (const struct dirent *entry = readdir(handle); entry; entry = readdir(handle)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            gl_strv_add(names, entry->d_name);
    }
    closedir(handle);
    gl_strv_sort(names);
    return 0;
}

static int by_version(const void *a, const void *b)
{
    const struct gl_migration *left = a;
    const struct gl_migration *right = b;
    return (left->version > right->version) - (left->version < right->version);
}

static int check_duplicates(const struct gl_migrations *list, struct gl_error *err)
{
    for (size_t i = 1; i < list->count; i++) {
        const struct gl_migration *one = &list->items[i - 1];
        const struct gl_migration *other = &list->items[i];
        if (one->version == other->version)
            return gl_migration_refuse_twice(one->version, one->path, other->path, err);
    }
    return 0;
}

static int find_format(const char *dir, const char *tool, const struct gl_strv *names,
                       struct gl_migrations *list, struct gl_error *err)
{
    list->format_given = tool && strcmp(tool, "auto") != 0;
    list->format = list->format_given ? gl_format_named(tool) : gl_format_of(dir, names);
    if (list->format)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("`%s` is no tool for migrations"), tool);
    return gl_error_hint(err, _("Those that are known: golive help config."));
}

int gl_migrations_scan(const char *dir, struct gl_migrations *ret_list, struct gl_error *err)
{
    return gl_migrations_scan_as(dir, NULL, ret_list, err);
}

int gl_migrations_scan_as(const char *dir, const char *tool, struct gl_migrations *ret_list,
                          struct gl_error *err)
{
    gl_automigrations struct gl_migrations list = {0};
    gl_autostrv struct gl_strv names = {0};
    int failed = list_names(dir, &names, err);
    if (failed == 0)
        failed = find_format(dir, tool, &names, &list, err);
    for (size_t i = 0; failed == 0 && i < names.count; i++)
        failed = list.format->add(dir, names.items[i], &list, err);
    if (failed < 0)
        return failed;
    if (list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, by_version);
    failed = check_duplicates(&list, err);
    if (failed < 0)
        return failed;
    *ret_list = list;
    list = (struct gl_migrations){0};
    return 0;
}
