/* The token that `aws sso login` left, and its renewal by OIDC's refresh_token grant.
 * https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html */
#include "aws/sso_token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/profile_internal.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

enum {
    RENEW_BEFORE_MS = 15 * 60 * 1000,
    ATTEMPTS = 3,
    SHA1_SIZE = 20,
};

int gl_aws_sso_login_needed(const struct gl_aws_sso *sso, const char *what, struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("the SSO session of AWS profile \"%s\" %s"), sso->profile_name,
            what);
    return gl_error_hint(err, _("run: aws sso login --profile %s"), sso->profile_name);
}

char *gl_aws_sso_cache_path(const struct gl_aws_sso *sso)
{
    const char *name = sso->session ? sso->session : sso->start_url;
    unsigned char digest[SHA1_SIZE];
    char hex[2 * SHA1_SIZE + 1];
    if (!EVP_Digest(name, strlen(name), digest, NULL, EVP_sha1(), NULL))
        abort();
    gl_hex(digest, sizeof digest, hex);
    gl_autofree char *home = gl_aws_home();
    return gl_asprintf("%s/.aws/sso/cache/%s.json", home, hex);
}

static bool expires_within(const json_t *cache, const char *key, int64_t within_ms)
{
    int64_t at_ms;
    return !gl_aws_parse_time(gl_json_str(cache, key, ""), &at_ms) ||
           at_ms - gl_now_unix_ms() < within_ms;
}

/* ---- renewal -----------------------------------------------------------------------------------
 */

static bool can_renew(const struct gl_aws_sso *sso, const json_t *cache)
{
    static const char *const needed[] = {"refreshToken", "clientId", "clientSecret",
                                         "registrationExpiresAt"};
    for (size_t i = 0; i < GL_COUNT(needed); i++) {
        if (!gl_json_str(cache, needed[i], NULL))
            return false;
    }
    return sso->session && !expires_within(cache, "registrationExpiresAt", 0);
}

static void wipe_json_text(char **text)
{
    gl_aws_wipe_text(text);
}

static int post(const struct gl_aws_lookup *lookup, const struct gl_aws_sso *sso,
                const json_t *cache, struct gl_http_response *ret_response, struct gl_error *err)
{
    gl_autofree char *base = NULL;
    gl_autofree char *region = NULL;
    int result = gl_aws_endpoint("sso-oidc", sso->region, lookup->profile, &base, &region, err);
    if (result < 0)
        return result;
    gl_autofree char *url = gl_asprintf("%s/token", base);
    gl_autojson json_t *form = json_object();
    gl_json_set_str(form, "clientId", gl_json_str(cache, "clientId", NULL));
    gl_json_set_str(form, "clientSecret", gl_json_str(cache, "clientSecret", NULL));
    gl_json_set_str(form, "grantType", "refresh_token");
    gl_json_set_str(form, "refreshToken", gl_json_str(cache, "refreshToken", NULL));
    gl_cleanup(wipe_json_text) char *body = gl_json_canonical(form);
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct gl_http_request request = {.method = "POST",
                                      .url = url,
                                      .headers = headers,
                                      .body = body,
                                      .body_len = strlen(body),
                                      .ca_file = gl_aws_ca_file(lookup->profile)};
    return gl_aws_provider_fetch(&request, ATTEMPTS, NULL, ret_response, err);
}

/* Takes over what the answer says; false if it is not one. */
static bool update(json_t *cache, const struct gl_http_response *response)
{
    gl_autojson json_t *answer = NULL;
    if (response->status != 200 ||
        gl_json_parse(gl_buf_text(&response->body), response->body.len, "token", &answer, NULL) < 0)
        return false;
    const char *token = gl_json_str(answer, "accessToken", NULL);
    int64_t expires_s = gl_json_int(answer, "expiresIn", 0);
    if (!token || expires_s <= 0 || expires_s > INT32_MAX)
        return false;
    gl_secret_add(token);
    gl_json_set_str(cache, "accessToken", token);
    gl_json_set_str(cache, "refreshToken", gl_json_str(answer, "refreshToken", NULL));
    gl_secret_add(gl_json_str(cache, "refreshToken", NULL));
    gl_autofree char *expires = gl_format_rfc3339(gl_now_unix_ms() + expires_s * 1000);
    expires[strlen("2026-11-23T10:41:07")] = '\0'; /* the aws command writes no fraction */
    gl_autofree char *text = gl_asprintf("%sZ", expires);
    gl_json_set_str(cache, "expiresAt", text);
    return true;
}

