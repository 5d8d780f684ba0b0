/* The rows of a statement by hand, shown as they come: none is kept, so that a result may be larger
 * than memory. */
#include "cmd/db_rows.h"

#include <stdlib.h>
#include <string.h>

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

static void print_escaped(unsigned char c, FILE *out)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, its letter */
    for (size_t i = 0; letters[i]; i += 2) {
        if (letters[i] == (char)c) {
            fprintf(out, "\\%c", letters[i + 1]);
            return;
        }
    }
    fprintf(out, "\\u%04x", c);
}

/* Bytes from `at` on that stand in a JSON string as they are. */
static size_t plain_bytes(const char *text, size_t at, size_t len)
{
    size_t end = at;
    while (end < len) {
        unsigned char c = (unsigned char)text[end];
        size_t step = c < 0x80 ? (c >= 0x20 && c != '"' && c != '\\')
                               : gl_utf8_sequence(text + end, len - end);
        if (!step)
            break;
        end += step;
    }
    return end - at;
}

/* jansson would make a tree of each row, which takes five times as long, while the statement's time
 * runs. A database that keeps bytes (SQL_ASCII) may hold what is no UTF-8, and so no JSON. */
static void print_string(const char *text, size_t len, FILE *out)
{
    fputc('"', out);
    for (size_t at = 0; at < len;) {
        size_t plain = plain_bytes(text, at, len);
        fwrite(text + at, 1, plain, out);
        at += plain;
        if (at == len)
            break;
        if ((unsigned char)text[at] < 0x80)
            print_escaped((unsigned char)text[at], out);
        else
            fputs("\xEF\xBF\xBD", out);
        at++;
    }
    fputc('"', out);
}

static void print_json(const struct gl_db_rows *rows, const PGresult *row)
{
    fputs(rows->count ? ",\n    {" : "\n    {", rows->out);
    for (int column = 0; column < PQnfields(row); column++) {
        const char *name = rows->names.items[column];
        fputs(column ? ", " : "", rows->out);
        print_string(name, strlen(name), rows->out);
        fputs(": ", rows->out);
        if (PQgetisnull(row, 0, column))
            fputs("null", rows->out);
        else
            print_string(gl_pq_text(row, 0, column), (size_t)PQgetlength(row, 0, column),
                         rows->out);
    }
    fputc('}', rows->out);
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
