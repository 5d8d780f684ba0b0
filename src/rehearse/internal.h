/* Room-internal: the state of one rehearsal. */
#ifndef GL_REHEARSE_INTERNAL_H
#define GL_REHEARSE_INTERNAL_H

#include <jansson.h>
#include <sys/types.h>

#include "platform/platform.h"
#include "platform/restore.h"
#include "rehearse/load.h"
#include "rehearse/rehearse.h"

struct gl_rehearsal;

enum gl_expectation {
    GL_EXPECT_DONE,        /* the new version serves */
    GL_EXPECT_ROLLED_BACK, /* the old version serves */
    GL_EXPECT_RESUMED,     /* killed, started again, the new version serves */
};

/* One row: a release and what is done to it. */
struct gl_case {
    const char *name;
    enum gl_expectation expected;
    const char *command;   /* "deploy", "rollback" */
    const char *migration; /* SQL added as one more migration, or NULL */
    const char *cause;     /* in what the release is undone for, or NULL */
    const char *at_step;   /* when this step begins ... */
    int64_t after_ms;      /* ... and so much later ... */
    int (*strike)(struct gl_rehearsal *rehearsal, struct gl_error *err); /* ... this happens */
    int (*before)(struct gl_rehearsal *rehearsal,
                  struct gl_error *err); /* or this before it begins */
};

struct gl_rehearsal {
    const struct gl_rehearsal_request *request;
    struct gl_platform *platform;
    char *dir;            /* state directory of the instance */
    char *result_path;    /* rehearsal.json */
    int lock_fd;          /* held while it runs; -1 before */
    char *overlay;        /* directory of migrations with further ones, "" at first */
    struct gl_load *load; /* NULL until the first release serves */
    const struct gl_load_counts *counts; /* belongs to the load; NULL before it */
    struct gl_case_result results[16];
    size_t result_count;
    const struct gl_case *running;
    pid_t deployer;  /* golive deploy, from its first event */
    int64_t release; /* it is about */
    bool struck;
    json_t *outcome; /* its last event */
    struct gl_error strike_error;
    struct gl_restore_report restore;
    int64_t rows_found; /* by load.verify_sql; -1 = not asked */
    int64_t switches;
    int64_t begun_ms;
};

extern const struct gl_case gl_cases[]; /* ends with name NULL */

/* How long the fault of the slow answers delays each, and to what share of requests that of the
 * 5xx answers: enough to breach release.limits, whatever they are. */
int64_t gl_fault_slow_ms(const struct gl_config *config);
int gl_fault_5xx_pct(const struct gl_config *config);

/* settings.c: what was given with --set, and what a rehearsal sets besides: a short bake, ports of
 * its own. */
void gl_rehearsal_settings(const struct gl_config *config, const struct gl_strv *given,
                           struct gl_strv *ret_all);

/* Runs one case and adds its result; an error only when the rehearsal itself cannot go on. */
gl_nodiscard int gl_case_run(struct gl_rehearsal *rehearsal, const struct gl_case *row,
                             struct gl_error *err);

/* deployer.c: runs golive as a process; tells the case about its events. */
gl_nodiscard int gl_deployer_run(struct gl_rehearsal *rehearsal, const char *command,
                                 int *ret_exit_status, struct gl_error *err);

/* overlay.c: a copy of the project's migrations with one more; kept for the releases after it. */
gl_nodiscard int gl_overlay_add(struct gl_rehearsal *rehearsal, const char *sql, char **ret_path,
                                struct gl_error *err);

/* plan.c: after so long the load generator gives a request up, however slow the fault makes it. */
int64_t gl_load_timeout_ms(const struct gl_config *config);

/* plan.c: what the load generator sends, from load.* of the configuration; logs in where asked to.
 */
gl_nodiscard int gl_load_plan(struct gl_rehearsal *rehearsal, json_t **ret_plan,
                              struct gl_error *err);

/* Requests that did not get what they should: no answer, a wrong one, a WebSocket cut or refused.
 */
uint64_t gl_lost_count(const struct gl_rehearsal *rehearsal);
/* Requests that got an answer or failed; those still under way are not counted. */
uint64_t gl_request_count(const struct gl_rehearsal *rehearsal);

/* rows.c: the number that load.verify_sql counts; -1 when there is none. */
gl_nodiscard int gl_rows_count(struct gl_rehearsal *rehearsal, int64_t *ret_rows,
                               struct gl_error *err);

/* "done", "rolled back", "resumed": not translated. */
const char *gl_expected_word(enum gl_expectation expected);

/* lock.c: one rehearsal at a time in a state directory; GL_E_BUSY names the other. The kernel
 * releases it when golive ends, however. */
gl_nodiscard int gl_rehearsal_lock(const char *dir, int *ret_fd, struct gl_error *err);

/* summary.c: tells the reporter and writes rehearsal.json. `ret_figures` has no summary. */
gl_nodiscard int gl_summary_write(struct gl_rehearsal *rehearsal,
                                  struct gl_rehearsal_figures *ret_figures, struct gl_error *err);

#endif
