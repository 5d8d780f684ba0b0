/* Releases: a table of steps over a platform, journaled so that a release killed at any instant is
 * resumed or undone.
 *
 * An operation (a deploy or a rollback) walks its steps; the ledger has the intent before each
 * effect and the result after it. Every step may run again after a crash and then completes the
 * same effect. */
#ifndef GL_RELEASE_RELEASE_H
#define GL_RELEASE_RELEASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ledger/ledger.h"
#include "platform/platform.h"

struct gl_release;

/* One row of a step table. Functions return 0 or a GL_E_*; NULL = nothing to do. */
struct gl_step {
    const char *name; /* in the journal and on the screen */
    /* NULL, or why the step is left out ("no frontend"); the text is N_(). */
    const char *(*skip)(const struct gl_release *release);
    /* What it would do, for --dry-run; the caller owns the text. */
    char *(*plan)(const struct gl_release *release);
    int (*run)(struct gl_release *release, struct gl_error *err);
    /* Looks at the running system: is the effect there? Asked after run, and again on resume. */
    int (*verify)(struct gl_release *release, struct gl_error *err);
    int (*undo)(struct gl_release *release, struct gl_error *err);
    int64_t timeout_ms; /* for run; 0 = none of its own */
    bool live;   /* its effect is a running thing that may have gone since: verified on resume */
    bool urgent; /* undone before all others: it gives the traffic back */
};

/* What a person or a program is told while an operation runs. */
struct gl_reporter {
    void (*begin)(const struct gl_release *release, void *context);
    void (*step_begin)(const struct gl_step *step, void *context);
    void (*step_update)(const struct gl_step *step, const char *text, void *context);
    void (*step_end)(const struct gl_step *step, const char *detail, const struct gl_error *err,
                     int64_t elapsed_ms, void *context);
    void (*step_skipped)(const struct gl_step *step, const char *why, void *context);
    void (*step_plan)(const struct gl_step *step, const char *what, void *context);
    void (*undo_end)(const struct gl_step *step, const char *detail, const struct gl_error *err,
                     int64_t elapsed_ms, void *context);
    void (*note)(const char *text, void *context);
    void *context;
};

struct gl_release_request {
    const struct gl_config *config;
    struct gl_ledger *ledger;
    struct gl_platform *platform;
    const char *state_dir;
    const struct gl_reporter *reporter;
    bool dry_run;
    bool abort_unfinished; /* deploy: undo an unfinished operation and do nothing else */
    int64_t rollback_to;   /* rollback: 0 = the previous good release */
};

struct gl_release_outcome {
    int64_t release;     /* what the operation was about */
    int64_t serving;     /* release that serves now; 0 if none */
    bool done;           /* the operation reached its goal */
    bool undone;         /* it was rolled back */
    bool resumed;        /* it continued one that had been killed */
    int64_t rollback_ms; /* from breach to the old version serving; -1 if traffic had not moved */
    int64_t elapsed_ms;
    char *failed_step;
    struct gl_error cause; /* why it was undone */
};

void gl_release_outcome_done(struct gl_release_outcome *outcome);

/* Ships the working tree. An unfinished operation of this environment is resumed when it is of the
 * same source, else undone first. GL_E_ROLLED_BACK: undone, the old version serves (outcome has the
 * cause); GL_E_BUSY: another deployer holds the lease. */
gl_nodiscard int gl_release_deploy(const struct gl_release_request *request,
                                   struct gl_release_outcome *ret_outcome, struct gl_error *err);

/* Goes back to an earlier good release: at once while it is warm. An unfinished operation is undone
 * first (and that is all, when no release was named). The database is not touched. */
gl_nodiscard int gl_release_rollback(const struct gl_release_request *request,
                                     struct gl_release_outcome *ret_outcome, struct gl_error *err);

/* Called after each journal event with its kind and step ("" if none); NULL outside of tests, which
 * use it to end the process at every point. */
extern void (*gl_release_journal_hook)(const char *kind, const char *step);

#endif
