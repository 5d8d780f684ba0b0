/* SQLite with ownership attributes and errors that name the database and the statement. */
#include "data/sqlite.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "data/sqlite_memory.h"

enum { STATEMENT_SHOWN = 60 }; /* bytes of SQL in a message: enough to recognise it */

/* Sanitizers watch malloc(). */
#if defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define GL_SANITIZED 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define GL_SANITIZED 1
#endif
#ifndef GL_SANITIZED
#    define GL_SANITIZED 0
#endif

void gl_sqlite_init(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (!GL_SANITIZED)
        gl_sqlite_memory();
}

void gl_sqlite_close(sqlite3 **db)
{
    sqlite3_close_v2(*db);
}

void gl_sqlite_finalize(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

static int code_for(int sqlite_code)
{
    switch (sqlite_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return GL_E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return GL_E_CORRUPT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return GL_E_IO;
    default:
        return GL_E_DATABASE;
    }
}

int gl_sqlite_fail(sqlite3 *db, struct gl_error *err, const char *what)
{
    int code = code_for(sqlite3_errcode(db));
    const char *path = sqlite3_db_filename(db, "main");
    const char *more = strlen(what) > STATEMENT_SHOWN ? ".." : "";
    gl_fail(err, code, "%s: %.*s%s: %s", path && *path ? path : "SQLite", STATEMENT_SHOWN, what,
            more, sqlite3_errmsg(db));
    if ((sqlite3_errcode(db) & 0xff) == SQLITE_FULL)
        gl_error_hint(err, _("The disk is full: free some space and run the command again; nothing "
                             "was lost."));
    return code;
}

int gl_sqlite_exec(sqlite3 *db, const char *sql, struct gl_error *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return gl_sqlite_fail(db, err, sql);
    return 0;
}

static int open_once(const char *path, sqlite3 **ret_db, struct gl_error *err)
{
    static const char setup[] = "pragma journal_mode=wal; pragma synchronous=full;"
                                "pragma foreign_keys=on;";
    gl_autosqlite sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
        return gl_fail(err, code_for(sqlite3_errcode(db)), _("cannot open %s: %s"), path,
                       sqlite3_errmsg(db));
    /* The last one to close would remove the log that another is just opening. */
    int keep_log = 1;
    (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int failed = gl_sqlite_exec(db, setup, err);
    if (failed < 0)
        return failed;
    *ret_db = gl_steal(&db);
    return 0;
}

/* Two that make the same database at once can meet while it becomes a WAL database; SQLite's own
 * waiting does not cover that moment. */
int gl_sqlite_open(const char *path, sqlite3 **ret_db, struct gl_error *err)
{
    enum { TRIES = 40, PAUSE_MS = 25 };

    int failed = open_once(path, ret_db, err);
    for (int i = 1; i < TRIES && (failed == GL_E_BUSY || failed == GL_E_IO); i++) {
        if (failed == GL_E_IO && !gl_path_exists(path))
            break;
        gl_sleep_ms(PAUSE_MS);
        failed = open_once(path, ret_db, err);
    }
    if (failed == 0)
        gl_error_done(err);
    return failed;
}

/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): the analyzer does not follow a va_list that is
 * handed on; the callers started it. */
static int bind_all(sqlite3_stmt *stmt, const char *binds, va_list args)
{
    int result = SQLITE_OK;
    for (int i = 1; result == SQLITE_OK && binds && *binds; i++, binds++) {
        if (*binds == 't')
            result = sqlite3_bind_text(stmt, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        else if (*binds == 'i')
            result = sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
        else
            result = sqlite3_bind_double(stmt, i, va_arg(args, double));
    }
    return result;
}

/* NOLINTEND(clang-analyzer-valist.Uninitialized) */

static int prepare(sqlite3 *db, sqlite3_stmt **ret_stmt, struct gl_error *err, const char *sql,
                   const char *binds, va_list args)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        bind_all(stmt, binds, args) != SQLITE_OK)
        return gl_sqlite_fail(db, err, sql);
    *ret_stmt = gl_steal(&stmt);
    return 0;
}

int gl_sqlite_prepare(sqlite3 *db, sqlite3_stmt **ret_stmt, struct gl_error *err, const char *sql,
                      const char *binds, ...)
{
    va_list args;
    va_start(args, binds);
    int result = prepare(db, ret_stmt, err, sql, binds, args);
    va_end(args);
    return result;
}

int gl_sqlite_step(sqlite3_stmt *stmt, struct gl_error *err)
{
    switch (sqlite3_step(stmt)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return gl_sqlite_fail(sqlite3_db_handle(stmt), err, sqlite3_sql(stmt));
    }
}

int gl_sqlite_run(sqlite3 *db, struct gl_error *err, const char *sql, const char *binds, ...)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    va_list args;
    va_start(args, binds);
    int result = prepare(db, &stmt, err, sql, binds, args);
    va_end(args);
    while (result >= 0) {
        result = gl_sqlite_step(stmt, err);
        if (result == 0)
            break;
    }
    return result;
}

const char *gl_sqlite_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}
