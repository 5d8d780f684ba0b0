/* Room-internal: the role behind a provider. */
#ifndef GL_AWS_CREDENTIALS_ROLE_H
#define GL_AWS_CREDENTIALS_ROLE_H

#include "aws/credentials.h"

struct gl_aws_role;

struct gl_aws_role *gl_aws_role_new(const struct gl_aws_role_options *options);
/* NULL-safe. */
void gl_aws_role_free(struct gl_aws_role **role);

/* Asks STS for fresh credentials of the role; the errors of gl_aws_provider_role(). */
gl_nodiscard int gl_aws_role_take(struct gl_aws_role *role, struct gl_aws_credentials *ret,
                                  struct gl_error *err);

#endif
