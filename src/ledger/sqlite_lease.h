/* Room-internal: leases as rows, made of the fields of gl_lease_texts and gl_lease_numbers. */
#ifndef GL_LEDGER_SQLITE_LEASE_H
#define GL_LEDGER_SQLITE_LEASE_H

#include "data/sqlite.h"
#include "ledger/ledger_ops.h"

/* 1 = found (the caller owns the record's content), 0 = there is none. GL_E_CORRUPT for a row that
 * golive did not write. */
gl_nodiscard int gl_sqlite_lease_get(sqlite3 *db, const char *name,
                                     struct gl_lease_record *ret_record, struct gl_error *err);

/* Replaces as lease_swap of struct gl_ledger_ops does, in one statement; sqlite3_changes() says
 * whether it was done. */
gl_nodiscard int gl_sqlite_lease_put(sqlite3 *db, const char *name,
                                     const struct gl_lease_record *old,
                                     const struct gl_lease_record *record, struct gl_error *err);

#endif
