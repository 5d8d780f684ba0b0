/* The ledger in one SQLite file: every change is one immediate transaction with synchronous=FULL,
 * so a process may be killed at any instant. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "data/sqlite.h"
#include "ledger/event.h"
#include "ledger/ledger_ops.h"
#include "ledger/sqlite.h"
#include "ledger/sqlite_lease.h"
#include "ledger/sqlite_row.h"
#include "ledger/sqlite_schema.h"

enum { BUSY_TIMEOUT_MS = 20000 }; /* many writers may queue on a slow disk */

struct store {
    sqlite3 *db;
    char *path;
    pthread_mutex_t lock; /* a transaction belongs to the connection, not to a thread */
};

static void store_free(void *backend)
{
    struct store *store = backend;
    gl_sqlite_close(&store->db);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

static void unlock_store(struct store **store)
{
    pthread_mutex_unlock(&(*store)->lock);
}

static struct store *lock_store(void *backend)
{
    struct store *store = backend;
    pthread_mutex_lock(&store->lock);
    return store;
}

#define gl_autolock gl_cleanup(unlock_store)

/* ---- rows ------------------------------------------------------------------------------------ */

/* Data must stand in its canonical form: a text that only parses alike was edited by hand. */
static int take_data(sqlite3_stmt *stmt, int column, json_t **ret_data, struct gl_error *err)
{
    gl_autofree char *text = NULL;
    gl_autojson json_t *data = NULL;
    int result = gl_row_text(stmt, column, &text, err);
    if (result == 0 && text)
        result = gl_json_parse(text, strlen(text), _("its data"), &data, err);
    if (result < 0)
        return result;
    gl_autofree char *canonical = gl_json_canonical(data);
    if (!json_is_object(data) || !text || strcmp(canonical, text) != 0)
        return gl_fail(err, GL_E_CORRUPT, _("its data is not as golive writes it"));
    *ret_data = gl_steal(&data);
    return 0;
}

static int take_event(sqlite3_stmt *stmt, struct gl_event *event, struct gl_error *err)
{
    char **const texts[] = {&event->actor, &event->kind, &event->env, &event->prev, &event->hash};
    int64_t *const numbers[] = {&event->seq, &event->time_unix_ms, &event->release};
    int column = 0;
    int result = 0;
    for (size_t i = 0; result == 0 && i < GL_COUNT(numbers); i++)
        result = gl_row_int(stmt, column++, numbers[i], err);
    for (size_t i = 0; result == 0 && i < GL_COUNT(texts); i++)
        result = gl_row_text(stmt, column++, texts[i], err);
    if (result == 0)
        result = take_data(stmt, column, &event->data, err);
    if (result < 0) {
        long long seq = sqlite3_column_int64(stmt, 0);
        gl_error_at(err, NULL, 0, 0);
        gl_error_wrap(err, _("event %lld was changed"), seq);
    }
    return result;
}

/* ---- events ---------------------------------------------------------------------------------- */

static int store_head(void *backend, int64_t *ret_seq, struct gl_error *err)
{
    gl_autolock struct store *store = lock_store(backend);
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int result =
        gl_sqlite_prepare(store->db, &stmt, err, "select ifnull(max(seq), 0) from events", NULL);
    if (result == 0)
        result = gl_sqlite_step(stmt, err);
    if (result < 0)
        return result;
    *ret_seq = sqlite3_column_int64(stmt, 0);
    return 0;
}

static int store_read(void *backend, int64_t first, size_t limit, struct gl_event *ret_events,
                      size_t *ret_count, struct gl_error *err)
{
    static const char sql[] = "select seq, time_unix_ms, release, actor, kind, env, prev, hash, "
                              "data from events where seq >= ?1 order by seq limit ?2";
    gl_autolock struct store *store = lock_store(backend);
    gl_autostmt sqlite3_stmt *stmt = NULL;
    size_t count = 0;
    int result = gl_sqlite_prepare(store->db, &stmt, err, sql, "ii", first, (int64_t)limit);
    while (result >= 0 && count < limit && (result = gl_sqlite_step(stmt, err)) > 0) {
        ret_events[count] = (struct gl_event){0};
        result = take_event(stmt, &ret_events[count], err);
        count++;
    }
    if (result >= 0) {
        *ret_count = count;
        return 0;
    }
    while (count)
        gl_event_done(&ret_events[--count]);
    return result;
}

/* Sets seq and prev after the last event of the table. */
static int follow_head(sqlite3 *db, struct gl_event *event, struct gl_error *err)
{
    static const char sql[] = "select seq, hash from events order by seq desc limit 1";
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int64_t seq = 0;
    gl_autofree char *hash = gl_strdup("");
    int result = gl_sqlite_prepare(db, &stmt, err, sql, NULL);
    if (result == 0)
        result = gl_sqlite_step(stmt, err);
    if (result > 0)
        result = gl_row_int(stmt, 0, &seq, err);
    if (result == 0 && seq)
        result = gl_row_text(stmt, 1, &hash, err);
    if (result < 0)
        return result;
    event->seq = seq + 1;
    free(event->prev);
    event->prev = gl_steal(&hash);
    return 0;
}

static int insert_event(sqlite3 *db, const struct gl_event *event, struct gl_error *err)
{
    static const char sql[] = "insert into events (seq, time_unix_ms, release, actor, kind, env, "
                              "prev, hash, data) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    gl_autofree char *data = gl_json_canonical(event->data);
    return gl_sqlite_run(db, err, sql, "iiitttttt", event->seq, event->time_unix_ms, event->release,
                         event->actor, event->kind, event->env, event->prev, event->hash, data);
}

/* Keeps what was done since `begin`, or nothing of it. */
static int end_transaction(sqlite3 *db, int result, struct gl_error *err)
{
    if (result == 0)
        result = gl_sqlite_exec(db, "commit", err);
    /* A full disk may have rolled back by itself. */
    if (result < 0 && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "rollback", NULL, NULL, NULL);
    return result;
}

static int store_append(void *backend, struct gl_event *event, struct gl_error *err)
{
    gl_autolock struct store *store = lock_store(backend);
    int result = gl_sqlite_exec(store->db, "begin immediate", err);
    if (result < 0)
        return result;
    result = follow_head(store->db, event, err);
    if (result == 0) {
        gl_event_seal(event);
        result = insert_event(store->db, event, err);
    }
    return end_transaction(store->db, result, err);
}

int gl_ledger_sqlite_adopt(void *backend, const struct gl_event *events, size_t count,
                           struct gl_error *err)
{
    gl_autolock struct store *store = lock_store(backend);
    gl_autoevent struct gl_event next = {0};
    int result = gl_sqlite_exec(store->db, "begin immediate", err);
    if (result < 0)
        return result;
    result = follow_head(store->db, &next, err);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (events[i].seq < next.seq)
            continue;
        result = gl_event_check(&events[i], next.seq - 1, next.prev, err);
        if (result == 0)
            result = insert_event(store->db, &events[i], err);
        free(next.prev);
        next.prev = gl_strdup(events[i].hash);
        next.seq++;
    }
    return end_transaction(store->db, result, err);
}

