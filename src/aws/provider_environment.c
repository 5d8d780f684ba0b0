/* AWS_ACCESS_KEY_ID and its companions. */
#include "aws/provider_internal.h"
#include "base/i18n.h"

int gl_aws_find_environment(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                            struct gl_error *err)
{
    if (lookup->without_environment) {
        gl_strv_add(lookup->tried, _("environment: not asked, because a profile was named"));
        return 0;
    }
    struct gl_aws_key_text text = {.access_key = gl_aws_env("AWS_ACCESS_KEY_ID")};
    if (!text.access_key) {
        gl_strv_add(lookup->tried, _("environment: AWS_ACCESS_KEY_ID is not set"));
        return 0;
    }
    text.secret_key = gl_aws_env("AWS_SECRET_ACCESS_KEY");
    if (!text.secret_key) {
        gl_fail(err, GL_E_CONFIG, _("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"));
        return gl_error_hint(err, _("set both, or unset AWS_ACCESS_KEY_ID"));
    }
    text.token = gl_aws_env("AWS_SECURITY_TOKEN");
    if (!text.token)
        text.token = gl_aws_env("AWS_SESSION_TOKEN");
    const char *expires = gl_aws_env("AWS_CREDENTIAL_EXPIRATION");
    if (expires && !gl_aws_parse_time(expires, &text.expires_unix_ms))
        return gl_fail(err, GL_E_CONFIG, _("AWS_CREDENTIAL_EXPIRATION is no time: %s"), expires);
    int result = gl_aws_credentials_set(&text, _("the environment"), "env", ret, err);
    return result < 0 ? result : 1;
}
