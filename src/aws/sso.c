/* IAM Identity Center: an access token against a role's keys.
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html */
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/sso_token.h"
#include "aws/uri.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"

enum { ATTEMPTS = 3 };

/* ---- the profile -------------------------------------------------------------------------------
 */

static int find_session(const struct gl_aws_profile *profile,
                        const struct gl_aws_profile **ret_session, struct gl_error *err)
{
    const char *name = gl_aws_profile_get(profile, "sso_session");
    if (!name)
        return 0;
    *ret_session = gl_aws_profiles_find(gl_aws_profile_files(profile), GL_AWS_SSO_SESSION, name);
    if (*ret_session)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("there is no section [sso-session %s]"), name);
    gl_error_hint(err, _("make it with: aws configure sso --profile %s"),
                  gl_aws_profile_name(profile));
    return gl_aws_profile_error_at(profile, "sso_session", err);
}

/* A key that stands in the profile and in its session must say the same in both. */
static int setting(const struct gl_aws_profile *profile, const struct gl_aws_profile *session,
                   const char *key, const char **ret_value, struct gl_error *err)
{
    const char *own = gl_aws_profile_get(profile, key);
    const char *shared = gl_aws_profile_get(session, key);
    if (own && shared && strcmp(own, shared) != 0) {
        gl_fail(err, GL_E_CONFIG, _("%s is \"%s\" in the profile, but \"%s\" in its sso-session"),
                key, own, shared);
        return gl_aws_profile_error_at(profile, key, err);
    }
    *ret_value = shared ? shared : own;
    if (*ret_value)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("profile \"%s\" signs in by SSO, but %s is missing"),
            gl_aws_profile_name(profile), key);
    return gl_aws_profile_error_at(profile, session ? "sso_session" : "sso_role_name", err);
}

static int read_profile(const struct gl_aws_profile *profile, struct gl_aws_sso *sso,
                        struct gl_error *err)
{
    const struct gl_aws_profile *session = NULL;
    int result = find_session(profile, &session, err);

    const struct {
        const char *key;
        const char **place;
    } needed[] = {
        {"sso_start_url",  &sso->start_url },
        {"sso_region",     &sso->region    },
        {"sso_account_id", &sso->account_id},
        {"sso_role_name",  &sso->role_name },
    };

    for (size_t i = 0; result == 0 && i < GL_COUNT(needed); i++)
        result = setting(profile, session, needed[i].key, needed[i].place, err);
    sso->profile_name = gl_aws_profile_name(profile);
    sso->session = session ? gl_aws_profile_name(session) : NULL;
    return result;
}

/* ---- the call ----------------------------------------------------------------------------------
 */

static int refused(const struct gl_aws_sso *sso, const struct gl_http_response *response,
                   struct gl_error *err)
{
    if (response->status == 401)
        return gl_aws_sso_login_needed(sso, _("is not valid any more"), err);
    gl_autojson json_t *json = NULL;
    const char *message = "";
    if (gl_json_parse(gl_buf_text(&response->body), response->body.len, "sso", &json, NULL) == 0)
        message = gl_json_str(json, "message", "");
    gl_fail(err, GL_E_REFUSED, _("SSO gives no keys for role %s of account %s (HTTP %ld): %s"),
            sso->role_name, sso->account_id, response->status, message);
    return gl_error_hint(err,
                         _("see what you may use: aws sso login --profile %s && aws sts "
                           "get-caller-identity --profile %s"),
                         sso->profile_name, sso->profile_name);
}

static int read_answer(const struct gl_http_response *response, struct gl_aws_credentials *ret,
                       struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    if (gl_json_parse(gl_buf_text(&response->body), response->body.len, "sso", &json, NULL) < 0)
        return gl_fail(err, GL_E_NET, _("SSO did not answer with JSON"));
    const json_t *keys = json_object_get(json, "roleCredentials");
    struct gl_aws_key_text text = {
        .access_key = gl_json_str(keys, "accessKeyId", NULL),
        .secret_key = gl_json_str(keys, "secretAccessKey", NULL),
        .token = gl_json_str(keys, "sessionToken", NULL),
        .expires_unix_ms = gl_json_int(keys, "expiration", 0),
    };
    if (!text.access_key || !text.secret_key || !text.token || text.expires_unix_ms <= 0)
        return gl_fail(err, GL_E_NET, _("the answer of SSO has no complete credentials"));
    return gl_aws_credentials_set(&text, "SSO", "sso", ret, err);
}

static int ask(const struct gl_aws_lookup *lookup, const struct gl_aws_sso *sso, const char *token,
               struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autofree char *base = NULL;
    gl_autofree char *region = NULL;
    int result = gl_aws_endpoint("sso", sso->region, lookup->profile, &base, &region, err);
    if (result < 0)
        return result;
    gl_autobuf struct gl_buf url = {0};
    gl_buf_printf(&url, "%s/federation/credentials?role_name=", base);
    gl_aws_uri_encode(&url, sso->role_name, false);
    gl_buf_puts(&url, "&account_id=");
    gl_aws_uri_encode(&url, sso->account_id, false);
    gl_autosecret char *bearer = gl_asprintf("x-amz-sso_bearer_token: %s", token);
    const char *const headers[] = {bearer, NULL};
    gl_autosecrethttp struct gl_http_response response = {0};
    struct gl_http_request request = {
        .url = url.data, .headers = headers, .ca_file = gl_aws_ca_file(lookup->profile)};
    result = gl_aws_provider_fetch(&request, ATTEMPTS, NULL, &response, err);
    if (result < 0)
        return result;
    return response.status == 200 ? read_answer(&response, ret, err) : refused(sso, &response, err);
}

int gl_aws_find_sso(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                    struct gl_error *err)
{
    if (!gl_aws_profile_get(lookup->profile, "sso_account_id") &&
        !gl_aws_profile_get(lookup->profile, "sso_role_name"))
        return 0;
    struct gl_aws_sso sso = {0};
    gl_autosecret char *token = NULL;
    int result = read_profile(lookup->profile, &sso, err);
    if (result == 0)
        result = gl_aws_sso_token(lookup, &sso, &token, err);
    if (result == 0)
        result = ask(lookup, &sso, token, ret, err);
    return result < 0 ? result : 1;
}
