/* Proves a backup: restores it into a second cluster and compares every table. */
#ifndef GL_PLATFORM_RESTORE_H
#define GL_PLATFORM_RESTORE_H

#include <jansson.h>

#include "platform/platform.h"

struct gl_restore_report {
    bool identical;
    int64_t restore_ms; /* new cluster ready with the data */
    int64_t compare_ms;
    int64_t tables;
    int64_t rows;
    json_t *differences; /* [{table, what, original, restored}], empty when identical */
};

void gl_restore_report_done(struct gl_restore_report *report);

/* Takes a backup from a snapshot of the live database (pg_export_snapshot, so that the originals'
 * row counts and hashes are of the same instant although writes go on), restores it into a cluster
 * of its own on this machine, compares row count and hash of every table, sequences, and schema
 * (pg_dump -s of both), then removes that cluster. */
gl_nodiscard int gl_local_restore_drill(struct gl_platform *platform,
                                        struct gl_restore_report *ret_report, struct gl_error *err);

#endif
