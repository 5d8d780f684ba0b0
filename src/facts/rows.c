/* Writing rows of facts. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strv.h"
#include "data/sqlite.h"
#include "facts/internal.h"

static int column_count(sqlite3 *db, const char *table)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    gl_autofree char *sql = gl_asprintf("select * from %s", table);
    return sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK ? sqlite3_column_count(stmt)
                                                                     : 0;
}

static void open_rows(sqlite3 *db, const char *table, const char *clause, struct gl_rows *ret_rows,
                      struct gl_error *err)
{
    *ret_rows = (struct gl_rows){.db = db, .err = err};
    gl_autobuf struct gl_buf sql = {0};
    gl_buf_printf(&sql, "insert into %s values (?", table);
    for (int i = 1; i < column_count(db, table); i++)
        gl_buf_puts(&sql, ",?");
    gl_buf_printf(&sql, ")%s", clause);
    ret_rows->failed = gl_sqlite_prepare(db, &ret_rows->stmt, err, gl_buf_text(&sql), "");
}

void gl_rows_open(sqlite3 *db, const char *table, struct gl_rows *ret_rows, struct gl_error *err)
{
    open_rows(db, table, "", ret_rows, err);
}

void gl_rows_open_once(sqlite3 *db, const char *table, struct gl_rows *ret_rows,
                       struct gl_error *err)
{
    open_rows(db, table, " on conflict do nothing", ret_rows, err);
}

static bool ready(struct gl_rows *rows)
{
    rows->column++;
    return rows->failed == 0;
}

void gl_rows_text(struct gl_rows *rows, const char *text)
{
    if (ready(rows))
        sqlite3_bind_text(rows->stmt, rows->column, text, -1, SQLITE_STATIC);
}

void gl_rows_int(struct gl_rows *rows, int64_t value)
{
    if (ready(rows))
        sqlite3_bind_int64(rows->stmt, rows->column, value);
}

void gl_rows_real(struct gl_rows *rows, double value)
{
    if (ready(rows))
        sqlite3_bind_double(rows->stmt, rows->column, value);
}

void gl_rows_null(struct gl_rows *rows)
{
    if (ready(rows))
        sqlite3_bind_null(rows->stmt, rows->column);
}

void gl_rows_line(struct gl_rows *rows, unsigned line)
{
    if (line)
        gl_rows_int(rows, line);
    else
        gl_rows_null(rows);
}

void gl_rows_add(struct gl_rows *rows)
{
    rows->column = 0;
    if (rows->failed < 0)
        return;
    int step = gl_sqlite_step(rows->stmt, rows->err);
    if (step < 0)
        rows->failed = step;
    sqlite3_reset(rows->stmt);
    sqlite3_clear_bindings(rows->stmt);
}

int gl_rows_done(struct gl_rows *rows)
{
    sqlite3_finalize(rows->stmt);
    rows->stmt = NULL;
    return rows->failed;
}

/* ---- paths -------------------------------------------------------------------------------------
 */

/* "Tags[0].Key" to "Tags[].Key": digits in brackets go. */
static char *shape_of(const char *path)
{
    char *shape = gl_strdup(path);
    char *to = shape;
    for (const char *at = path; *at;) {
        *to++ = *at;
        at += *at == '[' ? 1 + strspn(at + 1, "0123456789") : 1;
    }
    *to = '\0';
    return shape;
}

/* The last name of a path without its index: "Action" of "Statement[0].Action[1]". */
static char *name_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    const char *begin = dot ? dot + 1 : path;
    return gl_strndup(begin, strcspn(begin, "["));
}

void gl_path_split(const char *path, struct gl_path_parts *ret_parts)
{
    const char *dot = strrchr(path, '.');
    const char *bracket = strrchr(path, '[');
    const char *end = bracket > dot ? bracket : dot;
    *ret_parts = (struct gl_path_parts){
        .shape = shape_of(path),
        .parent = end ? gl_strndup(path, (size_t)(end - path)) : gl_strdup(""),
        .name = name_of(path),
    };
}

void gl_path_parts_done(struct gl_path_parts *parts)
{
    free(parts->shape);
    free(parts->parent);
    free(parts->name);
    *parts = (struct gl_path_parts){0};
}
