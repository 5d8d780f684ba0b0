/* Keys that stand in the shared files themselves. Both halves come from the same file. */
#include "aws/provider_internal.h"
#include "base/i18n.h"

static int keys_of(const struct gl_aws_lookup *lookup, enum gl_aws_file file, const char *source,
                   struct gl_aws_credentials *ret, struct gl_error *err)
{
    const struct gl_aws_profile *profile = lookup->profile;
    const char *path = gl_aws_profiles_path(lookup->options->files, file);
    struct gl_aws_key_text text = {
        .access_key = gl_aws_profile_get_from(profile, file, "aws_access_key_id"),
        .secret_key = gl_aws_profile_get_from(profile, file, "aws_secret_access_key"),
        .token = gl_aws_profile_get_from(profile, file, "aws_security_token"),
    };
    if (!text.access_key) {
        gl_strv_addf(lookup->tried,
                     file == GL_AWS_FILE_CONFIG
                         ? _("%s: no keys, role_arn, SSO or credential_process for profile \"%s\"")
                         : _("%s: no keys for profile \"%s\""),
                     path, gl_aws_profile_wanted(profile ? gl_aws_profile_name(profile) : NULL));
        return 0;
    }
    if (!text.token)
        text.token = gl_aws_profile_get_from(profile, file, "aws_session_token");
    gl_autofree char *where = gl_asprintf(_("profile \"%s\""), gl_aws_profile_name(profile));
    int result = gl_aws_credentials_set(&text, where, source, ret, err);
    if (result < 0)
        return gl_aws_profile_error_at(profile, "aws_access_key_id", err);
    return 1;
}

int gl_aws_find_shared_credentials(const struct gl_aws_lookup *lookup,
                                   struct gl_aws_credentials *ret, struct gl_error *err)
{
    return keys_of(lookup, GL_AWS_FILE_CREDENTIALS, "shared-credentials-file", ret, err);
}

int gl_aws_find_config_file(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                            struct gl_error *err)
{
    return keys_of(lookup, GL_AWS_FILE_CONFIG, "config-file", ret, err);
}
