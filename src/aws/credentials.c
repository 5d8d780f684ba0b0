/* Fixed credentials. */
#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

struct gl_aws_provider {
    struct gl_aws_credentials credentials;
};

static void wipe_free(char **text)
{
    if (*text)
        gl_wipe(*text, strlen(*text));
    free(gl_steal(text));
}

void gl_aws_credentials_done(struct gl_aws_credentials *credentials)
{
    wipe_free(&credentials->access_key);
    wipe_free(&credentials->secret_key);
    wipe_free(&credentials->session_token);
    *credentials = (struct gl_aws_credentials){0};
}

int gl_aws_provider_get(struct gl_aws_provider *provider, bool force_refresh,
                        const struct gl_aws_credentials **ret_credentials, struct gl_error *err)
{
    (void)force_refresh, (void)err;
    *ret_credentials = &provider->credentials;
    return 0;
}

struct gl_aws_provider *gl_aws_provider_static(const struct gl_aws_credentials *credentials)
{
    struct gl_aws_provider *provider = gl_alloc(sizeof *provider);
    provider->credentials = (struct gl_aws_credentials){
        .access_key = gl_strdup(credentials->access_key),
        .secret_key = gl_strdup(credentials->secret_key),
        .session_token = gl_strdup(credentials->session_token),
        .source = "static",
    };
    return provider;
}

void gl_aws_provider_free(struct gl_aws_provider **provider)
{
    if (*provider)
        gl_aws_credentials_done(&(*provider)->credentials);
    free(gl_steal(provider));
}
