/* Room-internal: the tables of a ledger in SQLite. */
#ifndef GL_LEDGER_SQLITE_SCHEMA_H
#define GL_LEDGER_SQLITE_SCHEMA_H

#include <sqlite3.h>

#include "base/error.h"

/* Makes the tables in a new file, brings an older file up to date, and refuses one that a newer
 * golive wrote (GL_E_CONFIG) or that is no ledger at all (GL_E_CORRUPT). */
gl_nodiscard int gl_ledger_schema_prepare(sqlite3 *db, const char *path, struct gl_error *err);

#endif