/* The cache belongs to the aws command, which already keeps the token there, readable by its owner
 * only. A renewed one must go back: the old refresh token may be used up. */
static void save(const char *path, const json_t *cache)
{
    gl_autoerr struct gl_error problem = {0};
    gl_cleanup(wipe_json_text) char *text = gl_json_canonical(cache);
    if (gl_write_text(path, text, 0600, &problem) < 0)
        gl_log(GL_LOG_WARN, "%s", problem.message);
}

/* Renewing is an attempt: while the old token is valid, nothing is lost when it fails. */
static int renew(const struct gl_aws_lookup *lookup, const struct gl_aws_sso *sso, const char *path,
                 json_t *cache, struct gl_error *err)
{
    gl_autosecrethttp struct gl_http_response response = {0};
    gl_autoerr struct gl_error problem = {0};
    gl_secret_add(gl_json_str(cache, "refreshToken", NULL));
    gl_secret_add(gl_json_str(cache, "clientSecret", NULL));
    int result = post(lookup, sso, cache, &response, &problem);
    if (result == 0 && update(cache, &response)) {
        save(path, cache);
        return 0;
    }
    bool dead = result == GL_E_INTERRUPTED || result == GL_E_CONFIG;
    /* A network failure is not an expired session: the person would sign in for nothing. */
    if (dead || (result < 0 && expires_within(cache, "expiresAt", 0))) {
        gl_error_move(err, &problem);
        return gl_error_wrap(err, _("renewing the SSO session"));
    }
    gl_log(GL_LOG_INFO, "the SSO token could not be renewed: %s",
           problem.message ? problem.message : "refused");
    return 0;
}

/* ---- the cache ---------------------------------------------------------------------------------
 */

static int read_cache(const struct gl_aws_sso *sso, const char *path, json_t **ret_cache,
                      struct gl_error *err)
{
    if (!gl_is_file(path))
        return gl_aws_sso_login_needed(sso, _("was never opened here"), err);
    gl_autosecretbuf struct gl_buf text = {0};
    int result = gl_read_file(path, 1 << 20, &text, err);
    if (result < 0)
        return result;
    gl_autojson json_t *cache = NULL;
    if (gl_json_parse(gl_buf_text(&text), text.len, path, &cache, NULL) < 0 ||
        !gl_json_str(cache, "accessToken", NULL) || !gl_json_str(cache, "expiresAt", NULL))
        return gl_aws_sso_login_needed(sso, _("cannot be read from its cache"), err);
    *ret_cache = gl_steal(&cache);
    return 0;
}

int gl_aws_sso_token(const struct gl_aws_lookup *lookup, const struct gl_aws_sso *sso,
                     char **ret_token, struct gl_error *err)
{
    gl_autofree char *path = gl_aws_sso_cache_path(sso);
    gl_autojson json_t *cache = NULL;
    int result = read_cache(sso, path, &cache, err);
    if (result < 0)
        return result;
    gl_secret_add(gl_json_str(cache, "accessToken", NULL));
    if (expires_within(cache, "expiresAt", RENEW_BEFORE_MS) && can_renew(sso, cache))
        result = renew(lookup, sso, path, cache, err);
    if (result < 0)
        return result;
    const char *token = gl_json_str(cache, "accessToken", "");
    if (expires_within(cache, "expiresAt", 0) || !gl_aws_is_token(token))
        return gl_aws_sso_login_needed(sso, _("has expired"), err);
    *ret_token = gl_strdup(token);
    return 0;
}
