/* What AWS said when it did not do what was asked. */
#ifndef GL_AWS_FAILURE_H
#define GL_AWS_FAILURE_H

#include <stdbool.h>

#include "aws/service.h"
#include "base/error.h"
#include "net/http.h"

/* Zero-initialise; code is NULL while there is no failure. */
struct gl_aws_failure {
    char *code; /* AWS's error code without namespace: "ValidationError"; "HTTP503" if there is none
                 */
    char *message;    /* what AWS says about it, "" if nothing */
    char *request_id; /* NULL if there is none */
    long http_status; /* 0 = no answer came */
    bool throttled;   /* too many requests */
    bool expired;     /* the credentials ran out: others may work */
    bool skewed;      /* the clock may be wrong */
    bool retryable;   /* may pass by itself: throttled, or an error of the server */
    bool uncertain;   /* it is unknown whether AWS carried it out; of a call, in any attempt */
};

/* Reads an answer that is not 2xx, of any protocol: XML, JSON, headers, or a proxy's page. */
void gl_aws_failure_read(const struct gl_http_response *response,
                         struct gl_aws_failure *ret_failure);

/* Where AWS refuses and does not say what (a HEAD has no body, S3 often says only "Access Denied"),
 * adds to its words the action that policies must allow, and on what. `thing` may be NULL. */
void gl_aws_failure_name_action(struct gl_aws_failure *failure,
                                const struct gl_aws_service *service,
                                const struct gl_aws_operation *operation, const char *thing);

/* Makes it an error of golive: code, service, operation, AWS's words, request id, what to do.
 * Returns err->code. */
int gl_aws_failure_report(const struct gl_aws_failure *failure,
                          const struct gl_aws_service *service,
                          const struct gl_aws_operation *operation, struct gl_error *err);

/* True if the failure has that code. */
bool gl_aws_failure_is(const struct gl_aws_failure *failure, const char *code);

/* A copy in `ret_copy`, which must be empty. */
void gl_aws_failure_copy(const struct gl_aws_failure *failure, struct gl_aws_failure *ret_copy);

void gl_aws_failure_done(struct gl_aws_failure *failure);
#define gl_autoawsfailure gl_cleanup(gl_aws_failure_done)

#endif
