/* Room-internal: the state of one operation, shared by the engine and its steps. */
#ifndef GL_RELEASE_INTERNAL_H
#define GL_RELEASE_INTERNAL_H

#include "release/journal.h"
#include "release/release.h"

struct gl_release {
    const struct gl_config *config;
    struct gl_ledger *ledger;
    struct gl_platform *platform;
    struct gl_lease *lease;
    const struct gl_reporter *reporter;
    const char *state_dir;
    const char *env;
    enum gl_operation operation;
    int64_t op;        /* seq of its release.begin event */
    int64_t number;    /* release that is to serve */
    int64_t previous;  /* release that served before; 0 = none */
    char *version;     /* short commit, "-dirty" behind when the tree was changed */
    char *source_hash; /* identifies the source; decides whether an unfinished release can be
                          resumed */
    int64_t commit_unix_s;
    json_t *facts;  /* step name -> what it found out; a step is done when it has an entry */
    json_t *begun;  /* names of steps that were begun: what an undo has to undo */
    json_t *origin; /* rollback: the facts of the deploy that made this release; else NULL */
    const struct gl_step *step; /* running now */
    int64_t deadline_ms;        /* of the running step on the monotonic clock; 0 = none */
    char *detail;               /* one line about the running step's result */
    char *failed_step;          /* name of the step that failed; NULL = none */
    bool interrupted;           /* Ctrl-C came while it ran or was undone */
    bool undone;                /* the system is as it was before, noted or not */
    int64_t breach_ms;          /* monotonic instant of the failure; 0 = none */
    int64_t serving_again_ms;   /* monotonic instant the previous version had all traffic again */
    struct gl_error cause;
};

/* ---- facts of steps ----------------------------------------------------------------------------
 */

/* The running step's own facts, an object to add to. */
json_t *gl_release_own_facts(struct gl_release *release);
/* A fact of an earlier step of this operation, or of the deploy that made the release; NULL or 0 if
 * there is none. Strings belong to the release. */
const char *gl_release_fact(const struct gl_release *release, const char *step, const char *key);
int64_t gl_release_fact_int(const struct gl_release *release, const char *step, const char *key);

/* Sets the one line shown behind the step's name. */
void gl_release_detail(struct gl_release *release, const char *fmt, ...) gl_printf(2, 3);
/* Tells what the running step is doing. */
void gl_release_update(struct gl_release *release, const char *fmt, ...) gl_printf(2, 3);
void gl_release_note(struct gl_release *release, const char *fmt, ...) gl_printf(2, 3);

/* What this release ships, from its facts. */
struct gl_artifact gl_release_artifact(const struct gl_release *release);

/* state_dir/"relative" and the project's directory/"relative"; the caller owns them. */
char *gl_release_state_path(const struct gl_release *release, const char *relative);
char *gl_release_project_path(const struct gl_release *release, const char *relative);

/* ---- journal.c ----------------------------------------------------------------------------------
 */

/* Appends an event of the running operation and calls the hook; data gets "op" and "step". A
 * "step.begin" is also kept in release->begun. */
gl_nodiscard int gl_journal_append(struct gl_release *release, const char *kind, const char *step,
                                   json_t *data, struct gl_error *err);

/* ---- source.c ----------------------------------------------------------------------------------
 */

/* Version, hash and commit time of the working tree. The hash is over the configuration and the
 * content of every file that git tracks or would add; without git, over every file of the backend,
 * frontend and migrations directories that no build makes (links left out). */
gl_nodiscard int gl_source_identify(struct gl_release *release, struct gl_error *err);

/* ---- engine.c ----------------------------------------------------------------------------------
 */

extern const struct gl_step *const gl_deploy_steps[]; /* steps.c; both end with NULL */
extern const struct gl_step *const gl_rollback_steps[];

/* Walks the steps from the first that is not done. On failure everything begun is undone and the
 * result is 0 with release->undone and release->cause set; a failure to undo is an error.
 * GL_E_BUSY: the lease was lost, so that nothing was touched any more. */
gl_nodiscard int gl_engine_run(struct gl_release *release, bool resumed, struct gl_error *err);
/* Undoes every begun step in reverse order, whether or not the ledger can be written; never stops
 * at an interrupt. GL_E_BUSY if the lease is lost: what runs now is somebody else's. */
gl_nodiscard int gl_engine_undo(struct gl_release *release, struct gl_error *err);
/* Shows every step's plan. */
void gl_engine_plan(const struct gl_release *release);

/* What is left of the running step's time, at least 1 ms and at most `most_ms`: the limit for one
 * program or request of it. */
int64_t gl_step_left_ms(const struct gl_release *release, int64_t most_ms);
/* GL_E_TIMEOUT once the running step's time is over. */
gl_nodiscard int gl_step_check_time(const struct gl_release *release, struct gl_error *err);

/* ---- watch.c, smoke.c --------------------------------------------------------------------------
 */

/* Watches the new version for that long; GL_E_UNHEALTHY at the first breach of release.limits. */
gl_nodiscard int gl_watch_version(struct gl_release *release, int64_t duration_ms,
                                  struct gl_error *err);

enum gl_smoke_stage {
    GL_SMOKE_VERSION, /* against one version itself */
    GL_SMOKE_EDGE,    /* through the public names at the edge, and the frontend's pages */
};

/* Runs release.smoke; the number that passed via ret_passed. */
gl_nodiscard int gl_smoke_run(struct gl_release *release, enum gl_smoke_stage stage, int64_t number,
                              size_t *ret_passed, struct gl_error *err);
/* Loads frontend.smoke_pages and everything they load. */
gl_nodiscard int gl_smoke_pages(struct gl_release *release, size_t *ret_pages, size_t *ret_assets,
                                struct gl_error *err);

#endif
