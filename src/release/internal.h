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
    int64_t op;            /* seq of its release.begin event */
    int64_t begun_unix_ms; /* when that was; 0 = not yet */
    int64_t number;        /* release that is to serve */
    int64_t previous;      /* release that served before; 0 = none */
    char *version;         /* short commit, "-dirty" behind when the tree was changed */
    char *source_hash; /* identifies source and settings; decides whether an unfinished release can
                          be resumed */
    char *revision; /* the source alone: commit, "-dirty" behind; without git the hash of the files;
                       NULL in a rollback */
    int64_t commit_unix_s; /* or what stands for it (source_time.h) */
    char *commit;          /* of which the tree is, in full; "" without git */
    char *author;          /* its author's mail address; "" without git */
    char *tree_hash;       /* content of the source, whatever golive.yaml says of an environment */
    char *starter;         /* people[].id of who ships it; NULL if golive.yaml does not know */
    char *hotfix;    /* why it ships without the approvals of its environment; NULL = it does not */
    json_t *despite; /* {alarm, reason}: which alarm does not count for it; NULL = all do */
    json_t *promotion;              /* what is promoted (promotion.h); NULL = it is built here */
    gl_open_platform_fn *open_from; /* promotion: where the image is already; may be NULL */
    void *open_from_context;
    json_t *facts;  /* step name -> what it found out; a step is done when it has an entry */
    json_t *begun;  /* names of steps that were begun: what an undo has to undo */
    json_t *origin; /* rollback: the facts of the deploy that made this release; else NULL */
    const struct gl_step *step; /* running now */
    int64_t deadline_ms;        /* of the running step on the monotonic clock; 0 = none */
    char *detail;               /* one line about the running step's result */
    char *failed_step;          /* name of the step that failed; NULL = none */
    bool interrupted;           /* Ctrl-C came while it ran or was undone */
    bool undone;                /* the system is as it was before, noted or not */
    bool taken_back;            /* an undo had something to do */
    int64_t breach_ms;          /* monotonic instant of the failure; 0 = none */
    int64_t serving_again_ms;   /* monotonic instant the previous version had all traffic again */
    char *no_way_back;          /* why the previous version does not run again; NULL = it may */
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

/* Version, revision, hashes and commit of the working tree. The tree's hash is over the content of
 * every file that git tracks or would add; without git, over every file of the backend, frontend
 * and migrations directories that no build makes (links left out). golive.yaml is left out: the
 * source's hash is over commit, merged configuration and tree. */
gl_nodiscard int gl_source_identify(struct gl_release *release, struct gl_error *err);

/* source_changes.c: the files of the source in which the working tree differs from its commit,
 * those that git would add among them: "a (changed), b (not in git), c (not in git), 4 more". "" if
 * there are none, or no git. The caller owns it. */
char *gl_source_changes(const struct gl_config *config);

/* GL_E_REFUSED when golive.yaml is not as it was committed: it says whose approval counts, so
 * others must be able to see who changed that. 0 without git. */
gl_nodiscard int gl_source_check_settings(const struct gl_release *release, struct gl_error *err);

/* ---- engine.c ----------------------------------------------------------------------------------
 */

extern const struct gl_step *const gl_deploy_steps[]; /* steps.c; each ends with NULL */
extern const struct gl_step *const gl_promote_steps[];
extern const struct gl_step *const gl_rollback_steps[];

/* Walks the steps from the first that is not done, or whose result is needed here and lies on
 * another machine (gl_step.is_here). On failure everything begun is undone and the
 * result is 0 with release->undone and release->cause set; a failure to undo is an error.
 * GL_E_BUSY: the lease was lost, so that nothing was touched any more. */
gl_nodiscard int gl_engine_run(struct gl_release *release, bool resumed, struct gl_error *err);
/* Undoes every begun step in reverse order, whether or not the ledger can be written; never stops
 * at an interrupt. GL_E_BUSY if the lease is lost: what runs now is somebody else's. */
gl_nodiscard int gl_engine_undo(struct gl_release *release, struct gl_error *err);
/* Shows every step's plan; of a release that is resumed, what only another machine had is planned
 * again. */
void gl_engine_plan(struct gl_release *release);

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
    GL_SMOKE_VERSION, /* against one version itself, and its pages where a service makes them */
    GL_SMOKE_EDGE,    /* through the public names at the edge, and the frontend's pages */
};

/* release.smoke as it is kept with a release: an array of tests with the paths of its version. */
json_t *gl_smoke_pinned(const struct gl_release *release);

/* Runs the smoke tests that belong to release `number`; how many passed via ret_passed. */
gl_nodiscard int gl_smoke_run(struct gl_release *release, enum gl_smoke_stage stage, int64_t number,
                              size_t *ret_passed, struct gl_error *err);
/* Loads frontend.smoke_pages and everything they load; of a version itself only with
 * gl_platform_has_pages(). */
gl_nodiscard int gl_smoke_pages(struct gl_release *release, enum gl_smoke_stage stage,
                                size_t *ret_pages, size_t *ret_assets, struct gl_error *err);

#endif
