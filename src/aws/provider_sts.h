/* Room-internal: the two calls to STS that give credentials.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
#ifndef GL_AWS_PROVIDER_STS_H
#define GL_AWS_PROVIDER_STS_H

#include "aws/provider_internal.h"

struct gl_aws_sts_call {
    const char *action;
    const char *source;                      /* what the credentials will say they come from */
    struct gl_buf form;                      /* further parameters, from gl_aws_sts_add() */
    const struct gl_aws_credentials *signer; /* NULL = the call is not signed */
};

void gl_aws_sts_call_done(struct gl_aws_sts_call *call);
#define gl_autostscall gl_cleanup(gl_aws_sts_call_done)

/* Adds &name=value; no-op for NULL. */
void gl_aws_sts_add(struct gl_aws_sts_call *call, const char *name, const char *value);

/* "golive-1764150000": names the session in CloudTrail where the profile gives no name. Caller
 * owns it. */
char *gl_aws_session_name(void);

/* Makes the call. GL_E_REFUSED with AWS's code and message when it says no. */
gl_nodiscard int gl_aws_sts_assume(const struct gl_aws_lookup *lookup,
                                   const struct gl_aws_sts_call *call,
                                   struct gl_aws_credentials *ret, struct gl_error *err);

/* Reads the XML of an answer (fuzzing). */
gl_nodiscard int gl_aws_sts_read(const char *xml, size_t len, const char *source,
                                 struct gl_aws_credentials *ret, struct gl_error *err);

#endif
