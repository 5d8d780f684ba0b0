/* An UPDATE or DELETE that can run in batches: where its table, its condition and the columns that
 * it sets are in its text. */
#ifndef GL_MIGRATE_BATCH_TEXT_H
#define GL_MIGRATE_BATCH_TEXT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

/* Owned texts, as they are written. */
struct gl_batch_text {
    char *table; /* with schema and quotes; to_regclass() understands it */
    char *name;  /* what the statement calls its rows: the alias, else the table without schema */
    char *head;  /* the file from its first byte up to WHERE, or to the end of the statement */
    char *condition;         /* what follows WHERE; NULL = every row */
    struct gl_strv assigned; /* columns that SET gives a value, as PostgreSQL stores them */
    bool only;               /* ONLY: without the tables that inherit from it */
    bool removes;            /* DELETE: a row that it met is not met again */
};

void gl_batch_text_done(struct gl_batch_text *text);
#define gl_autobatchtext gl_cleanup(gl_batch_text_done)

/* Reads a file's text. GL_E_REFUSED, with path and line, for what cannot be run in parts: anything
 * but one plain UPDATE or DELETE; WITH, RETURNING and WHERE CURRENT OF. */
gl_nodiscard int gl_batch_text_read(const char *sql, const char *path,
                                    struct gl_batch_text *ret_text, struct gl_error *err);

/* The statement for the rows that `range` (a condition) lets through. Up to the end of its own
 * condition it has the places of the file, so that PostgreSQL's positions fit both. Caller owns it.
 */
char *gl_batch_text_sql(const struct gl_batch_text *text, const char *range);

/* The same of a statement with a condition, as a query for one row: how many rows were changed, and
 * of how many the condition still holds, so that they would be changed again. PostgreSQL's
 * positions in it are those of the file plus *ret_shift. Caller owns it. */
char *gl_batch_text_measured(const struct gl_batch_text *text, const char *range,
                             size_t *ret_shift);

#endif
