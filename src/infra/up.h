/* Making the stacks of an environment what its plan says: `golive up`.
 *
 * A scheduler on one thread that works in rounds. In each it looks at every stack that is not
 * finished, decides for each by gl_up_decide(), which knows nothing but facts, and does it. All
 * that is known is in the account: whoever ends this at any instant and runs it again goes on where
 * it was. Stacks that do not need each other are worked on side by side; one that fails blocks only
 * those that need it. */
#ifndef GL_INFRA_UP_H
#define GL_INFRA_UP_H

#include "infra/changeset.h"
#include "infra/events.h"
#include "infra/stack_status.h"
#include "ledger/ledger.h"

enum gl_up_state {
    GL_UP_WAITING,   /* for the stacks it needs, or for its turn */
    GL_UP_WATCHING,  /* somebody else's operation on it is under way */
    GL_UP_CLEARING,  /* a way out of an earlier failure is under way */
    GL_UP_RUNNING,   /* its change set is being executed */
    GL_UP_UNCHANGED, /* it was already as it should be */
    GL_UP_DONE,      /* changed and verified */
    GL_UP_UNDONE,    /* CloudFormation took the change back */
    GL_UP_FAILED,
    GL_UP_BLOCKED, /* a stack it needs did not become ready */
    GL_UP_LEFT,    /* not begun after a signal */
    GL_UP_STATE_COUNT,
};

/* "running", ... for JSON. Static text. */
const char *gl_up_state_word(enum gl_up_state state);

/* True for those that end a stack's part. */
bool gl_up_is_over(enum gl_up_state state);

/* ---- deciding (up_decide.c) --------------------------------------------------------------------
 */

/* All that decides what happens to a stack next. */
struct gl_up_facts {
    enum gl_up_state state;
    enum gl_way_out way_out; /* of its status now (stack_status.h) */
    enum gl_outcome outcome;
    bool begun;        /* RUNNING, CLEARING: CloudFormation began the operation we asked for */
    bool given_up;     /* RUNNING, CLEARING: it should have begun long ago */
    bool needs_open;   /* a stack it needs is not over */
    bool needs_failed; /* a stack it needs will not be ready */
    bool stopping;     /* nothing new may begin */
    unsigned ways_out; /* taken so far in this run */
};

enum { GL_UP_WAYS_OUT_MAX = 3 }; /* a stack that needs more does not come out by itself */

enum gl_up_step {
    GL_UP_STEP_NONE,     /* look again in the next round */
    GL_UP_STEP_WATCH,    /* wait for somebody else's operation */
    GL_UP_STEP_AGAIN,    /* an operation is over: begin anew with what there is */
    GL_UP_STEP_PLAN,     /* resolve, make a change set, execute it */
    GL_UP_STEP_DELETE,   /* delete what is left of a creation, after asking */
    GL_UP_STEP_CONTINUE, /* ContinueUpdateRollback, after asking */
    GL_UP_STEP_ROLLBACK, /* RollbackStack, after asking */
    GL_UP_STEP_REFUSE,   /* a person must look */
    GL_UP_STEP_GOOD,     /* it became what it should */
    GL_UP_STEP_UNDONE,
    GL_UP_STEP_BAD,
    GL_UP_STEP_BLOCK,
    GL_UP_STEP_LEAVE,
};

enum gl_up_step gl_up_decide(const struct gl_up_facts *facts);

/* ---- running -----------------------------------------------------------------------------------
 */

/* One stack while it is worked on; for showing. Strings belong to the plan's arena. */
struct gl_up_stack {
    struct gl_plan_stack *stack;
    enum gl_up_state state;
    const char *status;   /* CloudFormation's, or NULL */
    const char *resource; /* what the last event spoke of, or NULL */
    const char *resource_status;
    const char *reason;             /* why it failed, is blocked, waits; or NULL */
    size_t resources;               /* resources that were finished in this run */
    size_t not_verified;            /* of types that golive cannot verify (verify.h) */
    const char *not_verified_types; /* each once, separated by blanks; or NULL */
    int64_t begun_ms;               /* gl_mono_ms(); 0 = not begun */
    int64_t ended_ms;               /* 0 = not ended */
    int code;                       /* GL_E_* of a failure */
};

enum gl_up_question_kind {
    GL_UP_ASK_WAY_OUT, /* yes or no */
    GL_UP_ASK_DATA,    /* the logical id or the environment's name must be typed */
};

struct gl_up_question {
    enum gl_up_question_kind kind;
    const struct gl_plan_stack *stack;
    const char *resource; /* DATA: logical id */
    const char *env;
    const char *text; /* what would happen */
};

/* Who is told and asked. Any function but `ask` may be NULL. */
struct gl_up_reporter {
    /* A stack's state or status changed. */
    void (*changed)(const struct gl_up_stack *stack, void *context);
    void (*event)(const struct gl_up_stack *stack, const struct gl_stack_event *event,
                  void *context);
    /* Something a person should know while the stack is worked on. */
    void (*note)(const struct gl_up_stack *stack, const char *text, void *context);
    /* Once a round: a table may be drawn anew. */
    void (*round)(const struct gl_up_stack *stacks, size_t count, void *context);
    /* A first signal came: nothing new begins, what runs is watched to its end. */
    void (*stopping)(size_t running, void *context);
    /* 0 = do it; GL_E_REFUSED = do not; GL_E_INTERRUPTED. */
    int (*ask)(const struct gl_up_question *question, void *context, struct gl_error *err);
    void *context;
};

struct gl_up_options {
    struct gl_plan *plan; /* made; resolved and with change sets, or not yet */
    struct gl_account *account;
    const char *change_set;   /* begins the names of change sets that are made */
    struct gl_ledger *ledger; /* NULL = nothing is recorded */
    struct gl_lease *lease;   /* is checked in every round; NULL = none */
    struct gl_up_reporter reporter;
};

struct gl_up_outcome {
    struct gl_up_stack *stacks; /* plan->count; belong to the plan's arena */
    size_t count;
    size_t counts[GL_UP_STATE_COUNT];
    bool interrupted;
};

/* What stands in the account now: the SHA-256 of each template whose stack is as planned, by its
 * key, for the event infra.up.end. A promotion compares it with what it would ship
 * (release/applied.h). The caller owns it. */
json_t *gl_up_templates(const struct gl_up_outcome *outcome);

/* Leaves only the stack `key` in a plan, with all it needs. GL_E_NOT_FOUND with the nearest name.
 */
gl_nodiscard int gl_up_choose(struct gl_plan *plan, const char *key, struct gl_error *err);

/* Fills in what the change sets of a recalled plan (gl_plan_recall()) would do, resource by
 * resource. */
gl_nodiscard int gl_up_describe_plans(struct gl_plan *plan, struct gl_account *account,
                                      struct gl_error *err);

/* Runs until every stack is over. 0 = all are as planned; otherwise the error is that of the stack
 * that failed first: GL_E_ROLLED_BACK when CloudFormation took a change back, GL_E_REFUSED when
 * somebody said no or a person must look, GL_E_MISMATCH when the account does not show what was
 * made, GL_E_INTERRUPTED after a signal, GL_E_BUSY when the lease was lost. *ret_outcome is set in
 * any case. Change sets that stay unexecuted are removed. */
gl_nodiscard int gl_up_run(const struct gl_up_options *options, struct gl_up_outcome *ret_outcome,
                           struct gl_error *err);

#endif
