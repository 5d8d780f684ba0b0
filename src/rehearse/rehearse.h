/* The rehearsal: a whole production release on this machine, and every way it can go wrong, under
 * load.
 *
 * It works in an instance of its own (.golive/rehearsal), so that nothing of a developer's local
 * environment is touched, and drives the same `golive deploy` that a person runs, as a process that
 * can be killed. */
#ifndef GL_REHEARSE_REHEARSE_H
#define GL_REHEARSE_REHEARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "config/config.h"

struct gl_rehearsal_request {
    const struct gl_config *config; /* for --env local */
    const char *config_path;        /* golive.yaml, for the processes started */
    const char *state_dir;          /* .golive; the instance lies in rehearsal/ below it */
    const char *program;            /* golive itself */
    const struct gl_strv *set;      /* --set of this run, for the processes started */
    int64_t least_requests;         /* the load goes on until so many were answered */
    bool keep;                      /* leave the instance running at the end */
    FILE *out;                      /* one line a case, the table, the last line */
    bool json;                      /* only the result as JSON */
    bool terminal;
    bool colour;
};

/* Runs every case, then restores a backup into a second cluster and compares. Writes
 * state_dir/rehearsal.json. GL_E_MISMATCH when a case ended otherwise than expected, anything was
 * lost, or the restored data differ. */
gl_nodiscard int gl_rehearse(const struct gl_rehearsal_request *request, struct gl_error *err);

#endif
