/* What each stack status of CloudFormation means and the way out of it, as a table.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-status-codes
 */
#ifndef GL_INFRA_STACK_STATUS_H
#define GL_INFRA_STACK_STATUS_H

/* What must be done before the stack can be created or updated. */
enum gl_way_out {
    GL_WAY_CREATE,   /* there is no stack, or one that is gone: create it */
    GL_WAY_UPDATE,   /* it can be updated as it is */
    GL_WAY_WAIT,     /* an operation is under way: wait for its end, then look again */
    GL_WAY_DELETE,   /* it never worked (ROLLBACK_COMPLETE, ...): delete, then create */
    GL_WAY_CONTINUE, /* ContinueUpdateRollback, then look again */
    GL_WAY_ROLLBACK, /* RollbackStack, then look again */
    GL_WAY_REVIEW,   /* REVIEW_IN_PROGRESS: only a change set exists; execute or replace it */
    GL_WAY_ASK,      /* a person must look (DELETE_FAILED): say what is in the way */
};

enum gl_outcome {
    GL_OUTCOME_RUNNING,
    GL_OUTCOME_GOOD,   /* the operation did what was asked */
    GL_OUTCOME_UNDONE, /* CloudFormation took it back */
    GL_OUTCOME_BAD,    /* neither */
};

struct gl_stack_status {
    const char *name; /* "UPDATE_ROLLBACK_FAILED" */
    enum gl_way_out way_out;
    enum gl_outcome outcome; /* of the operation that led here */
    const char *text;        /* N_(): what it means, for a person */
};

/* By name; an unknown or NULL name is a stack that does not exist (GL_WAY_CREATE) only if NULL, and
 * GL_WAY_ASK otherwise. Never NULL. */
const struct gl_stack_status *gl_stack_status_find(const char *name);

/* All rows, for tests and documentation; ends with a NULL name. */
extern const struct gl_stack_status gl_stack_statuses[];

#endif
