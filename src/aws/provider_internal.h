/* Room-internal: one provider is one row of a table and one function that looks. */
#ifndef GL_AWS_PROVIDER_INTERNAL_H
#define GL_AWS_PROVIDER_INTERNAL_H

#include "aws/credentials.h"
#include "aws/credentials_value.h"
#include "base/strv.h"

/* What a provider may look at. */
struct gl_aws_lookup {
    const struct gl_aws_chain_options *options;
    const struct gl_aws_profile *profile; /* the one asked for; NULL if "default" does not exist */
    const char *region;                   /* for STS; never NULL */
    bool without_environment; /* the profile was named, or is the source of another one */
    struct gl_strv *tried;    /* receives a line from each provider that had nothing */
};

/* 1 = `ret` is filled, 0 = this provider is not configured here, or a negative GL_E_*. */
typedef int gl_aws_find_fn(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                           struct gl_error *err);

gl_aws_find_fn gl_aws_find_environment;
gl_aws_find_fn gl_aws_find_assume_role;
gl_aws_find_fn gl_aws_find_web_identity;
gl_aws_find_fn gl_aws_find_sso;
gl_aws_find_fn gl_aws_find_shared_credentials;
gl_aws_find_fn gl_aws_find_login;
gl_aws_find_fn gl_aws_find_process;
gl_aws_find_fn gl_aws_find_config_file;
gl_aws_find_fn gl_aws_find_container;
gl_aws_find_fn gl_aws_find_imds;

enum gl_aws_provider_use {
    GL_AWS_USE_CHAIN = 1,  /* in the default chain only */
    GL_AWS_USE_SOURCE = 2, /* for a profile, and so also as a source_profile */
};

struct gl_aws_provider_row {
    gl_aws_find_fn *find;
    enum gl_aws_provider_use use;
    const char *credential_source; /* its name in a profile's credential_source, or NULL */
};

/* In the order in which they are asked. */
extern const struct gl_aws_provider_row gl_aws_provider_rows[];
extern const size_t gl_aws_provider_row_count;

/* Asks the rows of that use (NULL-safe `ret_row` receives the index of the one that had some). */
gl_nodiscard int gl_aws_find_by_use(const struct gl_aws_lookup *lookup, unsigned uses,
                                    size_t *ret_row, struct gl_aws_credentials *ret,
                                    struct gl_error *err);

/* Whether an answer below 500 asks to come again later (429 always does). */
typedef bool gl_aws_stumble_fn(const struct gl_http_response *response);

/* A request, made again up to `attempts` times (with pauses of 100, 200, ... ms) after network
 * failures, 429, 5xx and what `is_stumble` (NULL = nothing) says. 0 whenever an answer below 500
 * came; GL_E_NET after a last 5xx. */
gl_nodiscard int gl_aws_provider_fetch(const struct gl_http_request *request, int attempts,
                                       gl_aws_stumble_fn *is_stumble,
                                       struct gl_http_response *ret_response, struct gl_error *err);

/* The authorities to trust: AWS_CA_BUNDLE, the profile's ca_bundle, else NULL = the system's. */
const char *gl_aws_ca_file(const struct gl_aws_profile *profile);

/* An environment variable that is set and not empty, or NULL. */
const char *gl_aws_env(const char *name);

#endif
