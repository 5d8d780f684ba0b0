/* Prepared statements, described. */
#include "prove/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/conn.h"

void gl_shape_done(struct gl_shape *shape)
{
    free(shape->message);
    gl_strv_done(&shape->parameters);
    gl_strv_done(&shape->columns);
    gl_strv_done(&shape->column_types);
    *shape = (struct gl_shape){0};
}

static int name_of(PGconn *conn, Oid type, struct gl_strv *names, struct gl_error *err)
{
    gl_autopqresult PGresult *result = NULL;
    gl_autofree char *number = gl_asprintf("%u", type);
    const char *values[] = {number};
    int failed = gl_pq_query(conn, "SELECT format_type($1::oid, NULL)", 1, values, &result, err);
    if (failed == 0)
        gl_strv_add(names, gl_pq_text(result, 0, 0));
    return failed;
}

static int oids_of(PGconn *conn, const struct gl_strv *types, Oid **ret_oids, struct gl_error *err)
{
    gl_autofree Oid *oids = gl_alloc((types->count + 1) * sizeof *oids);
    for (size_t i = 0; i < types->count; i++) {
        gl_autopqresult PGresult *result = NULL;
        const char *values[] = {types->items[i]};
        int failed = gl_pq_query(conn, "SELECT to_regtype($1)::oid::int8", 1, values, &result, err);
        if (failed < 0)
            return failed;
        oids[i] = (Oid)gl_pq_int(result, 0, 0);
    }
    *ret_oids = gl_steal(&oids);
    return 0;
}

static void keep_refusal(const PGresult *result, struct gl_shape *shape)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    (void)snprintf(shape->sqlstate, sizeof shape->sqlstate, "%s", state ? state : "");
    shape->message = gl_strdup(message ? message : "");
}

static int describe(PGconn *conn, struct gl_shape *shape, struct gl_error *err)
{
    gl_autopqresult PGresult *result = PQdescribePrepared(conn, "");
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return gl_pq_fail(conn, result, err);
    int failed = 0;
    for (int i = 0; i < PQnparams(result) && failed == 0; i++)
        failed = name_of(conn, PQparamtype(result, i), &shape->parameters, err);
    for (int i = 0; i < PQnfields(result) && failed == 0; i++) {
        gl_strv_add(&shape->columns, PQfname(result, i));
        failed = name_of(conn, PQftype(result, i), &shape->column_types, err);
    }
    shape->valid = failed == 0;
    return failed;
}

int gl_shape_read(PGconn *conn, const char *sql, const struct gl_strv *types,
                  struct gl_shape *ret_shape, struct gl_error *err)
{
    gl_autoshape struct gl_shape shape = {0};
    gl_autofree Oid *oids = NULL;
    int failed = types ? oids_of(conn, types, &oids, err) : 0;
    if (failed < 0)
        return failed;
    gl_autopqresult PGresult *result =
        PQprepare(conn, "", sql, types ? (int)types->count : 0, oids);
    if (PQstatus(conn) != CONNECTION_OK)
        return gl_pq_fail(conn, result, err);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        keep_refusal(result, &shape);
    else
        failed = describe(conn, &shape, err);
    if (failed < 0)
        return failed;
    *ret_shape = shape;
    shape = (struct gl_shape){0};
    return 0;
}
