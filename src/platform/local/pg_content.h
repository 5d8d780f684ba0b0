/* Room-internal: what a database holds, in figures that two clusters can be compared by. */
#ifndef GL_PLATFORM_LOCAL_PG_CONTENT_H
#define GL_PLATFORM_LOCAL_PG_CONTENT_H

#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gl_pg_table {
    char *name; /* schema.table, quoted where SQL needs it */
    int64_t rows;
    char *digest; /* two independent sums of row hashes, "" if they were not asked for */
};

struct gl_pg_sequence {
    char *name;
    int64_t increment;
    int64_t value; /* last value handed out; one increment before the start if none was */
};

/* Ordinary tables (partitions one by one, large objects as pg_catalog.pg_largeobject) and
 * sequences, sorted by name. Left out: what pg_dump does not carry (system schemas, temporary and
 * foreign tables, members of extensions) and materialised views, which a restore computes anew. */
struct gl_pg_content {
    struct gl_pg_table *tables;
    size_t table_count;
    struct gl_pg_sequence *sequences;
    size_t sequence_count;
};

void gl_pg_content_done(struct gl_pg_content *content);
#define gl_autopgcontent gl_cleanup(gl_pg_content_done)

/* Fills in the tables: lists them and asks the server to count (and hash) them; the server then
 * works on its own until gl_pg_content_finish() fetches the figures. The connection must come from
 * gl_pg_connect(), so that values look alike everywhere, and stand in a transaction with one
 * snapshot. */
gl_nodiscard int gl_pg_content_begin(PGconn *conn, bool with_digest, struct gl_pg_content *content,
                                     struct gl_error *err);
gl_nodiscard int gl_pg_content_finish(PGconn *conn, struct gl_pg_content *content,
                                      struct gl_error *err);

/* Fills in the sequences, which no snapshot holds still. */
gl_nodiscard int gl_pg_sequences_read(PGconn *conn, struct gl_pg_content *content,
                                      struct gl_error *err);

int64_t gl_pg_content_rows(const struct gl_pg_content *content);

/* Adds {table, what, original, restored} to the array for every difference. `what` is "missing",
 * "unexpected", "rows", "content" or "sequence". A sequence may have gone on while it was dumped:
 * the restored value has to lie between `original` and `later` (NULL = it stood still). */
void gl_pg_content_compare(const struct gl_pg_content *original, const struct gl_pg_content *later,
                           const struct gl_pg_content *restored, json_t *differences);

/* The same for two schemas as pg_dump --schema-only writes them; `what` is "schema", and the table
 * is what the dump calls the object. */
void gl_pg_schema_compare(const char *original, const char *restored, json_t *differences);

#endif
