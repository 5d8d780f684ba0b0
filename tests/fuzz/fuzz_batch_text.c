/* Statements that run in batches: what is read can be written again, and is one statement. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/batch_text.h"
#include "migrate/sqltext.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_statements(const char *sql)
{
    gl_autostatement struct gl_sql_statement statement = {0};
    struct gl_sql_scanner scanner = {sql, strlen(sql), 0};
    size_t count = 0;
    while (gl_sql_statement_next(&scanner, &statement))
        count++;
    return count;
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *sql = gl_strndup((const char *)data, size);
    gl_autobatchtext struct gl_batch_text text = {0};
    gl_autoerr struct gl_error err = {0};
    if (gl_batch_text_read(sql, "f.sql", &text, &err) < 0) {
        if (!err.hint || err.line == 0)
            abort();
        return 0;
    }
    gl_autofree char *rewritten = gl_batch_text_sql(&text, "(golive_range)");
    if (!text.table || !text.name || count_statements(rewritten) != 1)
        abort();
    return 0;
}