/* ---- leases ---------------------------------------------------------------------------------- */

static int store_lease_get(void *backend, const char *name, struct gl_lease_record *ret_record,
                           struct gl_error *err)
{
    gl_autolock struct store *store = lock_store(backend);
    int found = gl_sqlite_lease_get(store->db, name, ret_record, err);
    return found == GL_E_CORRUPT ? gl_error_wrap(err, _("%s: the lease on %s"), store->path, name)
                                 : found;
}

/* Both statements compare and change in one step, so no transaction is needed around them. */
static int store_lease_swap(void *backend, const char *name, const struct gl_lease_record *old,
                            const struct gl_lease_record *record, struct gl_error *err)
{
    gl_autolock struct store *store = lock_store(backend);
    int result =
        record ? gl_sqlite_lease_put(store->db, name, old, record, err)
               : gl_sqlite_run(store->db, err, "delete from leases where name = ?1 and token = ?2",
                               "tt", name, old ? old->token : NULL);
    return result < 0 ? result : sqlite3_changes(store->db) > 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static const struct gl_ledger_ops sqlite_ops = {
    .head = store_head,
    .append = store_append,
    .read = store_read,
    .lease_get = store_lease_get,
    .lease_swap = store_lease_swap,
    .free = store_free,
    .changed_hint = N_("Somebody or a broken disk changed the ledger. Keep a copy of the file, "
                       "restore it from a backup, and compare the two."),
    .cut_hint = N_("Compare with a backup of .golive/ledger.db from the time when that hash was "
                   "noted."),
};

int gl_ledger_open_sqlite(const char *path, struct gl_ledger **ret_ledger, struct gl_error *err)
{
    return gl_ledger_sqlite_open(path, BUSY_TIMEOUT_MS, ret_ledger, err);
}

int gl_ledger_sqlite_open(const char *path, int busy_timeout_ms, struct gl_ledger **ret_ledger,
                          struct gl_error *err)
{
    gl_autofree char *dir = gl_path_dir(path);
    gl_autosqlite sqlite3 *db = NULL;
    int result = gl_mkdir_p(dir, 0755, err);
    if (result == 0)
        result = gl_sqlite_open(path, &db, err);
    if (result < 0) {
        gl_error_wrap(err, _("cannot open the ledger"));
        return result;
    }
    sqlite3_busy_timeout(db, busy_timeout_ms);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    result = gl_ledger_schema_prepare(db, path, err);
    if (result < 0) {
        gl_error_wrap(err, _("cannot open the ledger"));
        return result;
    }
    struct store *store = gl_alloc(sizeof *store);
    store->db = gl_steal(&db);
    store->path = gl_strdup(path);
    pthread_mutex_init(&store->lock, NULL);
    *ret_ledger = gl_ledger_new(&sqlite_ops, store);
    return 0;
}
