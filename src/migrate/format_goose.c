/* goose: <digits>_name.sql with `-- +goose Up` and `-- +goose Down` in one file. Its Go migrations
 * are programs, and its table keeps every run; golive only reads both.
 * Source: goose 3, internal/sqlparser/parser.go and internal/dialect/dialectquery/postgres.go. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "migrate/format.h"
#include "migrate/phase.h"
#include "migrate/session.h"
#include "migrate/sqltext.h"

static size_t digits_of(const char *name)
{
    return gl_ends_with(name, ".sql") ? strspn(name, "0123456789") : 0;
}

/* The beginning of the line that has the annotation, in any case; NULL if there is none. */
static const char *find_mark(const char *sql, const char *words)
{
    static const char tool[] = "+goose ";
    for (const char *line = sql; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line;
        if (!gl_starts_with(at, "--"))
            continue;
        at += 2 + strspn(at + 2, " \t");
        if (strncasecmp(at, tool, strlen(tool)) != 0)
            continue;
        at += strlen(tool);
        at += strspn(at, " \t");
        if (strncasecmp(at, words, strlen(words)) == 0 &&
            !isalnum((unsigned char)at[strlen(words)]))
            return line;
    }
    return NULL;
}

static bool is_text(const char *sql)
{
    return find_mark(sql, "Up") != NULL;
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

/* ---- a file ------------------------------------------------------------------------------------
 */

static int fail_at(const struct gl_migration *migration, const char *at, const char *what,
                   struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, "%s", what);
    gl_error_hint(err, _("Compare the file with what goose create makes."));
    gl_error_at(err, migration->path, gl_sql_line(migration->sql, (size_t)(at - migration->sql)),
                1);
    return GL_E_CONFIG;
}

/* Places in what is left are those of the file, and the phase is that of what is left. */
static int cut(struct gl_migration *migration, struct gl_error *err)
{
    const char *sql = migration->sql;
    const char *up = find_mark(sql, "Up");
    const char *down = find_mark(sql, "Down");
    const char *variables = find_mark(sql, "ENVSUB ON");
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    struct gl_sql_token first;
    do
        first = gl_sql_next(&scanner);
    while (first.kind == GL_SQL_COMMENT);
    if (!up || (down && down < up) || (first.kind != GL_SQL_END && first.text < up))
        return fail_at(migration, down && (!up || down < up) ? down : sql,
                       _("goose wants `-- +goose Up` before any statement, and `-- +goose Down` "
                         "only after it"),
                       err);
    if (variables && (!down || variables < down))
        return fail_at(migration, variables,
                       _("goose puts environment variables into this file when it runs it, so "
                         "what runs is not known here"),
                       err);
    migration->no_transaction = find_mark(sql, "NO TRANSACTION") != NULL;
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
    int64_t version = strtoll(name, NULL, 10);
    gl_autofree char *text = gl_asprintf("%" PRId64, version);
    size_t title = digits + (name[digits] == '_');
    gl_autofree char *description = gl_strndup(name + title, strlen(name) - title - strlen(".sql"));
    int failed = gl_format_add_file(list, path, version, text, description, err);
    return failed < 0 ? failed : cut(&list->items[list->count - 1], err);
}

/* ---- its table ---------------------------------------------------------------------------------
 */

/* Every run adds a row, and older versions of goose add one for a revert, too: the last one counts.
 * Version 0 stands for the table itself. */
static const char applied_query[] =
    "select version_id from (select distinct on (version_id) version_id, is_applied "
    "from goose_db_version order by version_id, id desc) v "
    "where is_applied and version_id > 0 order by version_id";

static const struct gl_migration *find(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return &list->items[i];
    }
    return NULL;
}

static int read_table(PGconn *conn, const struct gl_migrations *list,
                      struct gl_applied_list *ret_list, struct gl_error *err)
{
    gl_autopqresult PGresult *rows = NULL;
    struct gl_applied_list applied = {0};
    bool has = false;
    int failed = gl_format_has_table(conn, "goose_db_version", &has, err);
    if (failed == 0 && has)
        failed = gl_pq_query(conn, applied_query, 0, NULL, &rows, err);
    if (failed < 0)
        return gl_error_wrap(err, _("the table goose_db_version cannot be read"));
    for (int i = 0; has && i < PQntuples(rows); i++)
        gl_format_add_applied(&applied, gl_pq_int(rows, i, 0), find(list, gl_pq_int(rows, i, 0)));
    *ret_list = applied;
    return 0;
}

const struct gl_format gl_format_goose = {
    .name = "goose",
    .table = "goose_db_version",
    .no_up = N_("its table is only read; goose applies its own files"),
    .is_dir = is_dir,
    .is_text = is_text,
    .add = add,
    .cut = cut,
    .read = read_table,
    .next = "time",
    .files = {{"%s_%s.sql", "-- +goose Up\n\n-- +goose Down\n"}},
};
