/* What an INSERT leaves out. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/conn.h"
#include "migrate/sqltext.h"
#include "prove/shape.h"

/* schema.table as to_regclass() reads it; *index moves behind it. The caller owns it. */
static char *read_table(const struct gl_sql_statement *statement, size_t *index)
{
    gl_autobuf struct gl_buf name = {0};
    while (*index < statement->count && gl_sql_is_name(&statement->tokens[*index])) {
        gl_buf_add(&name, statement->tokens[*index].text, statement->tokens[*index].len);
        if (++*index >= statement->count || *statement->tokens[*index].text != '.')
            break;
        gl_buf_putc(&name, '.');
        ++*index;
    }
    return gl_buf_steal(&name);
}

/* INSERT INTO table [AS alias] (a, b): false without a list of columns, when all are given. */
static bool read_columns(const struct gl_sql_statement *statement, size_t index,
                         struct gl_strv *columns)
{
    if (gl_sql_match(statement, index, "AS"))
        index += 2;
    if (index >= statement->count || *statement->tokens[index].text != '(')
        return false;
    bool begins = true;
    for (index++; index < statement->count && *statement->tokens[index].text != ')'; index++) {
        if (begins && gl_sql_is_name(&statement->tokens[index]))
            gl_strv_take(columns, gl_sql_identifier(&statement->tokens[index]));
        begins = *statement->tokens[index].text == ',';
    }
    return !gl_strv_has(columns, "select"); /* INSERT INTO table (SELECT ...) */
}

static int ask_missing(PGconn *conn, const char *table, const struct gl_strv *given,
                       struct gl_strv *missing, struct gl_error *err)
{
    static const char ask[] =
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped "
        "AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' "
        "ORDER BY a.attnum";
    gl_autopqresult PGresult *result = NULL;
    const char *values[] = {table};
    int failed = gl_pq_query(conn, ask, 1, values, &result, err);
    for (int i = 0; failed == 0 && i < PQntuples(result); i++) {
        if (!gl_strv_has(given, gl_pq_text(result, i, 1)))
            gl_strv_addf(missing, "%s.%s", gl_pq_text(result, i, 0), gl_pq_text(result, i, 1));
    }
    return failed;
}

int gl_insert_missing(PGconn *conn, const char *sql, struct gl_strv *ret_columns,
                      struct gl_error *err)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    gl_autostrv struct gl_strv missing = {0};
    struct gl_sql_scanner scanner = {.text = sql, .len = strlen(sql)};
    while (gl_sql_statement_next(&scanner, &statement)) {
        for (size_t i = 0; i < statement.count; i++) {
            gl_autostrv struct gl_strv given = {0};
            size_t next = i + 2;
            if (!gl_sql_match(&statement, i, "INSERT INTO"))
                continue;
            gl_autofree char *table = read_table(&statement, &next);
            if (!read_columns(&statement, next, &given))
                continue;
            int failed = ask_missing(conn, table, &given, &missing, err);
            if (failed < 0)
                return failed;
        }
    }
    *ret_columns = missing;
    missing = (struct gl_strv){0};
    return 0;
}
