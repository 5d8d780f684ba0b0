/* diesel: a directory for each migration, with up.sql, down.sql and perhaps metadata.toml.
 * Source: diesel 2, diesel_migrations/migrations_internals and migration.rs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"

static char *up_of(const char *dir, const char *name)
{
    gl_autofree char *path = gl_asprintf("%s/%s/up.sql", dir, name);
    return isdigit((unsigned char)name[0]) && gl_is_file(path) ? gl_steal(&path) : NULL;
}

static bool is_dir(const char *dir, const struct gl_strv *names)
{
    for (size_t i = 0; i < names->count; i++) {
        gl_autofree char *up = up_of(dir, names->items[i]);
        if (up)
            return true;
    }
    return false;
}

/* What stands before the first `_`, without its dashes; the caller owns it. */
static char *version_of(const char *name)
{
    char *version = gl_strndup(name, strcspn(name, "_"));
    char *to = version;
    for (const char *from = version; *from; from++) {
        if (*from != '-')
            *to++ = *from;
    }
    *to = '\0';
    return version;
}

static bool is_without_transaction(const char *dir, const char *name)
{
    gl_autofree char *path = gl_asprintf("%s/%s/metadata.toml", dir, name);
    gl_autobuf struct gl_buf text = {0};
    gl_autoerr struct gl_error ignored = {0};
    if (!gl_is_file(path) || gl_read_file(path, 0, &text, &ignored) < 0)
        return false;
    const char *key = strstr(gl_buf_text(&text), "run_in_transaction");
    const char *value = key ? strchr(key, '=') : NULL;
    return value && gl_starts_with(value + 1 + strspn(value + 1, " \t"), "false");
}

static int add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    gl_autofree char *up = up_of(dir, name);
    if (!up)
        return 0;
    gl_autofree char *version = version_of(name);
    const char *title = name + strcspn(name, "_");
    int failed = gl_format_add_file(list, up, strtoll(version, NULL, 10), version,
                                    title + (*title == '_'), err);
    if (failed == 0)
        list->items[list->count - 1].no_transaction = is_without_transaction(dir, name);
    return failed;
}

static int ensure(PGconn *conn, struct gl_error *err)
{
    return gl_pq_exec(conn,
                      "create table if not exists __diesel_schema_migrations ("
                      "version varchar(50) primary key not null, "
                      "run_on timestamp not null default current_timestamp)",
                      NULL, NULL, err);
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    return gl_format_read_versions(conn, "__diesel_schema_migrations", "version", list, ret_list,
                                   err);
}

static int note(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err)
{
    (void)elapsed_ns;
    return gl_format_note_version(conn, "__diesel_schema_migrations", migration, err);
}

const struct gl_format gl_format_diesel = {
    .name = "diesel",
    .table = "__diesel_schema_migrations",
    .any_order = true,
    .alone_mark = N_("-- with run_in_transaction = false in metadata.toml beside it\n"),
    .is_dir = is_dir,
    .add = add,
    .ensure = ensure,
    .read = read_table,
    .note = note,
    .next = "dashes",
    .files = {{"%s_%s/up.sql", ""}, {"%s_%s/down.sql", ""}},
};
