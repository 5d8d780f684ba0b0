/* The rows of a statement by hand, shown as they come: none is kept, so that a result may be larger
 * than memory. */
#include "cmd/db_rows.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

void gl_db_rows_done(struct gl_db_rows *rows)
{
    gl_strv_done(&rows->names);
    *rows = (struct gl_db_rows){0};
}

/* ---- as a table ---- */

static void print_names(const PGresult *result, FILE *out)
{
    int columns = PQnfields(result);
    for (int column = 0; column < columns; column++)
        fprintf(out, "%s%s", PQfname(result, column), column + 1 < columns ? "\t" : "\n");
}

static void print_row(const PGresult *row, FILE *out)
{
    int columns = PQnfields(row);
    for (int column = 0; column < columns; column++)
        fprintf(out, "%s%s", gl_pq_text(row, 0, column), column + 1 < columns ? "\t" : "\n");
}

/* ---- as JSON ---- */

/* An object keeps one value of a name: the second column "id" is "id (2)". */
static void add_name(struct gl_strv *names, const char *column)
{
    char *name = gl_strdup(column);
    for (int i = 2; gl_strv_has(names, name); i++) {
        free(name);
        name = gl_asprintf("%s (%d)", column, i);
    }
    gl_strv_take(names, name);
}

/* A database that keeps bytes (SQL_ASCII) may hold what is no UTF-8, and so no JSON. */
static json_t *text_json(const char *text, size_t len)
{
    gl_autobuf struct gl_buf valid = {0};
    json_t *json = json_stringn(text, len);
    for (size_t at = 0; !json && at < len;) {
        size_t step = gl_utf8_sequence(text + at, len - at);
        if (step)
            gl_buf_add(&valid, text + at, step);
        else
            gl_buf_puts(&valid, "\xEF\xBF\xBD");
        at += step ? step : 1;
    }
    return json ? json : json_stringn(gl_buf_text(&valid), valid.len);
}

static void print_json(const struct gl_db_rows *rows, const PGresult *row)
{
    gl_autojson json_t *object = json_object();
    for (int column = 0; column < PQnfields(row); column++) {
        const char *name = rows->names.items[column];
        json_t *value =
            PQgetisnull(row, 0, column)
                ? json_null()
                : text_json(gl_pq_text(row, 0, column), (size_t)PQgetlength(row, 0, column));
        json_object_set_new(object, name, value);
    }
    fputs(rows->count ? ",\n    " : "\n    ", rows->out);
    (void)json_dumpf(object, rows->out, 0);
}

/* ---- all of it ---- */

static void begin(struct gl_db_rows *rows, const PGresult *columns)
{
    if (rows->begun)
        return;
    rows->begun = true;
    if (!rows->json) {
        print_names(columns, rows->out);
        return;
    }
    for (int column = 0; column < PQnfields(columns); column++)
        add_name(&rows->names, PQfname(columns, column));
    fputs("{\n  \"rows\": [", rows->out);
}

void gl_db_rows_show(const PGresult *row, void *context)
{
    struct gl_db_rows *rows = context;
    begin(rows, row);
    if (rows->json)
        print_json(rows, row);
    else
        print_row(row, rows->out);
    rows->count++;
}

void gl_db_rows_end(struct gl_db_rows *rows, const PGresult *end, const char *sql_sha256,
                    int64_t changed)
{
    if (!end && !rows->begun)
        return; /* nothing of it was shown */
    if (end)
        begin(rows, end);
    if (!rows->json)
        return;
    fprintf(rows->out,
            "%s],\n  \"count\": %lld,\n  \"complete\": %s,\n  \"sql_sha256\": \"%s\"\n}\n",
            rows->count ? "\n  " : "", (long long)changed, end ? "true" : "false", sql_sha256);
}
