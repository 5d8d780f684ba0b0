/* The table _golive_migration_progress: how far each file in batches came. It is written in the
 * transaction of the batch, so that no row is met twice and none is left out, whenever golive is
 * killed; sqlx does not know it. It is there only while such a file is under way. */
#ifndef GL_MIGRATE_BATCH_PROGRESS_H
#define GL_MIGRATE_BATCH_PROGRESS_H

#include "base/strv.h"
#include "migrate/conn.h"

struct gl_batch_progress {
    struct gl_strv position; /* key of the last row that was looked at; empty = none yet */
    struct gl_strv last;     /* key of the last row there was in the beginning; empty = none */
    int64_t rows;            /* that were changed */
    int64_t looked;          /* that were looked at in this pass */
    int64_t batch;           /* rows of a batch */
    int64_t pass;            /* from 1 on */
    int64_t before;          /* rows that earlier passes changed */
    bool again;              /* no row was seen that a further pass would change twice */
    int64_t estimate;        /* rows of the table when it began; 0 = unknown */
    char *text;              /* of the file as it began; NULL = it is not kept */
    int64_t at_unix_s;       /* of the last commit */
};

void gl_batch_progress_done(struct gl_batch_progress *progress);
#define gl_autobatchprogress gl_cleanup(gl_batch_progress_done)

/* What is there of a version; *ret_found false if there is nothing. It only looks. */
gl_nodiscard int gl_batch_progress_read(PGconn *conn, int64_t version,
                                        struct gl_batch_progress *ret_progress, bool *ret_found,
                                        struct gl_error *err);

/* Gives a table of an earlier golive the columns that it lacks. */
gl_nodiscard int gl_batch_progress_renew(PGconn *conn, struct gl_error *err);

/* Makes the table and the row. */
gl_nodiscard int gl_batch_progress_begin(PGconn *conn, int64_t version,
                                         const struct gl_batch_progress *progress,
                                         struct gl_error *err);

/* Writes it and commits the transaction. Not ended by a Ctrl-C. The outcome is filled on failure
 * too: a deferred constraint speaks up here. */
gl_nodiscard int gl_batch_progress_commit(PGconn *conn, int64_t version,
                                          const struct gl_batch_progress *progress,
                                          struct gl_pq_outcome *ret_outcome, struct gl_error *err);

/* Forgets the version, and the table with the last one. Not ended by a Ctrl-C. `ret_outcome` may be
 * NULL; it tells of the table's lock that was not free. */
gl_nodiscard int gl_batch_progress_forget(PGconn *conn, int64_t version,
                                          struct gl_pq_outcome *ret_outcome, struct gl_error *err);

#endif
