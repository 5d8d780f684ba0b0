/* Two connections to the database that is traced in: one works, one looks on. */
#include <stdlib.h>

#include "trace/internal.h"

void gl_tracer_done(struct gl_tracer *tracer)
{
    gl_pq_close(&tracer->conn);
    gl_pq_close(&tracer->watch);
    free(tracer->conninfo);
    *tracer = (struct gl_tracer){0};
}

int gl_tracer_connect(const char *conninfo, struct gl_tracer *ret_tracer, struct gl_error *err)
{
    gl_autotracer struct gl_tracer tracer = {.conninfo = gl_strdup(conninfo)};
    int failed = gl_pq_connect(conninfo, "golive migrate trace", &tracer.conn, err);
    if (failed == 0)
        failed = gl_pq_connect(conninfo, "golive migrate trace (watch)", &tracer.watch, err);
    if (failed < 0)
        return failed;
    *ret_tracer = tracer;
    tracer = (struct gl_tracer){0};
    return 0;
}

/* What the server noted about the last statement is complete before its end is sent. */
int gl_meter_read(struct gl_tracer *tracer, struct gl_meter *ret_meter, struct gl_error *err)
{
    gl_autofree char *pid = gl_asprintf("%d", PQbackendPID(tracer->conn));
    const char *values[] = {pid};
    gl_autopqresult PGresult *result = NULL;
    int failed = gl_pq_query(
        tracer->watch,
        "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn, coalesce((select "
        "(extract(epoch from state_change - query_start) * 1000000)::bigint "
        "from pg_catalog.pg_stat_activity where pid = $1::int and state <> 'active'), 0)",
        1, values, &result, err);
    if (failed == 0)
        *ret_meter = (struct gl_meter){gl_pq_int(result, 0, 0), gl_pq_int(result, 0, 1)};
    return failed;
}
