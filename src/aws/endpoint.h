/* The address of a service in a region. */
#ifndef GL_AWS_ENDPOINT_H
#define GL_AWS_ENDPOINT_H

#include "base/error.h"

struct gl_aws_profile;

gl_nodiscard int gl_aws_endpoint(const char *service, const char *region,
                                 const struct gl_aws_profile *profile, char **ret_url,
                                 char **ret_signing_region, struct gl_error *err);

#endif
