/* The rehearsal: a whole production release on this machine, and every way it can go wrong, under
 * load.
 *
 * It works in an instance of its own (.golive/rehearsal), so that nothing of a developer's local
 * environment is touched, and drives the same `golive deploy` that a person runs, as a process that
 * can be killed. */
#ifndef GL_REHEARSE_REHEARSE_H
#define GL_REHEARSE_REHEARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "config/config.h"
#include "platform/restore.h"
#include "rehearse/load.h"

/* How one case ended. Words are not translated; they are the same in rehearsal.json. */
struct gl_case_result {
    const char *name;     /* N_() */
    const char *expected; /* "done", "rolled back", "resumed" */
    const char *outcome;  /* the same, or "failed" */
    bool as_expected;
    int64_t release;
    int64_t rollback_ms; /* from breach to the old version serving; -1 if traffic had not moved */
    int64_t elapsed_ms;
    uint64_t lost; /* during this case */
    char *cause;   /* why it was rolled back, or NULL */
};

/* What the whole rehearsal found; everything belongs to it. */
struct gl_rehearsal_figures {
    bool good;
    size_t releases;
    size_t rolled_back;
    int64_t rollback_ms;                 /* the longest; -1 if none */
    uint64_t requests;                   /* that got an answer or failed */
    uint64_t lost;                       /* of them, and WebSockets cut or refused */
    int64_t load_made_pct;               /* of the requests that load.rps made due; the rest was
                                            never sent, for this machine is too slow or busy */
    const struct gl_load_counts *counts; /* of the whole run */
    int64_t rows_found;                  /* by load.verify_sql; -1 = not asked */
    const struct gl_restore_report *restore;
    const json_t *summary; /* what is in rehearsal.json */
};

/* What a person or a program is told while it runs; every function may be NULL. */
struct gl_rehearsal_reporter {
    void (*phase)(const char *text, void *context); /* a part of it begins */
    void (*step)(const char *case_name, const char *step, void *context);
    void (*case_end)(const struct gl_case_result *result, void *context);
    void (*end)(const struct gl_rehearsal_figures *figures, void *context);
    void *context;
};

struct gl_rehearsal_request {
    const struct gl_config *config; /* of an environment on this machine */
    const char *config_path;        /* golive.yaml, for the processes started */
    const char *state_dir;          /* .golive; the instance lies in rehearsal/ below it */
    const char *program;            /* golive itself */
    const struct gl_strv *set;      /* --set of this run, for the processes started */
    int64_t least_requests;         /* the load goes on until so many were answered */
    bool keep;                      /* leave the instance running at the end */
    const struct gl_rehearsal_reporter *reporter;
};

/* Runs every case, then restores a backup into a second cluster and compares. state_dir's
 * rehearsal.json is gone while it runs and is written at its end. GL_E_MISMATCH when a case ended
 * otherwise than expected, anything was lost, the load was not made, or the restored data differ;
 * GL_E_BUSY when another rehearsal of this state directory runs (names it). */
gl_nodiscard int gl_rehearse(const struct gl_rehearsal_request *request, struct gl_error *err);

#endif
