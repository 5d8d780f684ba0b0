/* Headers of migration files. */
#include <stdint.h>
#include <stdlib.h>

#include "migrate/header.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *sql = gl_strndup((const char *)data, size);
    gl_automigrationheader struct gl_migration_header header = {0};
    gl_autoerr struct gl_error err = {0};
    int failed = gl_migration_header_read(sql, "m.sql", &header, &err);
    if (failed < 0 ? !err.message || err.line == 0 : header.expands < 0)
        abort();
    return 0;
}
