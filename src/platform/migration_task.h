/* Migrations as a task of their own beside the database: what the platform tells the task, and what
 * the task does. What the task says is migrate/wire.h. */
#ifndef GL_PLATFORM_MIGRATION_TASK_H
#define GL_PLATFORM_MIGRATION_TASK_H

#include <stdio.h>

#include "platform/platform.h"

/* The environment variable that holds the order, and where the image has the files. */
#define GL_MIGRATION_ORDER_VARIABLE "GOLIVE_MIGRATION_ORDER"
#define GL_MIGRATION_TASK_DIR       "/app/migrations"

enum gl_migration_mode {
    GL_MIGRATION_STATUS, /* say what the database has */
    GL_MIGRATION_RUN,    /* apply what is pending */
};

/* What a task is told: JSON, compact, the same for the same order. The caller owns it. */
char *gl_migration_order_text(const struct gl_migration_job *job, enum gl_migration_mode mode);

/* An order as it arrives. */
struct gl_migration_order {
    enum gl_migration_mode mode;
    struct gl_migration_job job; /* without directory, list and callback */
    json_t *due;                 /* what job.due points to */
    char *tool;                  /* migrations.tool, "auto" where it was not given */
};

void gl_migration_order_done(struct gl_migration_order *order);
#define gl_automigrationorder gl_cleanup(gl_migration_order_done)

/* GL_E_USAGE for what is no order. */
gl_nodiscard int gl_migration_order_parse(const char *text, struct gl_migration_order *ret_order,
                                          struct gl_error *err);

/* Does what the order says with the files of `dir` and the database that libpq's own environment
 * variables name (PGHOST, PGUSER, PGPASSWORD, ...), and writes every event and the result to `out`
 * as they happen. */
gl_nodiscard int gl_migration_task_run(const char *order, const char *dir, FILE *out,
                                       struct gl_error *err);

#endif
