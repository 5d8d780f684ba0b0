/* The tables of a ledger in SQLite, as a list of steps from one version to the next. */
#include "ledger/sqlite_schema.h"

#include <stdint.h>

#include "base/i18n.h"
#include "data/sqlite.h"

/* Step N leads from `pragma user_version` N to N + 1. Never change one that was released: add one.
 *
 * The triggers keep honest hands from harm (sqlite3 on the command line); against dishonest ones
 * stands the hash chain. */
static const char *const steps[] = {
    "create table events ("
    "  seq integer primary key check (seq >= 1),"
    "  time_unix_ms integer not null,"
    "  actor text not null check (actor <> ''),"
    "  kind text not null check (kind <> ''),"
    "  env text not null,"
    "  release integer not null check (release >= 0),"
    "  data text not null check (data glob '{*}'),"
    "  prev text not null check ((prev = '') = (seq = 1) and length(prev) in (0, 64)),"
    "  hash text not null check (length(hash) = 64 and hash not glob '*[^0-9a-f]*')"
    ") strict;"

    "create trigger events_in_order before insert on events "
    "when new.seq is not (select ifnull(max(seq), 0) + 1 from events)"
    "  or new.prev is not ifnull((select hash from events where seq = new.seq - 1), '') "
    "begin select raise(abort, 'an event must follow the last event of the ledger'); end;"

    "create trigger events_no_update before update on events "
    "begin select raise(abort, 'the ledger is append-only: events are never changed'); end;"

    "create trigger events_no_delete before delete on events "
    "begin select raise(abort, 'the ledger is append-only: events are never deleted'); end;"

    "create table leases ("
    "  name text primary key check (name <> ''),"
    "  token text not null check (token <> ''),"
    "  holder text not null,"
    "  host text not null,"
    "  purpose text not null,"
    "  boot_id text not null,"
    "  pid_ns text not null,"
    "  pid integer not null check (pid > 0),"
    "  start_ticks integer not null check (start_ticks >= 0),"
    "  since_unix_ms integer not null,"
    "  ttl_ms integer not null check (ttl_ms > 0),"
    "  expires_boot_ms integer not null,"
    "  expires_unix_ms integer not null"
    ") strict, without rowid;"

    /* "gllg": lets file(1) and us tell a ledger from any other database. */
    "pragma application_id = 1735158887;",
};

enum {
    NEWEST_VERSION = GL_COUNT(steps),
    APPLICATION_ID = 1735158887,
};

static int read_int(sqlite3 *db, const char *sql, int64_t *ret_value, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int result = gl_sqlite_prepare(db, &stmt, err, sql, NULL);
    if (result == 0)
        result = gl_sqlite_step(stmt, err);
    if (result <= 0)
        return result;
    *ret_value = sqlite3_column_int64(stmt, 0);
    return 0;
}

static int not_a_ledger(const char *path, struct gl_error *err)
{
    gl_fail(err, GL_E_CORRUPT, _("%s is a SQLite database but not a ledger of golive"), path);
    return gl_error_hint(err, _("Move that file away and run the command again; if it should be "
                                "the ledger, restore it from a backup."));
}

static int check_version(const char *path, int64_t version, struct gl_error *err)
{
    if (version <= NEWEST_VERSION)
        return version < 0 ? not_a_ledger(path, err) : 0;
    gl_fail(err, GL_E_CONFIG, _("%s has ledger version %lld; this golive knows versions up to %d"),
            path, (long long)version, (int)NEWEST_VERSION);
    return gl_error_hint(err, _("A newer golive wrote it: use that version or a newer one."));
}

/* A version above 0 needs our mark and tables; version 0 must be an empty file. */
static int check_identity(sqlite3 *db, const char *path, int64_t version, struct gl_error *err)
{
    int64_t application_id = 0;
    int64_t tables = 0;
    static const char count[] = "select count(*) from sqlite_schema where ?1 = 0 or (type = 'table'"
                                " and name in ('events', 'leases') and sql like 'create table%')";
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int result = read_int(db, "pragma application_id", &application_id, err);
    if (result == 0)
        result = gl_sqlite_prepare(db, &stmt, err, count, "i", version);
    if (result == 0)
        result = gl_sqlite_step(stmt, err);
    if (result < 0)
        return result;
    tables = sqlite3_column_int64(stmt, 0);
    if (tables != (version ? 2 : 0) || application_id != (version ? APPLICATION_ID : 0))
        return not_a_ledger(path, err);
    return 0;
}

/* 1 if the file is as this golive wants it, 0 if steps are to be made. */
static int is_current(sqlite3 *db, const char *path, int64_t *ret_version, struct gl_error *err)
{
    int64_t version = 0;
    int result = read_int(db, "pragma user_version", &version, err);
    if (result == 0)
        result = check_version(path, version, err);
    if (result == 0)
        result = check_identity(db, path, version, err);
    if (result < 0)
        return result;
    *ret_version = version;
    return version == NEWEST_VERSION;
}

static int make_steps(sqlite3 *db, int64_t version, struct gl_error *err)
{
    int result = 0;
    for (; result == 0 && version < NEWEST_VERSION; version++)
        result = gl_sqlite_exec(db, steps[version], err);
    if (result < 0)
        return result;
    gl_autofree char *mark = gl_asprintf("pragma user_version = %d", (int)NEWEST_VERSION);
    return gl_sqlite_exec(db, mark, err);
}

int gl_ledger_schema_prepare(sqlite3 *db, const char *path, struct gl_error *err)
{
    int64_t version = 0;
    int result = read_int(db, "pragma user_version", &version, err);
    if (result == 0 && version == NEWEST_VERSION)
        return check_identity(db, path, version, err);
    /* Another process may be making it right now: judge it only as the only writer. */
    if (result == 0)
        result = gl_sqlite_exec(db, "begin immediate", err);
    if (result < 0)
        return result;
    result = is_current(db, path, &version, err);
    if (result == 0)
        result = make_steps(db, version, err);
    if (result >= 0)
        result = gl_sqlite_exec(db, "commit", err);
    if (result < 0 && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "rollback", NULL, NULL, NULL);
    return result;
}
