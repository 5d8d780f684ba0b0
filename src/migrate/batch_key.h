/* The order in which a backfill goes through a table: its primary key, or another unique key
 * without NULL. */
#ifndef GL_MIGRATE_BATCH_KEY_H
#define GL_MIGRATE_BATCH_KEY_H

#include "base/strv.h"
#include "migrate/batch_text.h"
#include "migrate/conn.h"

struct gl_batch_key {
    struct gl_strv columns; /* as PostgreSQL stores them */
    struct gl_strv quoted;  /* as SQL needs them */
    struct gl_strv types;   /* of the values */
    int64_t estimate;       /* rows of the table by its statistics; 0 = unknown */
    bool rules;             /* the table has rules, which rewrite statements */
};

void gl_batch_key_done(struct gl_batch_key *key);
#define gl_autobatchkey gl_cleanup(gl_batch_key_done)

/* Finds it. GL_E_REFUSED: no such table, no table at all, no key, a key that the statement itself
 * changes, tables that inherit from it without its key. */
gl_nodiscard int gl_batch_key_find(PGconn *conn, const struct gl_batch_text *text, const char *path,
                                   struct gl_batch_key *ret_key, struct gl_error *err);

/* The row comparison `(NAME.a, NAME.b) OPERATOR (values)`; the caller owns it. NULL when libpq
 * cannot quote a value. */
char *gl_batch_key_compare(PGconn *conn, const struct gl_batch_key *key, const char *name,
                           const char *sign, const struct gl_strv *values);

/* The key's columns as text, or bare (`cast` false), in one direction (" desc", or ""); caller
 * owns it. */
char *gl_batch_key_list(const struct gl_batch_key *key, const char *name, bool cast,
                        const char *direction);

/* `array['a', 'b']::text[]`, or `null` for no value; the caller owns it. */
char *gl_batch_key_array(PGconn *conn, const struct gl_strv *values);

#endif
