/* What a migration says about itself, in comments before its first statement:
 *
 *     -- golive: phase=contract expands=20260908090000 rollback=forward
 *     -- golive: rollback-note="write mood back into availability"
 *     -- golive: batch=10000 sleep=50ms
 */
#ifndef GL_MIGRATE_HEADER_H
#define GL_MIGRATE_HEADER_H

#include <stdint.h>

#include "base/error.h"

/* Owned texts; NULL = not said. */
struct gl_migration_header {
    char *phase;         /* "expand", "contract" */
    char *rollback;      /* "down", "forward", "restore": how its effect is taken back */
    char *rollback_note; /* in words */
    char *order;         /* "app_first", "expand_first" */
    int64_t expands;     /* of a contract migration: version that prepared it; 0 = not said */
    int64_t batch;    /* rows of one batch of an UPDATE or DELETE, 1 to 10,000,000; 0 = not said */
    int64_t sleep_ms; /* pause between two batches, up to a minute */
};

void gl_migration_header_done(struct gl_migration_header *header);
#define gl_automigrationheader gl_cleanup(gl_migration_header_done)

/* Reads the header of a file's text. GL_E_CONFIG with `path` and line: an unknown word, a value
 * that it cannot have, the same word twice. */
gl_nodiscard int gl_migration_header_read(const char *sql, const char *path,
                                          struct gl_migration_header *ret_header,
                                          struct gl_error *err);

#endif
