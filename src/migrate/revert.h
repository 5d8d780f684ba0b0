/* Taking migrations back by the .down.sql of sqlx's reversible pairs, newest first. */
#ifndef GL_MIGRATE_REVERT_H
#define GL_MIGRATE_REVERT_H

#include "migrate/migrate.h"

struct gl_reverts {
    struct gl_migration *downs; /* newest first: path and text of the down file, version and
                                   checksum of the applied one */
    size_t count;
};

void gl_reverts_done(struct gl_reverts *reverts);
#define gl_autoreverts gl_cleanup(gl_reverts_done)

/* What would be taken back: with `all` everything newer than version `to` (an applied one, or 0),
 * else the newest one. GL_E_REFUSED, naming the file and why, for what is edited, missing or
 * unfinished, has no down file, or says that it is not taken back so (rollback=forward,
 * rollback=restore). An empty list when nothing is applied. */
gl_nodiscard int gl_migrate_revert_plan(const char *conninfo, const struct gl_migrations *list,
                                        bool all, int64_t to, struct gl_reverts *ret_reverts,
                                        struct gl_error *err);

/* Takes them back, each in its transaction together with its row, under the same lock, limits and
 * attempts as gl_migrate_run(); of the options, those about phases do not count. result->applied
 * counts what was taken back. GL_E_REFUSED if something else was applied since the plan. */
gl_nodiscard int gl_migrate_revert(const char *conninfo, const struct gl_reverts *reverts,
                                   const struct gl_migrate_options *options,
                                   struct gl_migrate_result *ret_result, struct gl_error *err);

#endif
