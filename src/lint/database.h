/* What a live database tells the linter. */
#ifndef GL_LINT_DATABASE_H
#define GL_LINT_DATABASE_H

#include "lint/lint.h"

/* Zero-initialise. */
struct gl_lint_database {
    int server_version; /* 15 */
    struct gl_lint_sizes sizes;
};

void gl_lint_database_done(struct gl_lint_database *database);
#define gl_autolintdatabase gl_cleanup(gl_lint_database_done)

/* Asks a database, in a transaction that only reads, and marks files whose version it has as
 * applied. Sizes are the planner's estimates; tables that were never analyzed count by their pages.
 * Errors as gl_migrate_status() has them. */
gl_nodiscard int gl_lint_database_read(const char *conninfo, struct gl_lint_files *files,
                                       struct gl_lint_database *ret_database, struct gl_error *err);

/* The sizes as a file for gl_lint_sizes_read(). The caller owns it. */
char *gl_lint_sizes_make(const struct gl_lint_sizes *sizes);

#endif
