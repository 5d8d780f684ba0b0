/* What applying the pending migrations would meet. */
#include "migrate/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/conn.h"
#include "migrate/session.h"

#define UNKNOWN (-1)

void gl_forecasts_done(struct gl_forecasts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].long_lock.table);
        free(list->items[i].blockers);
        gl_error_done(&list->items[i].problem);
    }
    free(list->items);
    *list = (struct gl_forecasts){0};
}

/* Statistics of a table with its partitions, or what its size says when there are none yet; 0 when
 * there is no such table. */
static int count_rows(PGconn *conn, const char *table, int64_t *ret_rows, char **ret_oid,
                      struct gl_error *err)
{
    gl_autopqresult PGresult *result = NULL;
    const char *const values[] = {table};
    int failed = gl_pq_query(
        conn,
        "select c.oid, coalesce((select sum(case when l.reltuples >= 0 then l.reltuples else "
        "pg_relation_size(l.oid) / 100 end) from pg_class l where l.oid = c.oid or l.oid in "
        "(select relid from pg_partition_tree(c.oid) where isleaf)), 0)::bigint "
        "from pg_class c where c.oid = to_regclass($1::text)",
        1, values, &result, err);
    *ret_rows = 0;
    if (failed < 0 || PQntuples(result) == 0)
        return failed;
    *ret_oid = gl_strdup(gl_pq_text(result, 0, 0));
    *ret_rows = gl_pq_int(result, 0, 1);
    return 0;
}

static int look_at_tables(PGconn *conn, struct gl_forecast *forecast, struct gl_error *err)
{
    gl_autostrv struct gl_strv tables = {0};
    gl_autobuf struct gl_buf oids = {0};
    gl_heavy_tables(forecast->migration, &tables);
    gl_buf_putc(&oids, '{');
    for (size_t i = 0; i < tables.count; i++) {
        gl_autofree char *oid = NULL;
        int64_t rows = 0;
        int failed = count_rows(conn, tables.items[i], &rows, &oid, err);
        if (failed < 0)
            return failed;
        if (oid)
            gl_buf_printf(&oids, "%s%s", oids.len > 1 ? "," : "", oid);
        forecast->rows = rows > forecast->rows ? rows : forecast->rows;
    }
    gl_buf_putc(&oids, '}');
    forecast->blockers = gl_watch_describe(
        conn,
        "pid <> pg_backend_pid() and xact_start < clock_timestamp() - interval '1 second' and pid "
        "in (select l.pid from pg_locks l where l.granted and l.relation = any($1::oid[]))",
        gl_buf_text(&oids));
    return 0;
}

static void take_heavy(struct gl_forecast *forecast, struct gl_heavy *heavy, int64_t rows)
{
    forecast->long_lock = *heavy;
    forecast->long_lock_rows = rows;
    *heavy = (struct gl_heavy){0};
}

static int find_long_lock(PGconn *conn, int64_t large_rows, struct gl_forecast *forecast,
                          struct gl_error *err)
{
    gl_autoheavy struct gl_heavy_list list = {0};
    gl_heavy_read(forecast->migration, &list);
    for (size_t i = 0; i < list.count && !forecast->long_lock.reason; i++) {
        gl_autofree char *oid = NULL;
        int64_t rows = UNKNOWN;
        int failed = conn && list.items[i].table
                         ? count_rows(conn, list.items[i].table, &rows, &oid, err)
                         : 0;
        if (failed < 0)
            return failed;
        if (rows == UNKNOWN || rows > large_rows)
            take_heavy(forecast, &list.items[i], rows);
    }
    return 0;
}

static int look(PGconn *conn, int64_t large_rows, struct gl_forecast *forecast,
                struct gl_error *err)
{
    int64_t batch = forecast->migration->batch;
    int failed = conn ? look_at_tables(conn, forecast, err) : 0;
    if (batch && forecast->rows > 0)
        forecast->batches = (forecast->rows + batch - 1) / batch;
    return failed < 0 ? failed : find_long_lock(conn, large_rows, forecast, err);
}

int gl_migrate_forecast(const char *conninfo, const struct gl_migrations *list,
                        const struct gl_migrate_status *status, int64_t large_rows,
                        struct gl_forecasts *ret_list, struct gl_error *err)
{
    gl_autopq PGconn *conn = NULL;
    gl_autoforecasts struct gl_forecasts found = {0};
    int failed = conninfo ? gl_pq_connect(conninfo, "golive migrate plan", &conn, err) : 0;
    found.items = gl_alloc((list->count + 1) * sizeof *found.items);
    gl_autostrv struct gl_strv changed = {0}; /* by files that are pending before */
    bool before = false;
    for (size_t i = 0; failed == 0 && i < status->count; i++) {
        enum gl_migration_state state = status->states[i];
        if (state == GL_MIGRATION_APPLIED || state == GL_MIGRATION_EDITED)
            continue;
        struct gl_forecast *forecast = &found.items[found.count++];
        *forecast = (struct gl_forecast){
            .migration = &list->items[i], .rows = UNKNOWN, .long_lock_rows = UNKNOWN};
        failed = look(conn, large_rows, forecast, err);
        if (failed == 0 && conn && forecast->migration->batch)
            failed = gl_batch_look(conn, forecast->migration, before ? &changed : NULL,
                                   &forecast->problem, &forecast->mended, err);
        gl_heavy_tables(forecast->migration, &changed);
        before = true;
    }
    if (failed < 0)
        return failed;
    *ret_list = found;
    found = (struct gl_forecasts){0};
    return 0;
}
