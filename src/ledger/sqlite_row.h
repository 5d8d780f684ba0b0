/* Room-internal: columns of the ledger's tables, taken only as golive writes them. */
#ifndef GL_LEDGER_SQLITE_ROW_H
#define GL_LEDGER_SQLITE_ROW_H

#include "data/sqlite.h"

/* A text: no other type, no bytes behind a NUL, valid UTF-8. Anything else could show one thing to
 * a reader and another to the hash. *ret_text is freed and replaced; the caller owns it.
 * GL_E_CORRUPT. */
gl_nodiscard int gl_row_text(sqlite3_stmt *stmt, int column, char **ret_text, struct gl_error *err);

/* An integer, and no other type. GL_E_CORRUPT. */
gl_nodiscard int gl_row_int(sqlite3_stmt *stmt, int column, int64_t *ret_value,
                            struct gl_error *err);

#endif
