/* A check: controls judged, with waivers, a baseline and what changed taken into account. */
#ifndef GL_CONTROL_CHECK_H
#define GL_CONTROL_CHECK_H

#include "base/json.h"
#include "control/judge.h"

/* ---- waivers -----------------------------------------------------------------------------------
 */

/* A waiver as it stands in golive.yaml or in a template. Texts are owned; NULL where absent. */
struct gl_waiver {
    char *control;
    char *resource; /* NULL = all of the control */
    char *reason;
    char *by;
    char *approved_by;
    char *expires; /* YYYY-MM-DD */
    char *file;
    unsigned line;
    char *flaw;   /* why it does not count, NULL = it does */
    bool expired; /* that is the flaw */
    bool checked; /* its control was judged: what it matched can be told */
    size_t used;  /* findings it covers */
};

/* ---- a check -----------------------------------------------------------------------------------
 */

struct gl_check_counts {
    size_t status[GL_STATUS_COUNT]; /* controls */
    size_t blocking;                /* controls */
    size_t critical;                /* of these */
    size_t deferred;                /* rules that need --live */
    size_t known;                   /* findings that stand in the baseline */
    size_t mended;                  /* findings of the baseline that are no more */
    size_t outside;                 /* failures in files that did not change */
};

struct gl_check {
    char *app;
    char *env;
    char *platform;
    char *today; /* YYYY-MM-DD */
    enum gl_stage stage;
    bool since; /* only failures in changed files count */
    struct gl_control_result *items;
    size_t count;
    struct gl_waiver *waivers;
    size_t waiver_count;
    struct gl_check_counts counts; /* see gl_check_conclude() */
    struct gl_problems broken;     /* sources that are there and cannot be read */
    size_t errors;                 /* these and files of controls that were left out: all block */
    int64_t took_us;               /* of the rules */
};

void gl_check_done(struct gl_check *check);
#define gl_autocheck gl_cleanup(gl_check_done)

/* What to judge; zero-initialise. */
struct gl_check_request {
    const struct gl_controls *controls;
    const struct gl_strv *only; /* prefixes of ids, NULL or empty = all */
    enum gl_severity severity;  /* this and above */
    enum gl_stage stage;
    bool live;
};

/* Judges the controls over the facts and applies waivers. The controls must outlive the check. The
 * caller calls gl_check_done(). */
gl_nodiscard int gl_check_run(sqlite3 *db, const struct gl_check_request *request,
                              struct gl_check *ret_check, struct gl_error *err);

/* Statuses, what blocks and the counts, from findings as they are marked now. Blocks: a control of
 * medium severity or above with a failure that no waiver and no baseline covers; one of high or
 * critical severity that is unknown and judged at the stage or before it; one of any severity with
 * a rule that cannot be run, unless a waiver covers that. Errors block besides. These two do with
 * or without `since`: what cannot be read or run may hide any failure. */
void gl_check_conclude(struct gl_check *check);

/* ---- waiver.c ----------------------------------------------------------------------------------
 */

/* Reads the waivers from the facts and marks the findings they cover. */
gl_nodiscard int gl_check_waive(sqlite3 *db, const struct gl_controls *controls,
                                struct gl_check *check, struct gl_error *err);

/* True if a waiver, as far as it has no flaw, is for this failure or unknown: of any resource, of
 * its own, or of a part of its own ("prod/data/Role Policies[0]"). */
bool gl_waiver_covers(const struct gl_waiver *waiver, const struct gl_finding *finding);

/* ---- baseline.c --------------------------------------------------------------------------------
 */

/* Marks failures that stand in a baseline. */
gl_nodiscard int gl_check_baseline_read(const char *path, struct gl_check *check,
                                        struct gl_error *err);
/* Marks them by a baseline that was read: {version: 1, failures: [{control, rule, resource, file,
 * count}]}. */
gl_nodiscard int gl_check_baseline_apply(const json_t *baseline, struct gl_check *check,
                                         struct gl_error *err);
/* The failures of a check as a baseline; the caller owns it. */
json_t *gl_check_baseline_make(const struct gl_check *check);

/* ---- since.c -----------------------------------------------------------------------------------
 */

/* Marks findings in files that are the same as in a commit of the project's repository. */
gl_nodiscard int gl_check_since(const char *project_dir, const char *commit, struct gl_check *check,
                                struct gl_error *err);

#endif
