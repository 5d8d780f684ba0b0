/* A token file of an identity provider (GitHub Actions, EKS) against a role's keys. */
#include "aws/profile_internal.h"
#include "aws/provider_sts.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"

enum { TOKEN_LIMIT_BYTES = 64 << 10 };

static const char *setting(const struct gl_aws_lookup *lookup, const char *variable,
                           const char *key)
{
    const char *value = lookup->without_environment ? NULL : gl_aws_env(variable);
    return value ? value : gl_aws_profile_get(lookup->profile, key);
}

static int read_token(const char *path, struct gl_buf *ret_token, struct gl_error *err)
{
    gl_autofree char *expanded = gl_aws_expand_home(path);
    int result = gl_read_file(expanded, TOKEN_LIMIT_BYTES, ret_token, err);
    if (result < 0)
        return gl_error_wrap(err, _("web identity token"));
    while (ret_token->len && strchr("\r\n \t", ret_token->data[ret_token->len - 1]))
        ret_token->data[--ret_token->len] = '\0';
    if (!gl_aws_is_token(gl_buf_text(ret_token)))
        return gl_fail(err, GL_E_CONFIG, _("%s holds no web identity token"), expanded);
    gl_secret_add(ret_token->data);
    return 0;
}

static int no_role(const struct gl_aws_lookup *lookup, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG,
            _("there is a web identity token file, but no role to assume with it"));
    gl_error_hint(err, _("set AWS_ROLE_ARN, or role_arn in the profile"));
    return gl_aws_profile_error_at(lookup->profile, "web_identity_token_file", err);
}

int gl_aws_find_web_identity(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                             struct gl_error *err)
{
    const char *path = setting(lookup, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (!path) {
        gl_strv_add(lookup->tried, _("web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set"));
        return 0;
    }
    const char *role = setting(lookup, "AWS_ROLE_ARN", "role_arn");
    if (!role)
        return no_role(lookup, err);
    gl_autosecretbuf struct gl_buf token = {0};
    int result = read_token(path, &token, err);
    if (result < 0)
        return result;
    const char *session = setting(lookup, "AWS_ROLE_SESSION_NAME", "role_session_name");
    gl_autofree char *made = session ? NULL : gl_aws_session_name();
    gl_autostscall struct gl_aws_sts_call call = {
        .action = "AssumeRoleWithWebIdentity",
        .source = "assume-role-with-web-identity",
    };
    gl_aws_sts_add(&call, "RoleArn", role);
    gl_aws_sts_add(&call, "RoleSessionName", session ? session : made);
    gl_aws_sts_add(&call, "WebIdentityToken", token.data);
    result = gl_aws_sts_assume(lookup, &call, ret, err);
    return result < 0 ? gl_error_wrap(err, "%s", role) : 1;
}
