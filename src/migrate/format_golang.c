/* golang-migrate: 000001_name.up.sql and .down.sql; one row says which version is the last. Sqlx
 * has pairs of the same names: only the six digits that `migrate create -seq` makes tell them
 * apart. Source: golang-migrate v4, database/postgres/postgres.go and database/util.go. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"

#define DIGITS    6
#define LOCK_SALT UINT32_C(1486364155)

static bool is_pair(const char *name)
{
    return strspn(name, "0123456789") == DIGITS && name[0] == '0' && name[DIGITS] == '_' &&
           (gl_ends_with(name, ".up.sql") || gl_ends_with(name, ".down.sql"));
}

static bool is_dir(const char *dir, const struct gl_strv *names)
{
    size_t pairs = 0;
    (void)dir;
    for (size_t i = 0; i < names->count; i++) {
        bool pair = is_pair(names->items[i]);
        if (!pair && gl_ends_with(names->items[i], ".sql"))
            return false;
        pairs += pair;
    }
    return pairs > 0;
}

static int add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    if (!is_pair(name) || !gl_ends_with(name, ".up.sql"))
        return 0;
    gl_autofree char *path = gl_path_join(dir, name);
    const char *title = name + DIGITS + 1;
    gl_autofree char *description = gl_strndup(title, strlen(title) - strlen(".up.sql"));
    return gl_format_add_file(list, path, strtoll(name, NULL, 10), NULL, description, err);
}

static int ensure(PGconn *conn, struct gl_error *err)
{
    return gl_pq_exec(conn,
                      "create table if not exists schema_migrations "
                      "(version bigint not null primary key, dirty boolean not null)",
                      NULL, NULL, err);
}

/* All files up to the last version are applied: no others could be. */
static void mark(const struct gl_migrations *list, int64_t last, bool dirty,
                 struct gl_applied_list *applied)
{
    bool found = false;
    for (size_t i = 0; i < list->count && list->items[i].version <= last; i++) {
        gl_format_add_applied(applied, list->items[i].version, &list->items[i]);
        found |= list->items[i].version == last;
    }
    if (!found)
        gl_format_add_applied(applied, last, NULL);
    applied->items[applied->count - 1].success = !dirty;
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    gl_autopqresult PGresult *row = NULL;
    struct gl_applied_list applied = {0};
    bool has = false;
    int failed = gl_format_has_table(conn, "schema_migrations", &has, err);
    if (failed == 0 && has)
        failed = gl_pq_query(conn, "select version, dirty from schema_migrations limit 1", 0, NULL,
                             &row, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the table schema_migrations cannot be read"));
    if (has && PQntuples(row))
        mark(list, gl_pq_int(row, 0, 0), gl_pq_bool(row, 0, 1), &applied);
    *ret_list = applied;
    return 0;
}

static int note(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err)
{
    (void)elapsed_ns;
    gl_autofree char *sql = gl_asprintf("truncate schema_migrations; insert into schema_migrations "
                                        "(version, dirty) values (%" PRId64 ", false)",
                                        migration->version);
    return gl_pq_exec(conn, sql, NULL, NULL, err);
}

static int64_t lock_key(const char *database, const char *schema)
{
    gl_autobuf struct gl_buf name = {0};
    gl_buf_puts(&name, schema);
    gl_buf_putc(&name, '\0');
    gl_buf_puts(&name, "schema_migrations");
    gl_buf_putc(&name, '\0');
    gl_buf_puts(&name, database);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)name.data, (uInt)name.len);
    return (int64_t)(uint32_t)(crc * LOCK_SALT);
}

const struct gl_format gl_format_golang = {
    .name = "golang-migrate",
    .table = "schema_migrations",
    .in_order = true,
    .dirty = N_("Look whether it took effect, mend it, then say which version the database has, by "
                "golang-migrate itself: migrate -path DIR -database URL force VERSION. golive "
                "migrate up goes on behind it."),
    .is_dir = is_dir,
    .add = add,
    .ensure = ensure,
    .read = read_table,
    .note = note,
    .lock_key = lock_key,
    .next = "number",
    .files = {{"%s_%s.up.sql", ""}, {"%s_%s.down.sql", ""}},
};
