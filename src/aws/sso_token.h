/* Room-internal: the cache of `aws sso login`, ~/.aws/sso/cache/SHA1.json. */
#ifndef GL_AWS_SSO_TOKEN_H
#define GL_AWS_SSO_TOKEN_H

#include "aws/provider_internal.h"

/* What the profile (and its sso-session) says. Strings belong to the files. */
struct gl_aws_sso {
    const char *profile_name;
    const char *session; /* NULL in the legacy form, whose token cannot be renewed */
    const char *start_url;
    const char *region;
    const char *account_id;
    const char *role_name;
};

/* The file the token of this session is in. Caller owns it. */
char *gl_aws_sso_cache_path(const struct gl_aws_sso *sso);

/* The access token, renewed by its refresh token (and written back to the cache, as the aws command
 * does) when fewer than 15 minutes are left. GL_E_REFUSED with "run: aws sso login" when there is
 * none that is valid. The caller wipes it. */
gl_nodiscard int gl_aws_sso_token(const struct gl_aws_lookup *lookup, const struct gl_aws_sso *sso,
                                  char **ret_token, struct gl_error *err);

/* "the SSO session of profile X WHAT" with the hint what to run. */
int gl_aws_sso_login_needed(const struct gl_aws_sso *sso, const char *what, struct gl_error *err);

#endif
