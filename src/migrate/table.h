/* The table _sqlx_migrations, exactly as sqlx 0.8 makes and uses it (sqlx-postgres migrate.rs). */
#ifndef GL_MIGRATE_TABLE_H
#define GL_MIGRATE_TABLE_H

#include "migrate/conn.h"
#include "migrate/migrate.h"

struct gl_applied {
    int64_t version;
    char *description;
    bool success;
    unsigned char checksum[GL_SHA384_SIZE];
    bool checksum_ok; /* the column holds 48 bytes */
};

struct gl_applied_list {
    struct gl_applied *items; /* by version */
    size_t count;
};

void gl_applied_list_done(struct gl_applied_list *list);
#define gl_autoapplied gl_cleanup(gl_applied_list_done)

/* Makes the table if it is missing. */
gl_nodiscard int gl_table_ensure(PGconn *conn, struct gl_error *err);

/* What was applied; an empty list when there is no table. */
gl_nodiscard int gl_table_read(PGconn *conn, struct gl_applied_list *ret_list,
                               struct gl_error *err);

/* The row of a version, or NULL. */
const struct gl_applied *gl_table_find(const struct gl_applied_list *list, int64_t version);

/* Adds the migration's row, with how long it ran; below zero it is an unfinished one, as is right
 * only while a no-transaction file runs, so that an interruption is seen. */
gl_nodiscard int gl_table_insert(PGconn *conn, const struct gl_migration *migration,
                                 int64_t elapsed_ns, struct gl_error *err);

/* Notes success and how long it took (-1 = unknown). Not ended by a Ctrl-C. */
gl_nodiscard int gl_table_finish(PGconn *conn, int64_t version, int64_t elapsed_ns,
                                 struct gl_error *err);

/* Whether the version has an unfinished row. Not ended by a Ctrl-C. */
gl_nodiscard int gl_table_is_dirty(PGconn *conn, int64_t version, bool *ret_dirty,
                                   struct gl_error *err);

/* Removes the row of a migration that was taken back. */
gl_nodiscard int gl_table_delete(PGconn *conn, int64_t version, struct gl_error *err);

/* Removes an unfinished row. Not ended by a Ctrl-C. */
gl_nodiscard int gl_table_remove_dirty(PGconn *conn, int64_t version, struct gl_error *err);

#endif
