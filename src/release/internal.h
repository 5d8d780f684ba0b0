/* Room-internal: the state of one operation, shared by the engine and its steps. */
#ifndef GL_RELEASE_INTERNAL_H
#define GL_RELEASE_INTERNAL_H

#include "release/release.h"

enum gl_operation {
    GL_DEPLOY,
    GL_ROLLBACK,
};

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
    json_t *origin; /* rollback: the facts of the deploy that made this release; else NULL */
    const struct gl_step *step; /* running now */
    int64_t deadline_ms;        /* of the running step on the monotonic clock; 0 = none */
    char *detail;               /* one line about the running step's result */
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

/* ---- journal.c: what the ledger says about releases --------------------------------------------
 */

enum gl_operation_state {
    GL_OP_UNFINISHED,
    GL_OP_UNDOING,
    GL_OP_DONE,
    GL_OP_UNDONE,
};

struct gl_operation_record {
    int64_t op;
    enum gl_operation operation;
    int64_t release;
    int64_t previous;
    char *version;
    char *source_hash;
    int64_t commit_unix_s;
    int64_t begun_unix_ms;
    int64_t ended_unix_ms;

    enum gl_operation_state state;

    json_t *facts; /* step -> facts of finished steps */
    json_t *begun; /* array of step names that were begun, in order */
};

struct gl_journal {
    struct gl_operation_record *items; /* of one environment, oldest first */
    size_t count;
};

void gl_journal_done(struct gl_journal *journal);
#define gl_autojournal gl_cleanup(gl_journal_done)

gl_nodiscard int gl_journal_read(struct gl_ledger *ledger, const char *env,
                                 struct gl_journal *ret_journal, struct gl_error *err);
/* The operation that is neither done nor undone, or NULL. Only the newest can be. */
const struct gl_operation_record *gl_journal_unfinished(const struct gl_journal *journal);
/* The newest operation that is done: its release serves. NULL if none. */
const struct gl_operation_record *gl_journal_serving(const struct gl_journal *journal);
/* The deploy that made a release, or NULL. */
const struct gl_operation_record *gl_journal_deploy_of(const struct gl_journal *journal,
                                                       int64_t release);
int64_t gl_journal_next_release(const struct gl_journal *journal);
/* Where `golive rollback` without an argument goes: what served before the serving release; 0 if
 * there is nothing. */
int64_t gl_journal_rollback_target(const struct gl_journal *journal);
/* The newest `most` distinct releases that served, newest first; returns their number. */
size_t gl_journal_good_releases(const struct gl_journal *journal, int64_t *ret_releases,
                                size_t most);

/* Appends an event of the running operation and calls the hook; data gets "op" and "step". */
gl_nodiscard int gl_journal_append(struct gl_release *release, const char *kind, const char *step,
                                   json_t *data, struct gl_error *err);

/* ---- source.c ----------------------------------------------------------------------------------
 */

/* Version, hash and commit time of the working tree; a directory without git gets the time of
 * golive.yaml and a hash of the configuration. */
gl_nodiscard int gl_source_identify(struct gl_release *release, struct gl_error *err);

/* ---- engine.c ----------------------------------------------------------------------------------
 */

extern const struct gl_step *const gl_deploy_steps[]; /* steps.c; both end with NULL */
extern const struct gl_step *const gl_rollback_steps[];

/* Walks the steps from the first that is not done; undoes on failure. */
gl_nodiscard int gl_engine_run(struct gl_release *release, bool resumed, struct gl_error *err);
/* Undoes every begun step in reverse order; never stops at an interrupt. */
gl_nodiscard int gl_engine_undo(struct gl_release *release, struct gl_error *err);
/* Shows every step's plan. */
void gl_engine_plan(const struct gl_release *release);

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
