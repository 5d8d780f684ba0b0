/* Room-internal: the parts of `golive up`. */
#ifndef GL_INFRA_UP_INTERNAL_H
#define GL_INFRA_UP_INTERNAL_H

#include "infra/changeset_internal.h"
#include "infra/plan_id.h"
#include "infra/up.h"

/* One stack's part of the run beside what is shown of it. */
struct up_work {
    struct gl_event_feed feed;
    bool begun;              /* see struct gl_up_facts */
    const char *last_status; /* of the stack, by its events */
    const char *cause;       /* resource and reason of the first failure in this operation */
    const char *way;         /* what to do about it, or NULL */
    const char *certificate; /* its ARN, while it waits and nobody was told for what; or NULL */
    int64_t asked_ms;        /* when we asked for the operation that runs */
    bool refused;            /* and AWS said no, perhaps because it had done it already */
    bool executed;           /* the change set that was made last */
    unsigned ways_out;
    unsigned attempts;             /* at executing a change set */
    bool settled;                  /* its change set was executed well: to be verified */
    bool planned;                  /* stack->change is CloudFormation's own plan of */
    char hash[GL_SHA256_HEX_SIZE]; /* exactly this (gl_plan_stack_hash()) */
};

struct up_run {
    const struct gl_up_options *options;
    struct gl_plan *plan;
    size_t count;
    struct gl_up_stack *shown; /* [count], all of the plan's arena */
    struct up_work *work;
    struct gl_live_stack *live;
    bool stopping;
    bool changed;     /* something happened in this round */
    unsigned batches; /* of change sets, so that each has its own name */
};

/* ---- up.c */

/* Sets the state and tells the reporter. */
void gl_up_set(struct up_run *run, size_t i, enum gl_up_state state);

/* The stack's part ends here with this error, which is emptied. */
void gl_up_fail(struct up_run *run, size_t i, enum gl_up_state state, struct gl_error *err);

/* Appends an event about the stack to the ledger: intent before an effect, result after it. */
gl_nodiscard int gl_up_record(const struct up_run *run, const char *kind, size_t i,
                              const char *what, struct gl_error *err);

/* Before an operation is asked for: steps the feeds on, so that what is read later belongs to it;
 * forgets what was known of the one before. */
gl_nodiscard int gl_up_mark(struct up_run *run, const bool *which, struct gl_error *err);

/* ---- up_cause.c */

/* Remembers why the operation fails, if this event says so first, and what to do about it. */
void gl_up_note_cause(struct up_run *run, size_t i, const struct gl_stack_event *event);

/* ---- up_certificate.c */

/* Remembers a certificate that is being made. */
void gl_up_note_certificate(struct up_run *run, size_t i, const struct gl_stack_event *event);

/* Tells the reporter, once for each, which DNS records such a certificate waits for. */
gl_nodiscard int gl_up_tell_certificates(struct up_run *run, struct gl_error *err);

/* ---- up_change.c */

/* Notes which stacks have been planned by CloudFormation already. */
void gl_up_note_plans(struct up_run *run);

/* Resolves those stacks, makes their change sets side by side, asks about data, executes. What goes
 * wrong with one stack is that stack's failure. */
gl_nodiscard int gl_up_change(struct up_run *run, const bool *which, struct gl_error *err);

/* ---- up_way_out.c */

/* Asks, then does what `step` says. */
gl_nodiscard int gl_up_way_out(struct up_run *run, size_t i, enum gl_up_step step,
                               struct gl_error *err);

/* Says what is in the way of a stack that golive does not put right. */
gl_nodiscard int gl_up_refuse(struct up_run *run, size_t i, struct gl_error *err);

/* ---- up_verify.c */

/* Verifies those stacks side by side; they become DONE (those that were changed), UNCHANGED or
 * FAILED. */
gl_nodiscard int gl_up_verify(struct up_run *run, const bool *which, struct gl_error *err);

#endif
