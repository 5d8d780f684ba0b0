/* What a server says about a query without running it. */
#ifndef GL_PROVE_SHAPE_H
#define GL_PROVE_SHAPE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

struct gl_shape {
    bool valid;
    char sqlstate[6];            /* why not; "" if valid */
    char *message;               /* of the server, or NULL */
    struct gl_strv parameters;   /* types, as format_type() writes them */
    struct gl_strv columns;      /* names of the result's columns */
    struct gl_strv column_types; /* and their types */
};

void gl_shape_done(struct gl_shape *shape);
#define gl_autoshape gl_cleanup(gl_shape_done)

/* Prepares and describes a query. `types`: the types of its parameters that its program sends (NULL
 * = the server infers them); one that the database does not have is left to inference. A query that
 * the server refuses is a shape, not an error; errors: GL_E_NET, GL_E_DATABASE. */
gl_nodiscard int gl_shape_read(PGconn *conn, const char *sql, const struct gl_strv *types,
                               struct gl_shape *ret_shape, struct gl_error *err);

/* Columns that each INSERT of the statement leaves out although they accept neither NULL nor have a
 * default: "statuses.mood". Such a query is valid and fails with its first row. */
gl_nodiscard int gl_insert_missing(PGconn *conn, const char *sql, struct gl_strv *ret_columns,
                                   struct gl_error *err);

#endif
