/* The rows of a statement by hand, shown as they come: as a table or as JSON. */
#ifndef GL_CMD_DB_ROWS_H
#define GL_CMD_DB_ROWS_H

#include "base/strv.h"
#include "cmd/command.h"
#include "migrate/conn.h"

/* What is shown. Zero-initialise and set the first two. */
struct gl_db_rows {
    FILE *out;
    bool json;
    bool begun;           /* the columns' names are out */
    struct gl_strv names; /* of the members in JSON */
    int64_t count;        /* rows that were shown */
};

void gl_db_rows_done(struct gl_db_rows *rows);
#define gl_autodbrows gl_cleanup(gl_db_rows_done)

/* Shows one row; a gl_pq_row_fn, `context` is the struct. */
void gl_db_rows_show(const PGresult *row, void *context);

/* Shows what comes behind the rows. `end` has the columns when there was no row; NULL = the
 * statement failed: what was shown is not all, and is not taken back. `sql_sha256` and `changed`
 * (rows that the server counted) are for JSON, which is whole in both cases. */
void gl_db_rows_end(struct gl_db_rows *rows, const PGresult *end, const char *sql_sha256,
                    int64_t changed);

#endif
