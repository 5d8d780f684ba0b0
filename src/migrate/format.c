/* The tools whose folders are read, and what their rows share. */
#include "migrate/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/mark.h"
#include "migrate/session.h"

/* In the order they are looked for; the last one takes what is left. */
static const struct gl_format *const formats[] = {
    &gl_format_diesel, &gl_format_refinery, &gl_format_goose,
    &gl_format_dbmate, &gl_format_golang,   &gl_format_sqlx,
};

static bool owns_dir(const struct gl_format *format, const char *dir, const struct gl_strv *names)
{
    return format->marks ? gl_mark_is_dir(format->marks, dir, names) : format->is_dir(dir, names);
}

const struct gl_format *gl_format_of(const char *dir, const struct gl_strv *names)
{
    for (size_t i = 0; i + 1 < GL_COUNT(formats); i++) {
        if (owns_dir(formats[i], dir, names))
            return formats[i];
    }
    return formats[GL_COUNT(formats) - 1];
}

const struct gl_format *gl_format_of_text(const char *sql)
{
    for (size_t i = 0; i < GL_COUNT(formats); i++) {
        if (formats[i]->marks && gl_mark_is_text(formats[i]->marks, sql))
            return formats[i];
    }
    return NULL;
}

const struct gl_format *gl_format_named(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(formats); i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}

/* A folder of sqlx's may look like one of another tool (six digits and .up.sql). */
static int refuse_foreign(PGconn *conn, const struct gl_format *format, struct gl_error *err)
{
    gl_autoapplied struct gl_applied_list foreign = {0};
    int failed = gl_table_read(conn, &foreign, err);
    if (failed < 0 || !foreign.count)
        return failed;
    gl_fail(err, GL_E_REFUSED,
            _("the folder looks like one of %s, but the database has %zu migrations that sqlx "
              "applied and none of %s"),
            format->name, foreign.count, format->name);
    return gl_error_hint(err,
                         _("Say in golive.yaml whose migrations they are: `migrations: {tool: "
                           "sqlx}`, or {tool: %s} if all of them are to be applied here."),
                         format->name);
}

int gl_format_read_applied(PGconn *conn, const struct gl_migrations *list,
                           struct gl_applied_list *ret_list, struct gl_error *err)
{
    const struct gl_format *format = list->format ? list->format : &gl_format_sqlx;
    gl_autoapplied struct gl_applied_list applied = {0};
    int failed = format->read(conn, list, &applied, err);
    if (failed == 0 && format != &gl_format_sqlx && !list->format_given && !applied.count)
        failed = refuse_foreign(conn, format, err);
    if (failed < 0)
        return failed;
    *ret_list = applied;
    applied = (struct gl_applied_list){0};
    return 0;
}

int gl_format_add_file(struct gl_migrations *list, const char *path, int64_t version,
                       const char *version_text, const char *description, struct gl_error *err)
{
    struct gl_migration migration = {.version = version};
    int failed = gl_migration_load(path, &migration, err);
    if (failed < 0) {
        gl_migration_done(&migration);
        return failed;
    }
    migration.version_text = version_text ? gl_strdup(version_text) : NULL;
    migration.description = gl_strdup(description);
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = migration;
    return 0;
}

int gl_format_has_table(PGconn *conn, const char *table, bool *ret_has, struct gl_error *err)
{
    gl_autopqresult PGresult *exists = NULL;
    int failed =
        gl_pq_query(conn, "select to_regclass($1::text) is not null", 1, &table, &exists, err);
    if (failed == 0)
        *ret_has = gl_pq_bool(exists, 0, 0);
    return failed;
}

void gl_format_add_applied(struct gl_applied_list *list, int64_t version,
                           const struct gl_migration *migration)
{
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    struct gl_applied *applied = &list->items[list->count++];
    *applied = (struct gl_applied){.version = version, .success = true};
    applied->description = gl_strdup(migration ? migration->description : "");
    applied->checksum_ok = migration != NULL;
    if (migration)
        memcpy(applied->checksum, migration->checksum, sizeof applied->checksum);
}

static const struct gl_migration *find_text(const struct gl_migrations *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].version_text, text) == 0)
            return &list->items[i];
    }
    return NULL;
}

static int by_version(const void *a, const void *b)
{
    const struct gl_applied *left = a;
    const struct gl_applied *right = b;
    return (left->version > right->version) - (left->version < right->version);
}

int gl_format_read_versions(PGconn *conn, const char *table, const char *column,
                            const struct gl_migrations *list, struct gl_applied_list *ret_list,
                            struct gl_error *err)
{
    gl_autoapplied struct gl_applied_list applied = {0};
    gl_autopqresult PGresult *rows = NULL;
    bool has = false;
    gl_autofree char *sql = gl_asprintf("select %s::text from %s", column, table);
    int failed = gl_format_has_table(conn, table, &has, err);
    if (failed == 0 && has)
        failed = gl_pq_query(conn, sql, 0, NULL, &rows, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the table %s cannot be read"), table);
    for (int i = 0; has && i < PQntuples(rows); i++) {
        const char *text = gl_pq_text(rows, i, 0);
        const struct gl_migration *migration = find_text(list, text);
        gl_format_add_applied(&applied, migration ? migration->version : strtoll(text, NULL, 10),
                              migration);
    }
    if (applied.count > 1)
        qsort(applied.items, applied.count, sizeof *applied.items, by_version);
    *ret_list = applied;
    applied = (struct gl_applied_list){0};
    return 0;
}

int gl_format_note_version(PGconn *conn, const char *table, const struct gl_migration *migration,
                           struct gl_error *err)
{
    gl_autofree char *sql = gl_asprintf("insert into %s (version) values ($1)", table);
    const char *const values[] = {migration->version_text};
    return gl_pq_query(conn, sql, 1, values, NULL, err);
}
