/* Rows for empty tables: the work is done by SQL (generate.sql), which knows the catalogs. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "trace/internal.h"

static const char functions[] = {
#include "trace/generate.sql.inc"
    , '\0'};

/* "TABLE=N" */
static int read_one(const char *text, json_t *tables, struct gl_error *err)
{
    const char *equals = strrchr(text, '=');
    char *end = NULL;
    long long rows = equals ? strtoll(equals + 1, &end, 10) : -1;
    if (!equals || equals == text || end == equals + 1 || *end || rows < 0) {
        gl_fail(err, GL_E_USAGE, _("`%s` is no number of rows"), text);
        return gl_error_hint(err, _("Write a number for all tables, or TABLE=N for one."));
    }
    gl_autofree char *name = gl_strndup(text, (size_t)(equals - text));
    gl_json_set_int(tables, name, rows);
    return 0;
}

static int read_tables(const struct gl_strv *given, char **ret_json, struct gl_error *err)
{
    gl_autojson json_t *tables = json_object();
    int failed = 0;
    for (size_t i = 0; failed == 0 && given && i < given->count; i++)
        failed = read_one(given->items[i], tables, err);
    if (failed == 0)
        *ret_json = gl_json_canonical(tables);
    return failed;
}

static void add_quoted(struct gl_buf *text, const char *name)
{
    gl_buf_putc(text, '"');
    for (; *name; name++) {
        if (*name == '"')
            gl_buf_putc(text, '"');
        gl_buf_putc(text, *name);
    }
    gl_buf_putc(text, '"');
}

char *gl_table_name(const char *schema, const char *table)
{
    gl_autobuf struct gl_buf text = {0};
    add_quoted(&text, schema);
    gl_buf_putc(&text, '.');
    add_quoted(&text, table);
    return gl_buf_steal(&text);
}

/* A superuser turns triggers off: they are not what is traced, and may send what they should not.
 */
static int prepare(PGconn *conn, struct gl_error *err)
{
    int failed = gl_pq_exec(conn,
                            "set client_min_messages = warning; "
                            "select set_config('session_replication_role', 'replica', false) "
                            "from pg_catalog.pg_roles where rolname = current_user and rolsuper",
                            NULL, NULL, err);
    return failed < 0 ? failed : gl_pq_exec(conn, functions, NULL, NULL, err);
}

/* ---- tables that were named --------------------------------------------------------------------
 */

/* Names as golive_generate() knows them: with and without the schema. */
static const char tables_query[] =
    "select c.relname, n.nspname || '.' || c.relname from pg_catalog.pg_class c "
    "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' "
    "and n.nspname <> 'information_schema' order by 2";

static int no_table(const char *name, const struct gl_strv *names, struct gl_error *err)
{
    const char *nearest = gl_nearest(name, (const char *const *)names->items, names->count);
    gl_fail(err, GL_E_USAGE, _("--rows %s=...: there is no table `%s` before the migrations"), name,
            name);
    if (nearest)
        return gl_error_hint(err, _("Did you mean `%s`?"), nearest);
    return gl_error_hint(err, _("Only tables that are there before the traced migrations get "
                                "rows; names are written as PostgreSQL keeps them: users, or "
                                "audit.entries."));
}

/* A name that is no table's would be passed over, and the wrong number of rows measured. */
static int check_names(const struct gl_strv *given, PGconn *conn, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    gl_autopqresult PGresult *rows = NULL;
    int failed = given && given->count ? gl_pq_query(conn, tables_query, 0, NULL, &rows, err) : 0;
    for (int i = 0; rows && failed == 0 && i < PQntuples(rows); i++) {
        gl_strv_add(&names, gl_pq_text(rows, i, 0));
        gl_strv_add(&names, gl_pq_text(rows, i, 1));
    }
    for (size_t i = 0; failed == 0 && given && i < given->count; i++) {
        const char *equals = strrchr(given->items[i], '=');
        gl_autofree char *name = gl_strndup(given->items[i], (size_t)(equals - given->items[i]));
        failed = gl_strv_has(&names, name) ? 0 : no_table(name, &names, err);
    }
    return failed;
}

/* ---- rows --------------------------------------------------------------------------------------
 */

static int fill(const struct gl_trace_options *options, PGconn *conn, PGresult **ret_rows,
                struct gl_error *err)
{
    gl_autofree char *tables = NULL;
    gl_autofree char *rows = gl_asprintf("%lld", (long long)options->rows);
    int failed = read_tables(options->table_rows, &tables, err);
    const char *values[] = {rows, tables};
    if (failed == 0)
        failed = check_names(options->table_rows, conn, err);
    if (failed == 0)
        failed = prepare(conn, err);
    if (failed == 0)
        failed = gl_pq_query(
            conn,
            "select name, schema_name, table_name, reason from pg_temp.golive_generate($1::bigint, "
            "$2::jsonb)",
            2, values, ret_rows, err);
    return failed;
}

int gl_generate_check(const struct gl_trace_options *options, struct gl_error *err)
{
    gl_autofree char *tables = NULL;
    return read_tables(options->table_rows, &tables, err);
}

int gl_generate(const struct gl_trace_options *options, const char *conninfo,
                struct gl_strv *filled, struct gl_strv *notes, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    gl_autopqresult PGresult *rows = NULL;
    int failed = gl_pq_connect(conninfo, "golive migrate trace (rows)", &conn, err);
    if (failed == 0)
        failed = fill(options, conn, &rows, err);
    if (failed < 0)
        return gl_error_wrap(err, _("rows cannot be generated"));
    for (int i = 0; i < PQntuples(rows); i++) {
        if (PQgetisnull(rows, i, 3))
            gl_strv_take(filled, gl_table_name(gl_pq_text(rows, i, 1), gl_pq_text(rows, i, 2)));
        else
            gl_strv_addf(notes, _("%s stays empty: %s"), gl_pq_text(rows, i, 0),
                         gl_pq_text(rows, i, 3));
    }
    /* How large tables are is what tells a full scan. */
    return gl_pq_exec(conn, "analyze", NULL, NULL, err);
}
