/* Relations and locks at one moment, from the system catalogs. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trace/internal.h"

/* %s: which counts. PostgreSQL gives user objects numbers from 16384 on (FirstNormalObjectId). */
#define RELATIONS                                                                                  \
    "select c.oid, coalesce(i.indrelid, 0), coalesce(pg_relation_filenode(c.oid), 0), c.relkind, " \
    "case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname, c.reltuples, "   \
    "pg_stat_get_%snumscans(c.oid), pg_stat_get_%stuples_returned(c.oid), "                        \
    "pg_stat_get_%stuples_updated(c.oid) + pg_stat_get_%stuples_deleted(c.oid) "                   \
    "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "         \
    "left join pg_catalog.pg_index i on i.indexrelid = c.oid "                                     \
    "where c.oid >= 16384 and c.relpersistence <> 't' and c.relkind <> 't' "                       \
    "and n.nspname <> 'pg_toast' order by c.oid"

static const char locks[] =
    "select l.relation, l.mode from pg_catalog.pg_locks l where l.pid = pg_backend_pid() "
    "and l.locktype = 'relation' and l.relation >= 16384 and l.granted and l.database = "
    "(select oid from pg_catalog.pg_database where datname = current_database())";

static const char *const modes[] = {
    [GL_LOCK_NONE] = "None",
    [GL_LOCK_ACCESS_SHARE] = "AccessShare",
    [GL_LOCK_ROW_SHARE] = "RowShare",
    [GL_LOCK_ROW_EXCLUSIVE] = "RowExclusive",
    [GL_LOCK_SHARE_UPDATE_EXCLUSIVE] = "ShareUpdateExclusive",
    [GL_LOCK_SHARE] = "Share",
    [GL_LOCK_SHARE_ROW_EXCLUSIVE] = "ShareRowExclusive",
    [GL_LOCK_EXCLUSIVE] = "Exclusive",
    [GL_LOCK_ACCESS_EXCLUSIVE] = "AccessExclusive",
};

const char *gl_lock_mode_word(enum gl_lock_mode mode)
{
    return modes[mode];
}

enum gl_lock_mode gl_lock_mode_read(const char *word)
{
    for (size_t i = 0; i < GL_COUNT(modes); i++) {
        size_t len = strlen(modes[i]);
        if (strncmp(word, modes[i], len) == 0 && strcmp(word + len, "Lock") == 0)
            return (enum gl_lock_mode)i;
    }
    return GL_LOCK_NONE;
}

void gl_moment_done(struct gl_moment *snapshot)
{
    for (size_t i = 0; i < snapshot->relation_count; i++)
        free(snapshot->relations[i].name);
    free(snapshot->relations);
    free(snapshot->locks);
    *snapshot = (struct gl_moment){0};
}

static int compare_oid(const void *key, const void *item)
{
    unsigned oid = *(const unsigned *)key;
    unsigned other = ((const struct gl_relation *)item)->oid;
    return (oid > other) - (oid < other);
}

const struct gl_relation *gl_moment_find(const struct gl_moment *snapshot, unsigned oid)
{
    return snapshot->relation_count ? bsearch(&oid, snapshot->relations, snapshot->relation_count,
                                              sizeof *snapshot->relations, compare_oid)
                                    : NULL;
}

void gl_moment_add_lock(struct gl_moment *snapshot, struct gl_held_lock lock)
{
    for (size_t i = 0; i < snapshot->lock_count; i++) {
        if (snapshot->locks[i].relation == lock.relation && snapshot->locks[i].mode == lock.mode)
            return;
    }
    snapshot->locks =
        gl_realloc_array(snapshot->locks, snapshot->lock_count + 1, sizeof *snapshot->locks);
    snapshot->locks[snapshot->lock_count++] = lock;
}

static struct gl_relation relation_of(const PGresult *rows, int row)
{
    return (struct gl_relation){
        .oid = (unsigned)gl_pq_int(rows, row, 0),
        .table = (unsigned)gl_pq_int(rows, row, 1),
        .filenode = (unsigned)gl_pq_int(rows, row, 2),
        .kind = gl_pq_text(rows, row, 3)[0],
        .name = gl_strdup(gl_pq_text(rows, row, 4)),
        .rows = strtod(gl_pq_text(rows, row, 5), NULL),
        .scans = gl_pq_int(rows, row, 6),
        .read = gl_pq_int(rows, row, 7),
        .changed = gl_pq_int(rows, row, 8),
    };
}

static void take_relations(const PGresult *rows, struct gl_moment *snapshot)
{
    int count = PQntuples(rows);
    snapshot->relations = gl_realloc_array(NULL, (size_t)count + 1, sizeof *snapshot->relations);
    for (int i = 0; i < count; i++)
        snapshot->relations[i] = relation_of(rows, i);
    snapshot->relation_count = (size_t)count;
}

int gl_moment_take(PGconn *conn, bool outside, struct gl_moment *ret_snapshot, struct gl_error *err)
{
    gl_automoment struct gl_moment snapshot = {0};
    gl_autopqresult PGresult *relation_rows = NULL;
    gl_autopqresult PGresult *lock_rows = NULL;
    const char *counts = outside ? "" : "xact_";
    gl_autofree char *sql = gl_asprintf(RELATIONS, counts, counts, counts, counts);
    int failed = gl_pq_query(conn, locks, 0, NULL, &lock_rows, err);
    if (failed == 0)
        failed = gl_pq_query(conn, sql, 0, NULL, &relation_rows, err);
    if (failed < 0)
        return failed;
    for (int i = 0; i < PQntuples(lock_rows); i++)
        gl_moment_add_lock(&snapshot, (struct gl_held_lock){
                                          .relation = (unsigned)gl_pq_int(lock_rows, i, 0),
                                          .mode = gl_lock_mode_read(gl_pq_text(lock_rows, i, 1))});
    take_relations(relation_rows, &snapshot);
    *ret_snapshot = snapshot;
    snapshot = (struct gl_moment){0};
    return 0;
}
