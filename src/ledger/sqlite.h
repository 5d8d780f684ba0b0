/* Room-internal: a ledger in SQLite as the copy of another one. */
#ifndef GL_LEDGER_SQLITE_H
#define GL_LEDGER_SQLITE_H

#include "ledger/ledger_ops.h"

/* gl_ledger_open_sqlite() that waits so long at most for another writer, then GL_E_BUSY. */
gl_nodiscard int gl_ledger_sqlite_open(const char *path, int busy_timeout_ms,
                                       struct gl_ledger **ret_ledger, struct gl_error *err);

/* Stores events as they are, in their order, behind those that are there; what is there already is
 * left out. GL_E_CORRUPT if one does not follow the last one (gl_event_check()). `backend` is that
 * of a ledger of gl_ledger_open_sqlite(). */
gl_nodiscard int gl_ledger_sqlite_adopt(void *backend, const struct gl_event *events, size_t count,
                                        struct gl_error *err);

#endif
