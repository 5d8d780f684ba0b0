/* sqlx: <version>_<name>.sql, or pairs of .up.sql and .down.sql. */
#include "base/fs.h"
#include "migrate/format.h"
#include "migrate/name.h"
#include "migrate/session.h"

static int add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    gl_autofree char *path = gl_path_join(dir, name);
    gl_autofree char *description = NULL;
    enum gl_migration_file kind = GL_MIGRATION_FILE_OTHER;
    int64_t version = 0;
    if (!gl_is_file(path))
        return 0;
    int failed = gl_migration_name_read(name, &kind, &version, &description, err);
    if (failed < 0) {
        gl_error_at(err, path, 0, 0);
        return failed;
    }
    if (kind == GL_MIGRATION_FILE_OTHER && gl_ends_with(name, ".sql"))
        gl_strv_add(&list->passed_over, name);
    return kind == GL_MIGRATION_FILE_UP
               ? gl_format_add_file(list, path, version, NULL, description, err)
               : 0;
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    (void)list;
    return gl_table_read(conn, ret_list, err);
}

static int note(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err)
{
    return gl_table_insert(conn, migration, elapsed_ns, err);
}

static int64_t lock_key(const char *database, const char *schema)
{
    (void)schema;
    return gl_lock_key(database);
}

const struct gl_format gl_format_sqlx = {
    .name = "sqlx",
    .table = "_sqlx_migrations",
    .checksums = true,
    .alone = true,
    .add = add,
    .ensure = gl_table_ensure,
    .read = read_table,
    .note = note,
    .lock_key = lock_key,
    .next = "same",
    .files = {{"%s_%s.sql", ""}},
};
