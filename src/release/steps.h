/* Room-internal: one file per step; the tables are in steps.c. */
#ifndef GL_RELEASE_STEPS_H
#define GL_RELEASE_STEPS_H

#include "migrate/migrate.h"
#include "release/internal.h"

extern const struct gl_step gl_step_preflight;
extern const struct gl_step gl_step_build;
extern const struct gl_step gl_step_test;
extern const struct gl_step gl_step_image;
extern const struct gl_step gl_step_place;
extern const struct gl_step gl_step_backup;
extern const struct gl_step gl_step_migrate;
extern const struct gl_step gl_step_start;
extern const struct gl_step gl_step_smoke_version;
extern const struct gl_step gl_step_canary;
extern const struct gl_step gl_step_shift;
extern const struct gl_step gl_step_bake;
extern const struct gl_step gl_step_publish;
extern const struct gl_step gl_step_sessions;
extern const struct gl_step gl_step_smoke_edge;
extern const struct gl_step gl_step_finish;

/* GL_E_REFUSED for migrations that were edited or lost after they were applied. */
gl_nodiscard int gl_step_refuse_bad_migrations(const struct gl_migrations *list,
                                               const struct gl_migrate_status *status,
                                               struct gl_error *err);

/* Gives all traffic to the version that served before this operation. */
gl_nodiscard int gl_step_shift_back(struct gl_release *release, struct gl_error *err);

enum { MOST_KEPT = 50 };

/* Fills ret_releases[MOST_KEPT] with the releases whose image and frontend are still there (the
 * serving one and doubles included); returns their number. */
size_t gl_release_reachable(const struct gl_release *release, const struct gl_journal *journal,
                            int64_t *ret_releases);

/* Removes from the image layout what neither `keep` nor this release needs, nor any release of
 * another environment; does nothing while another environment is being changed. */
gl_nodiscard int gl_release_prune_layout(struct gl_release *release, const int64_t *keep,
                                         size_t count, struct gl_error *err);

#endif
