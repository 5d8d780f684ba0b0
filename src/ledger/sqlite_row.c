/* Columns as golive writes them. */
#include "ledger/sqlite_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

int gl_row_text(sqlite3_stmt *stmt, int column, char **ret_text, struct gl_error *err)
{
    const char *text = NULL;
    if (sqlite3_column_type(stmt, column) == SQLITE_TEXT)
        text = (const char *)sqlite3_column_text(stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    gl_autojson json_t *valid = text ? json_stringn(text, len) : NULL;
    if (!text || !valid || strlen(text) != len)
        return gl_fail(err, GL_E_CORRUPT, _("column %s is no plain text"),
                       sqlite3_column_name(stmt, column));
    free(*ret_text);
    *ret_text = gl_strndup(text, len);
    return 0;
}

int gl_row_int(sqlite3_stmt *stmt, int column, int64_t *ret_value, struct gl_error *err)
{
    if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER)
        return gl_fail(err, GL_E_CORRUPT, _("column %s is no integer"),
                       sqlite3_column_name(stmt, column));
    *ret_value = sqlite3_column_int64(stmt, column);
    return 0;
}
