/* Room-internal: several calls to AWS side by side, each with all its pages. */
#ifndef GL_INFRA_LIVE_CALLS_H
#define GL_INFRA_LIVE_CALLS_H

#include "aws/client.h"

/* One call. The first four members are the caller's; a call without operation is left out. */
struct gl_live_call {
    const char *service;
    const char *operation;
    const char *region; /* NULL = the client's */
    json_t *params;     /* owned */

    /* What came of it. `result` holds the lists of all pages. */
    int code; /* 0 or GL_E_* */
    json_t *result;
    struct gl_aws_failure failure;
    struct gl_error error;
    struct gl_aws_pending *pending; /* while it is on its way */
};

/* Makes all calls and waits for all. Only a signal is a failure of its own (GL_E_INTERRUPTED); what
 * came of each call stands in it. With `to_the_end` the calls that are on their way when a signal
 * comes are waited for, so that it is known what they did; the signal is then forgotten
 * (gl_interrupt_clear()) and still reported. */
gl_nodiscard int gl_live_calls(struct gl_aws_client *client, struct gl_live_call *calls,
                               size_t count, bool to_the_end, struct gl_error *err);

/* Ends what is still on its way and empties the call; it can be used again. */
void gl_live_call_done(struct gl_live_call *call);

/* An array of them, made and freed together. */
struct gl_live_calls {
    struct gl_live_call *items;
    size_t count;
};
struct gl_live_calls gl_live_calls_new(size_t count);
void gl_live_calls_done(struct gl_live_calls *calls);
#define gl_autocalls gl_cleanup(gl_live_calls_done)

/* True if AWS refused for want of rights. */
bool gl_live_call_denied(const struct gl_live_call *call);

/* The call's error as the caller's; a missing right is named as policies call it
 * ("rds:Describe...") beside `caller`, the ARN of who called. Returns its code. */
int gl_live_call_fail(struct gl_live_call *call, const char *caller, struct gl_error *err);

#endif
