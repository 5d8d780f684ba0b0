/* Credentials for AWS, found as the AWS SDKs find them and renewed before they expire.
 *
 * Order (AWS SDKs and Tools Reference Guide, "Standardized credential providers"; the oracle is
 * botocore): environment, assume-role profile, web identity token, SSO, shared credentials file,
 * credential_process, config file, container, instance metadata. A profile that was asked for by
 * name (options.profile, not AWS_PROFILE) leaves out the environment. */
#ifndef GL_AWS_CREDENTIALS_H
#define GL_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/profile.h"
#include "base/error.h"

/* Zero-initialise. Owns its strings. */
struct gl_aws_credentials {
    char *access_key;
    char *secret_key;
    char *session_token;     /* NULL if none */
    int64_t expires_unix_ms; /* 0 = never */
    const char *source; /* which provider, botocore's word for it ("env", "sso", ...); static */
};

/* Wipes and releases; the struct can be used again. */
void gl_aws_credentials_done(struct gl_aws_credentials *credentials);
#define gl_autocredentials gl_cleanup(gl_aws_credentials_done)

/* Where credentials come from: one fixed pair, or the chain. For one thread at a time. */
struct gl_aws_provider;

/* The credentials to sign with now. They are the provider's, and stay valid until its next get or
 * its free. They are renewed when fewer than 5 minutes are left, or when `force_refresh` says that
 * AWS called them expired; when renewing fails while they are still valid, they go on serving.
 * Every secret is made known to gl_redact().
 *
 * GL_E_NOT_FOUND: no provider of the chain had any (the message lists what was looked at), or a
 * file that one of them names does not exist; GL_E_CONFIG: a profile or variable is wrong (with
 * file:line of the profile); GL_E_REFUSED: AWS or a rule says no (expired SSO session, wrong MFA
 * code, nobody to ask for one); GL_E_NET, GL_E_TIMEOUT, GL_E_PROCESS, GL_E_INTERRUPTED. */
gl_nodiscard int gl_aws_provider_get(struct gl_aws_provider *provider, bool force_refresh,
                                     const struct gl_aws_credentials **ret_credentials,
                                     struct gl_error *err);

/* A provider of these very credentials (copied), which never renews. */
struct gl_aws_provider *gl_aws_provider_static(const struct gl_aws_credentials *credentials);

/* A view of a provider for one more thread: it shows copies of the source's credentials and has the
 * source renew them. Whoever makes one uses the source only through such views, and frees them
 * before it. */
struct gl_aws_provider *gl_aws_provider_shared(struct gl_aws_provider *source);

/* Asks a person for the code that their MFA device `serial` shows now. The provider wipes and frees
 * *ret_code. GL_E_REFUSED when there is nobody to ask. */
typedef int gl_aws_ask_mfa_fn(const char *serial, void *context, char **ret_code,
                              struct gl_error *err);

/* Strings and files are borrowed: they must live as long as the provider. */
struct gl_aws_chain_options {
    const struct gl_aws_profiles *files; /* from gl_aws_profiles_load(); required */
    const char *profile;                 /* NULL = AWS_PROFILE, else "default" */
    const char *region;                  /* for STS; NULL = gl_aws_region(), else us-east-1 */
    gl_aws_ask_mfa_fn *ask_mfa;          /* NULL = nobody can be asked */
    void *ask_context;
};

/* The default chain. Looks at nothing yet, except that a profile which was asked for by name
 * (options or AWS_PROFILE) must exist: GL_E_CONFIG with the nearest name. */
gl_nodiscard int gl_aws_provider_default(const struct gl_aws_chain_options *options,
                                         struct gl_aws_provider **ret_provider,
                                         struct gl_error *err);

/* Strings, the profile and `through` are borrowed: they must live as long as the provider. */
struct gl_aws_role_options {
    struct gl_aws_provider *through; /* whose credentials ask for the role; seen through a view */
    const struct gl_aws_profile *profile; /* for the endpoint and the authorities; or NULL */
    const char *region;                   /* for STS */
    const char *arn;
};

/* A provider of what STS gives for a role (AssumeRole), asked for anew before it expires. Errors of
 * getting: those of `through`, GL_E_REFUSED with AWS's words when it says no, GL_E_NET.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
struct gl_aws_provider *gl_aws_provider_role(const struct gl_aws_role_options *options);

/* Wipes and frees. NULL-safe. */
void gl_aws_provider_free(struct gl_aws_provider **provider);
#define gl_autoprovider gl_cleanup(gl_aws_provider_free)

#endif
