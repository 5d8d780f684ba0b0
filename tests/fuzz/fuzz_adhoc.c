/* Statements by hand: what goes into the ledger has no literal of the statement. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/adhoc.h"
#include "migrate/sqltext.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *sql = gl_strndup((const char *)data, size);
    gl_autofree char *masked = gl_adhoc_mask(sql);
    gl_autoerr struct gl_error err = {0};
    struct gl_sql_scanner scanner = {masked, strlen(masked), 0};
    struct gl_sql_token token;
    while ((token = gl_sql_next(&scanner)).kind != GL_SQL_END) {
        if (token.kind == GL_SQL_STRING || token.kind == GL_SQL_COMMENT)
            abort();
    }
    if (gl_adhoc_check(sql, &err) < 0 && (!err.message || !err.hint))
        abort();
    return 0;
}
