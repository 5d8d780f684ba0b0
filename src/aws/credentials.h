/* AWS credentials and where they come from. */
#ifndef GL_AWS_CREDENTIALS_H
#define GL_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gl_aws_credentials {
    char *access_key;
    char *secret_key;
    char *session_token;     /* NULL if none */
    int64_t expires_unix_ms; /* 0 = never */
    const char *source;
};

struct gl_aws_provider;

gl_nodiscard int gl_aws_provider_get(struct gl_aws_provider *provider, bool force_refresh,
                                     const struct gl_aws_credentials **ret_credentials,
                                     struct gl_error *err);

struct gl_aws_provider *gl_aws_provider_static(const struct gl_aws_credentials *credentials);
void gl_aws_provider_free(struct gl_aws_provider **provider);

#endif
