/* SQLite with ownership attributes and errors that name the database and the statement. */
#ifndef GL_DATA_SQLITE_H
#define GL_DATA_SQLITE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

/* Once, before any database is opened and any thread begins; without it only speed is lost. SQLite
 * then keeps no statistics of memory, for which every allocation would take a lock, and takes its
 * memory from sqlite_memory.c. */
void gl_sqlite_init(void);

void gl_sqlite_close(sqlite3 **db);
void gl_sqlite_finalize(sqlite3_stmt **stmt);
#define gl_autosqlite gl_cleanup(gl_sqlite_close)
#define gl_autostmt   gl_cleanup(gl_sqlite_finalize)

/* Opens or makes a database file (or ":memory:"): WAL, synchronous=FULL, foreign keys on, waits up
 * to 5 s for another writer, refuses double-quoted strings. A file that is no database is
 * GL_E_CORRUPT. */
gl_nodiscard int gl_sqlite_open(const char *path, sqlite3 **ret_db, struct gl_error *err);

/* Runs statements that return nothing. */
gl_nodiscard int gl_sqlite_exec(sqlite3 *db, const char *sql, struct gl_error *err);

/* Prepares one statement and binds `binds` in order: 't' const char * (NULL = null), 'i' int64_t,
 * 'd' double. Example: gl_sqlite_prepare(db, &stmt, err, "select ?1, ?2", "ti", "a", (int64_t)1).
 */
gl_nodiscard int gl_sqlite_prepare(sqlite3 *db, sqlite3_stmt **ret_stmt, struct gl_error *err,
                                   const char *sql, const char *binds, ...);

/* 1 = a row is ready, 0 = no more rows, negative = error. */
gl_nodiscard int gl_sqlite_step(sqlite3_stmt *stmt, struct gl_error *err);

/* Prepares, binds, runs to the end, ignores rows. */
gl_nodiscard int gl_sqlite_run(sqlite3 *db, struct gl_error *err, const char *sql,
                               const char *binds, ...);

/* Fills `err` from the connection's last error; returns GL_E_BUSY, GL_E_CORRUPT or GL_E_DATABASE.
 */
int gl_sqlite_fail(sqlite3 *db, struct gl_error *err, const char *what);

/* Column as text, "" for null; belongs to the statement until the next step. */
const char *gl_sqlite_text(sqlite3_stmt *stmt, int column);

#endif
