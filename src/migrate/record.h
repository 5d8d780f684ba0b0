/* What is kept of an applied migration, for the ledger. */
#ifndef GL_MIGRATE_RECORD_H
#define GL_MIGRATE_RECORD_H

#include <jansson.h>

#include "migrate/migrate.h"

/* {version, file, checksum, no_transaction, elapsed_us, rows} of a GL_MIGRATE_DONE event, and
 * {passes, left, once} of a file in batches; the checksum is the SHA-384 of the file, as sqlx keeps
 * it. The caller owns it. */
json_t *gl_migration_record(const struct gl_migrate_event *event);

/* What is kept of a failure: PostgreSQL's primary message and SQLSTATE, without its detail, which
 * quotes rows ("Key (email)=(...) already exists"). NULL where there is none; the caller owns it.
 */
char *gl_migration_failure_text(const struct gl_error *cause);

#endif
