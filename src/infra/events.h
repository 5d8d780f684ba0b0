/* What CloudFormation says while it works on stacks: their events, each once.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html */
#ifndef GL_INFRA_EVENTS_H
#define GL_INFRA_EVENTS_H

#include "infra/account.h"
#include "infra/arena.h"

/* One event. Strings belong to the arena of its feed. */
struct gl_stack_event {
    const char *id;
    const char *resource;    /* logical id; of the stack itself its name */
    const char *type;        /* "AWS::EC2::VPC" */
    const char *physical_id; /* or NULL */
    const char *status;      /* "CREATE_FAILED" */
    const char *reason;      /* AWS's words, or NULL */
    const char *time;        /* as AWS writes it */
    bool of_stack;           /* the stack's own status */
};

/* Where the reading of one stack's events stands. Zero-initialise and set the first three. */
struct gl_event_feed {
    const char *stack; /* id; a name until there is one. NULL = is left out */
    const char *region;
    struct gl_arena *arena;
    const char *last_id; /* the newest event that was seen; NULL = none yet */
    size_t number;       /* of the feed, for the reader */
};

/* Sees an event; those of one feed come oldest first. */
typedef void gl_event_seen_fn(const struct gl_event_feed *feed, const struct gl_stack_event *event,
                              void *context);

/* Reads what is new of all feeds side by side and steps them on. A feed that has seen nothing yet
 * gets only the newest page. `see` NULL = only step on. A stack that does not exist has no events.
 * The first failure is reported after all were read. */
gl_nodiscard int gl_events_read(struct gl_account *account, struct gl_event_feed *feeds,
                                size_t count, gl_event_seen_fn *see, void *context,
                                struct gl_error *err);

/* True if the event says why an operation failed: *_FAILED, but not because another resource
 * failed first. */
bool gl_event_is_cause(const struct gl_stack_event *event);

/* True if it is the stack's own beginning of an operation (*_IN_PROGRESS, not REVIEW). */
bool gl_event_is_begin(const struct gl_stack_event *event);

#endif
