/* Removing the stacks of an environment: `golive down`.
 *
 * First a survey says what there is and what would be lost; after somebody confirmed it the stacks
 * are deleted in reverse order, side by side where they do not need each other. Only stacks whose
 * tags say golive:app and golive:env of this environment are touched. Like `up` it keeps no state:
 * running it again goes on. */
#ifndef GL_INFRA_DOWN_H
#define GL_INFRA_DOWN_H

#include "infra/changeset.h"
#include "infra/events.h"
#include "infra/stack_status.h"
#include "ledger/ledger.h"

/* ---- what there is (down_survey.c) -------------------------------------------------------------
 */

/* What becomes of a resource when its stack is deleted. */
enum gl_fate {
    GL_FATE_GONE,     /* deleted with all it holds */
    GL_FATE_SNAPSHOT, /* deleted after a last snapshot, which stays and costs */
    GL_FATE_STAYS,    /* left in the account, and costs (DeletionPolicy Retain) */
};

struct gl_down_resource {
    const char *id; /* logical id */
    const char *type;
    const char *physical_id;
    enum gl_fate fate;
    bool data;
    const char *size;  /* "100 GB", or NULL where asking is not cheap */
    bool is_protected; /* the service itself refuses to delete it (DeletionProtection) */
};

enum gl_down_state {
    GL_DOWN_WAITING, /* for the stacks that need it to be gone, or for its turn */
    GL_DOWN_RUNNING,
    GL_DOWN_GONE,
    GL_DOWN_FAILED,
    GL_DOWN_BLOCKED, /* a stack that needs it could not be deleted */
    GL_DOWN_LEFT,    /* not begun after a signal */
    GL_DOWN_STATE_COUNT,
};

/* One stack that is to be deleted. Everything belongs to the plan's arena. */
struct gl_down_stack {
    const char *key; /* of the plan, else the stack's name */
    const char *stack_name;
    const char *stack_id;
    const char *region;
    const struct gl_plan_stack *planned; /* NULL: golive.yaml does not make it any more */
    bool is_protected;                   /* termination protection */
    struct gl_down_resource *resources;
    size_t resource_count;

    enum gl_down_state state;
    const char *status;
    const char *resource; /* what the last event spoke of */
    const char *resource_status;
    const char *reason;
    const char *snapshot; /* the last snapshot that was found, or NULL */
    int64_t begun_ms;
    int64_t ended_ms;
    int code;
};

struct gl_down {
    struct gl_plan *plan;
    struct gl_account *account;
    struct gl_down_stack *stacks;
    size_t count;
    const char
        *foreign;       /* names of stacks that are named like ours but carry other tags, or NULL */
    const char *shared; /* account stacks that stay for want of --account, or NULL */
};

/* Reads which stacks there are, with their resources. `with_account` takes the stacks of the whole
 * account in (bootstrap, ci, audit): GL_E_REFUSED names the other environments that still use them.
 */
gl_nodiscard int gl_down_survey(struct gl_plan *plan, struct gl_account *account, bool with_account,
                                struct gl_down *ret_down, struct gl_error *err);

/* Fills in the sizes of buckets and image repositories, those of one page each: "3 objects, 1.2
 * MB", "more than 1000 objects, ...". What may not be read stays without. GL_E_INTERRUPTED. */
gl_nodiscard int gl_down_measure(struct gl_down *down, struct gl_error *err);

/* True if stack `user` needs stack `need`: it must be gone first. A stack that the plan does not
 * have any more may need anything. */
bool gl_down_needs(const struct gl_down *down, size_t user, size_t need);

/* ---- deciding (down_decide.c) ------------------------------------------------------------------
 */

struct gl_down_facts {
    enum gl_down_state state;
    const char *status; /* of the stack, NULL or DELETE_COMPLETE = gone */
    bool begun;         /* RUNNING: CloudFormation began the deletion we asked for */
    bool given_up;      /* RUNNING: it should have begun long ago */
    bool users_open;    /* a stack that needs it is not over */
    bool users_failed;  /* a stack that needs it stays */
    bool stopping;
    unsigned tries; /* deletions asked for so far */
};

enum { GL_DOWN_TRIES_MAX = 3 }; /* as it is, with what was in the way removed, leaving what fails */

enum gl_down_step {
    GL_DOWN_STEP_NONE,
    GL_DOWN_STEP_DELETE, /* turn protection off, empty, delete */
    GL_DOWN_STEP_RETAIN, /* ask, then delete and leave what could not be deleted */
    GL_DOWN_STEP_GONE,
    GL_DOWN_STEP_FAIL,
    GL_DOWN_STEP_BLOCK,
    GL_DOWN_STEP_LEAVE,
};

enum gl_down_step gl_down_decide(const struct gl_down_facts *facts);

/* ---- preparing one stack (down_prepare.c) ------------------------------------------------------
 */

/* Turns off termination and deletion protection. */
gl_nodiscard int gl_down_unprotect(struct gl_down *down, const struct gl_down_stack *stack,
                                   struct gl_error *err);

/* Empties buckets (all versions and delete markers) and image repositories that go, side by side,
 * in batches; ret_count: objects and images removed. A bucket that is gone is empty. */
gl_nodiscard int gl_down_empty(struct gl_down *down, const struct gl_down_stack *stack,
                               size_t *ret_count, struct gl_error *err);

/* Finds the last snapshots of databases that were to leave one: GL_E_MISMATCH if one is missing. */
gl_nodiscard int gl_down_find_snapshot(struct gl_down *down, struct gl_down_stack *stack,
                                       struct gl_error *err);

/* ---- running (down.c) --------------------------------------------------------------------------
 */

struct gl_down_reporter {
    void (*changed)(const struct gl_down_stack *stack, void *context);
    void (*event)(const struct gl_down_stack *stack, const struct gl_stack_event *event,
                  void *context);
    void (*round)(const struct gl_down_stack *stacks, size_t count, void *context);
    void (*stopping)(size_t running, void *context);
    /* May these resources stay in the account so that the stack can go? 0 = yes; GL_E_REFUSED. */
    int (*ask)(const struct gl_down_stack *stack, const char *text, void *context,
               struct gl_error *err);
    void *context;
};

struct gl_down_options {
    struct gl_ledger *ledger;
    struct gl_lease *lease;
    struct gl_down_reporter reporter;
};

/* Deletes all stacks of the survey; nobody is asked any more whether. 0 = all are gone; otherwise
 * the error of the first that stays: GL_E_REFUSED, GL_E_UNHEALTHY, GL_E_MISMATCH (a snapshot is
 * missing), GL_E_INTERRUPTED. */
gl_nodiscard int gl_down_run(struct gl_down *down, const struct gl_down_options *options,
                             struct gl_error *err);

#endif
