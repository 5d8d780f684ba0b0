/* The metadata service of an EC2 instance, version 2 only: a token by PUT, then the role's keys.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 *
 * Last in the chain and absent on most machines, so nothing here is an error but an interruption:
 * what went wrong becomes a line of what was tried. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/provider_internal.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

#define DEFAULT_ENDPOINT      "http://169.254.169.254"
#define DEFAULT_ENDPOINT_IPV6 "http://[fd00:ec2::254]"
#define ROLES_PATH            "/latest/meta-data/iam/security-credentials/"
#define TOKEN_TTL             "x-aws-ec2-metadata-token-ttl-seconds: 21600"

enum {
    TIMEOUT_MS = 1000,
    SETTING_MAX = 60,
    STALE_LEAST_MS = 5 * 60 * 1000,
    STALE_MORE_MS = 15 * 60 * 1000,
};

struct imds {
    char *endpoint; /* without a trailing slash */
    int64_t timeout_ms;
    int attempts;
    char *token_header;
};

static void imds_done(struct imds *imds)
{
    free(imds->endpoint);
    gl_aws_wipe_text(&imds->token_header);
}

static const char *setting(const struct gl_aws_profile *profile, const char *variable,
                           const char *key)
{
    const char *value = gl_aws_env(variable);
    return value ? value : gl_aws_profile_get(profile, key);
}

/* 1 .. SETTING_MAX, else the fallback. */
static int number(const struct gl_aws_profile *profile, const char *variable, const char *key,
                  int fallback)
{
    const char *text = setting(profile, variable, key);
    long value = text ? strtol(text, NULL, 10) : 0;
    return value >= 1 && value <= SETTING_MAX ? (int)value : fallback;
}

static void init(const struct gl_aws_profile *profile, struct imds *imds)
{
    const char *endpoint =
        setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode = setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                               "ec2_metadata_service_endpoint_mode");
    if (!endpoint)
        endpoint = mode && strcasecmp(mode, "ipv6") == 0 ? DEFAULT_ENDPOINT_IPV6 : DEFAULT_ENDPOINT;
    size_t len = strlen(endpoint);
    while (len && endpoint[len - 1] == '/')
        len--;
    imds->endpoint = gl_strndup(endpoint, len);
    imds->timeout_ms = (int64_t)number(profile, "AWS_METADATA_SERVICE_TIMEOUT",
                                       "metadata_service_timeout", TIMEOUT_MS / 1000) *
                       1000;
    imds->attempts =
        number(profile, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 1);
}

/* One request; GL_E_NET for anything but a 200 with a body. */
static int fetch(const struct imds *imds, const char *method, const char *path, const char *header,
                 struct gl_http_response *ret_response, struct gl_error *err)
{
    gl_autofree char *url = gl_asprintf("%s%s", imds->endpoint, path);
    const char *const headers[] = {header, NULL};
    struct gl_http_request request = {
        .method = method, .url = url, .headers = headers, .timeout_ms = imds->timeout_ms};
    gl_autosecrethttp struct gl_http_response response = {0};
    int result = gl_aws_provider_fetch(&request, imds->attempts, NULL, &response, err);
    if (result < 0)
        return result;
    if (response.status != 200 || response.body.len == 0)
        return gl_fail(err, GL_E_NET, _("%s answered %ld"), url, response.status);
    *ret_response = response;
    response = (struct gl_http_response){0};
    return 0;
}

static int get_token(struct imds *imds, struct gl_error *err)
{
    gl_autosecrethttp struct gl_http_response response = {0};
    int result = fetch(imds, "PUT", "/latest/api/token", TOKEN_TTL, &response, err);
    if (result < 0)
        return result;
    const char *token = gl_buf_text(&response.body);
    if (!gl_aws_is_token(token))
        return gl_fail(err, GL_E_NET, _("the metadata service gave a token that is none"));
    gl_secret_add(token);
    imds->token_header = gl_asprintf("X-aws-ec2-metadata-token: %s", token);
    return 0;
}

/* The name of the role, which becomes part of a path. */
static int get_role(const struct imds *imds, char **ret_role, struct gl_error *err)
{
    gl_autosecrethttp struct gl_http_response response = {0};
    int result = fetch(imds, "GET", ROLES_PATH, imds->token_header, &response, err);
    if (result < 0)
        return result;
    const char *text = gl_buf_text(&response.body);
    gl_autofree char *role = gl_strndup(text, strcspn(text, "\r\n"));
    if (!gl_aws_is_token(role) || strpbrk(role, "/?#%"))
        return gl_fail(err, GL_E_NET, _("the metadata service named no role"));
    *ret_role = gl_steal(&role);
    return 0;
}

/* When the service cannot renew (an incident at AWS), old keys go on being accepted: they are used,
 * and asked for again later. botocore does the same. */
static void extend_if_stale(struct gl_aws_credentials *credentials)
{
    int64_t now_ms = gl_now_unix_ms();
    if (credentials->expires_unix_ms - now_ms < STALE_LEAST_MS)
        credentials->expires_unix_ms = now_ms + STALE_MORE_MS;
}

static int get_keys(const struct imds *imds, const char *role, struct gl_aws_credentials *ret,
                    struct gl_error *err)
{
    gl_autofree char *path = gl_asprintf("%s%s", ROLES_PATH, role);
    gl_autosecrethttp struct gl_http_response response = {0};
    int result = fetch(imds, "GET", path, imds->token_header, &response, err);
    if (result < 0)
        return result;
    gl_autojson json_t *json = NULL;
    result = gl_json_parse(gl_buf_text(&response.body), response.body.len, path, &json, NULL);
    if (result < 0)
        return gl_fail(err, GL_E_NET, _("the metadata service did not answer with JSON"));
    const char *code = gl_json_str(json, "Code", "Success");
    if (strcmp(code, "Success") != 0)
        return gl_fail(err, GL_E_NET, _("the metadata service says %s: %s"), code,
                       gl_json_str(json, "Message", ""));
    if (!gl_json_str(json, "Token", NULL) || !gl_json_str(json, "Expiration", NULL))
        return gl_fail(err, GL_E_NET, _("the metadata service gave incomplete keys"));
    result = gl_aws_credentials_from_json(json, "Token", imds->endpoint, "iam-role", ret, err);
    if (result == 0)
        extend_if_stale(ret);
    return result;
}

static int ask(struct imds *imds, struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autofree char *role = NULL;
    int result = get_token(imds, err);
    if (result == 0)
        result = get_role(imds, &role, err);
    if (result == 0)
        result = get_keys(imds, role, ret, err);
    return result;
}

int gl_aws_find_imds(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                     struct gl_error *err)
{
    const char *disabled = gl_aws_env("AWS_EC2_METADATA_DISABLED");
    if (disabled && strcasecmp(disabled, "true") == 0) {
        gl_strv_add(lookup->tried, _("instance metadata: AWS_EC2_METADATA_DISABLED is true"));
        return 0;
    }
    gl_cleanup(imds_done) struct imds imds = {0};
    init(lookup->profile, &imds);
    gl_autoerr struct gl_error problem = {0};
    int result = ask(&imds, ret, &problem);
    if (result == 0)
        return 1;
    if (result == GL_E_INTERRUPTED) {
        gl_error_move(err, &problem);
        return result;
    }
    gl_strv_addf(lookup->tried, _("instance metadata: %s"), problem.message);
    return 0;
}
