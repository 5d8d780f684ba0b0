/* SQL text: tokens cover the text, statements end, and every question about them is answered. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/phase.h"
#include "migrate/sqltext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void scan(const char *sql, size_t len)
{
    struct gl_sql_scanner scanner = {sql, len, 0};
    size_t last = 0;
    for (;;) {
        struct gl_sql_token token = gl_sql_next(&scanner);
        if (token.kind == GL_SQL_END)
            return;
        if (scanner.pos <= last || scanner.pos > len || token.len == 0)
            abort();
        last = scanner.pos;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scan((const char *)data, size);
    gl_autofree char *sql = gl_strndup((const char *)data, size);
    gl_autofree char *path = gl_strdup("f.sql");
    gl_autoerr struct gl_error err = {0};
    gl_autoindexbuild struct gl_index_build build = {0};
    struct gl_migration migration = {.sql = sql, .path = path, .no_transaction = size % 2};
    if (gl_phase_read(sql, path, &migration.phase, &migration.phase_declared, &err) < 0 &&
        err.line == 0)
        abort();
    (void)gl_index_build_read(sql, &build);
    (void)gl_phase_repeatable(sql);
    if (gl_phase_check(&migration, &err) < 0 && !err.hint)
        abort();
    if (gl_sql_offset(sql, size) > strlen(sql))
        abort();
    return 0;
}
