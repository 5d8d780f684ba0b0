/* Room-internal: dumps of a database and the snapshot they are taken from. */
#ifndef GL_PLATFORM_LOCAL_BACKUP_H
#define GL_PLATFORM_LOCAL_BACKUP_H

#include "platform/local/local.h"
#include "platform/local/pg.h"
#include "platform/local/pg_content.h"

/* A session of the superuser in a read-only transaction whose snapshot others can use. */
struct gl_pg_snapshot {
    PGconn *conn;
    char *id;
};

void gl_pg_snapshot_done(struct gl_pg_snapshot *snapshot);
#define gl_autopgsnapshot gl_cleanup(gl_pg_snapshot_done)

gl_nodiscard int gl_pg_snapshot_open(const struct gl_pg_place *place, const char *database,
                                     struct gl_pg_snapshot *ret_snapshot, struct gl_error *err);

/* Dumps the database as the snapshot sees it to `path`, an existing empty file of the service user;
 * on return it is on disk and pg_restore can list at least `table_count` tables in it. */
gl_nodiscard int gl_pg_dump(const struct gl_local *local, const struct gl_pg_programs *programs,
                            const struct gl_pg_snapshot *snapshot, size_t table_count,
                            const char *path, struct gl_error *err);

#endif
