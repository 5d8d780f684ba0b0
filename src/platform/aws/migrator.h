/* Room-internal: migrations as a task inside the network. An image of golive itself with the files
 * of one release, a task definition, one task, its log. */
#ifndef GL_PLATFORM_AWS_MIGRATOR_H
#define GL_PLATFORM_AWS_MIGRATOR_H

#include "migrate/wire.h"
#include "platform/aws/aws.h"
#include "platform/migration_task.h"

#define GL_MIGRATOR_CONTAINER "migrate" /* in stacks/release/migration-task.yaml */

/* ---- migrator_image.c --------------------------------------------------------------------------
 */

/* Builds the image from the running golive, its libraries and the job's files, and pushes it: the
 * same files give the same digest. *ret_image is "REPOSITORY@sha256:..."; the caller owns it. */
gl_nodiscard int gl_migrator_image(struct gl_cloud *cloud, const struct gl_migration_job *job,
                                   char **ret_image, struct gl_error *err);

/* The processor of this golive as a task definition calls it: "ARM64", "X86_64". */
const char *gl_migrator_processor(void);

/* The root certificate of RDS in a region, PEM; NULL if golive has none. The caller owns it. */
char *gl_rds_authority(const char *region);

/* ---- migrator_definition.c ---------------------------------------------------------------------
 */

/* Registers stacks/release/migration-task.yaml with the image, unless the newest task definition is
 * that one already. *ret_arn belongs to the caller. */
gl_nodiscard int gl_migrator_define(struct gl_cloud *cloud, const char *image, char **ret_arn,
                                    struct gl_error *err);

/* ---- migrator_task.c ---------------------------------------------------------------------------
 */

/* Starts a task with the order, or finds one that a golive before this one started with the same
 * order and that still runs. *ret_arn belongs to the caller. */
gl_nodiscard int gl_migrator_start(struct gl_cloud *cloud, const char *definition,
                                   const char *order, char **ret_arn, struct gl_error *err);

/* ---- migrator_log.c, migrator_task.c -----------------------------------------------------------
 */

/* The log of one task as far as it was read. Zero-initialise. */
struct gl_migrator_log {
    char *stream;
    char *token;          /* where to go on */
    char status[32];      /* of the task, as it was shown last; AWS has no longer words */
    int64_t begun_ms;     /* gl_mono_ms() */
    int64_t word_ms;      /* when the task last said or did something */
    int64_t told_ms;      /* when a person was last told anything */
    struct gl_strv other; /* the last lines that are not golive's: the loader's complaint, say */
};

void gl_migrator_log_done(struct gl_migrator_log *log);
#define gl_automigratorlog gl_cleanup(gl_migrator_log_done)

/* Reads what came since the last call. No stream yet is no failure. */
gl_nodiscard int gl_migrator_log_read(struct gl_cloud *cloud, struct gl_migrator_log *log,
                                      struct gl_wire *wire, struct gl_error *err);

/* What is to be done about a task that says nothing: 0 and false; 0 and true = tell that it still
 * runs, at most once a minute; GL_E_TIMEOUT after an hour of silence beyond the longest statement.
 * `log` has its times, `now_ms` is gl_mono_ms(). Pure but for log->told_ms. */
gl_nodiscard int gl_migrator_silence(struct gl_migrator_log *log, int64_t now_ms,
                                     int64_t statement_timeout_ms, bool *ret_tell,
                                     struct gl_error *err);

/* Follows the task and its log (zero-initialised) until it has stopped and the log is complete, or
 * until it was silent for too long (gl_migrator_silence()): then it goes on without golive.
 * *ret_task (the caller owns it) is the stopped task as DescribeTasks shows it. */
gl_nodiscard int gl_migrator_follow(struct gl_cloud *cloud, const char *task, struct gl_wire *wire,
                                    struct gl_migrator_log *log, json_t **ret_task,
                                    struct gl_error *err);

/* ---- migrator_stop.c ---------------------------------------------------------------------------
 */

/* 0 if a stopped task ended by itself with exit code 0; else a failure that says why it did not, in
 * AWS's words, and what to do. Pure. */
gl_nodiscard int gl_migrator_stopped(const struct gl_config *config, const json_t *task,
                                     struct gl_error *err);

#endif
