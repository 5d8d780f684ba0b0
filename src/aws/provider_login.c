/* Profiles made by `aws login` (login_session): their keys are bound to a private key by DPoP
 * (RFC 9449), which is the aws command's business. Such a profile is told apart, never passed over:
 * other keys further down the chain would be another account's. */
#include "aws/provider_internal.h"
#include "base/i18n.h"

int gl_aws_find_login(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                      struct gl_error *err)
{
    (void)ret;
    if (!gl_aws_profile_get(lookup->profile, "login_session"))
        return 0;
    const char *name = gl_aws_profile_name(lookup->profile);
    gl_fail(err, GL_E_CONFIG, _("profile \"%s\" signs in by `aws login`, which golive cannot read"),
            name);
    gl_error_hint(
        err,
        _("let the aws command hand the keys over, in another profile: credential_process "
          "= aws configure export-credentials --profile %s --format process"),
        name);
    return gl_aws_profile_error_at(lookup->profile, "login_session", err);
}
