/* Room-internal: one file per step; the tables are in steps.c. */
#ifndef GL_RELEASE_STEPS_H
#define GL_RELEASE_STEPS_H

#include "migrate/migrate.h"
#include "release/internal.h"

extern const struct gl_step gl_step_preflight;
extern const struct gl_step gl_step_build;
extern const struct gl_step gl_step_frontend; /* a promotion's build */
extern const struct gl_step gl_step_test;
extern const struct gl_step gl_step_image;
extern const struct gl_step gl_step_reuse; /* a promotion's image */
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

/* Gives all traffic to the version that served before this operation. */
gl_nodiscard int gl_step_shift_back(struct gl_release *release, struct gl_error *err);

/* Whether frontend.dir is there. */
bool gl_release_has_frontend(const struct gl_release *release);

/* What the configuration has for a release that is built here (a deploy, or a promotion's frontend)
 * lacks no value: what would end the build or the start ends a dry run and the preflight too. */
gl_nodiscard int gl_release_check_variables(const struct gl_release *release, struct gl_error *err);

/* Refuses (GL_E_REFUSED with file and line) what the linter calls an error in a pending migration.
 * A database that is still empty may be given anything. Checklist 6.1.2, 6.3.1. */
gl_nodiscard int gl_release_lint(const struct gl_migrations *list,
                                 const struct gl_migrate_status *status, struct gl_error *err);

/* Whether every image of the release is whole in the layout. */
gl_nodiscard int gl_step_image_verify(const struct gl_release *release, struct gl_error *err);

/* Whether the image of a release that is resumed lies here, or is placed already. */
bool gl_step_image_is_here(const struct gl_release *release);

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
