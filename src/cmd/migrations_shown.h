/* What is shown of migrations: files, what the database has of them, and when contract migrations
 * are due. */
#ifndef GL_CMD_MIGRATIONS_SHOWN_H
#define GL_CMD_MIGRATIONS_SHOWN_H

#include "cmd/commands.h"
#include "release/contract.h"

struct gl_migrations_shown {
    struct gl_cmd_migrations migrations;
    struct gl_migrate_status status;
    struct gl_contracts waiting; /* of the environment's own database only */
    bool own_database;
};

void gl_migrations_shown_done(struct gl_migrations_shown *shown);
#define gl_automigrationsshown gl_cleanup(gl_migrations_shown_done)

/* Reads all of it. *ret_shown must be zero and stay where it is; it is the caller's to end, after a
 * failure too. */
gl_nodiscard int gl_migrations_show(struct gl_context *context,
                                    struct gl_migrations_shown *ret_shown, struct gl_error *err);

/* When a pending contract migration runs; NULL where that is not known. The caller owns it. */
char *gl_migrations_due_text(const struct gl_migrations_shown *shown,
                             const struct gl_migration *migration);

#endif
