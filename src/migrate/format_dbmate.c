/* dbmate: <digits>_name.sql with `-- migrate:up` and `-- migrate:down` in one file.
 * Source: dbmate 2, pkg/dbmate/migration.go and pkg/driver/postgres/postgres.go. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"
#include "migrate/phase.h"
#include "migrate/sqltext.h"

static size_t digits_of(const char *name)
{
    return gl_ends_with(name, ".sql") ? strspn(name, "0123456789") : 0;
}

/* The block marks are comments at the beginning of a line: `-- migrate:up transaction:false`. */
static const char *find_mark(const char *sql, const char *word)
{
    for (const char *line = sql; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line;
        if (!gl_starts_with(at, "--"))
            continue;
        at += 2 + strspn(at + 2, " \t");
        if (gl_starts_with(at, word) && !isalnum((unsigned char)at[strlen(word)]))
            return line;
    }
    return NULL;
}

static bool is_text(const char *sql)
{
    return find_mark(sql, "migrate:up") != NULL;
}

static bool is_dir(const char *dir, const struct gl_strv *names)
{
    for (size_t i = 0; i < names->count; i++) {
        gl_autofree char *path = gl_path_join(dir, names->items[i]);
        gl_autobuf struct gl_buf text = {0};
        gl_autoerr struct gl_error ignored = {0};
        if (digits_of(names->items[i]) && gl_is_file(path) &&
            gl_read_file(path, 0, &text, &ignored) == 0)
            return is_text(gl_buf_text(&text));
    }
    return false;
}

static int fail_marks(const struct gl_migration *migration, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG,
            _("dbmate wants one `-- migrate:up` before anything else, and "
              "`-- migrate:down` only after it"));
    gl_error_hint(err, _("Compare the file with what dbmate new makes."));
    gl_error_at(err, migration->path, 1, 1);
    return GL_E_CONFIG;
}

/* Ends the text before the down block: places in what is left are those of the file, and the phase
 * is that of what is left, because a down block drops what the up block adds. */
static int cut(struct gl_migration *migration, struct gl_error *err)
{
    const char *sql = migration->sql ? migration->sql : "";
    const char *up = find_mark(sql, "migrate:up");
    const char *down = find_mark(sql, "migrate:down");
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    struct gl_sql_token first;
    do
        first = gl_sql_next(&scanner);
    while (first.kind == GL_SQL_COMMENT);
    if (!up || (down && down < up) || (first.kind != GL_SQL_END && first.text < up))
        return fail_marks(migration, err);
    const char *end = strchr(up, '\n');
    const char *option = strstr(up, "transaction:false");
    migration->no_transaction = option && (!end || option < end);
    if (down)
        migration->sql[down - sql] = '\0';
    return gl_phase_read(migration->sql, migration->path, &migration->phase,
                         &migration->phase_declared, err);
}

static int add(const char *dir, const char *name, struct gl_migrations *list, struct gl_error *err)
{
    size_t digits = digits_of(name);
    gl_autofree char *path = gl_path_join(dir, name);
    if (!digits || !gl_is_file(path))
        return 0;
    gl_autofree char *version = gl_strndup(name, digits);
    size_t title = digits + (name[digits] == '_');
    gl_autofree char *description = gl_strndup(name + title, strlen(name) - title - strlen(".sql"));
    int failed =
        gl_format_add_file(list, path, strtoll(version, NULL, 10), version, description, err);
    return failed < 0 ? failed : cut(&list->items[list->count - 1], err);
}

static int ensure(PGconn *conn, struct gl_error *err)
{
    return gl_pq_exec(conn,
                      "create table if not exists schema_migrations "
                      "(version varchar not null primary key)",
                      NULL, NULL, err);
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    return gl_format_read_versions(conn, "schema_migrations", "version", list, ret_list, err);
}

static int note(PGconn *conn, const struct gl_migration *migration, int64_t elapsed_ns,
                struct gl_error *err)
{
    (void)elapsed_ns;
    const char *const values[] = {migration->version_text};
    return gl_pq_query(conn, "insert into schema_migrations (version) values ($1)", 1, values, NULL,
                       err);
}

const struct gl_format gl_format_dbmate = {
    .name = "dbmate",
    .table = "schema_migrations",
    .any_order = true,
    .is_dir = is_dir,
    .is_text = is_text,
    .add = add,
    .cut = cut,
    .ensure = ensure,
    .read = read_table,
    .note = note,
    .next = "time",
    .files = {{"%s_%s.sql", "-- migrate:up\n\n-- migrate:down\n"}},
};
