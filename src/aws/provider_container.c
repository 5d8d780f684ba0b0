/* Containers (ECS, EKS Pod Identity) ask an address that the environment names.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile_internal.h"
#include "aws/provider_internal.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

enum {
    TIMEOUT_MS = 2000,
    ATTEMPTS = 3,
    TOKEN_LIMIT_BYTES = 64 << 10,
};

#define TASK_HOST "http://169.254.170.2"

static const char source[] = "container-role";

/* ---- the address -------------------------------------------------------------------------------
 */

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_allowed_host(const char *host)
{
    static const char *const allowed[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                          "localhost"};
    for (size_t i = 0; i < GL_COUNT(allowed); i++) {
        if (strcmp(allowed[i], host) == 0)
            return true;
    }
    return is_loopback(host);
}

static void free_curlu(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void free_curl_text(char **text)
{
    curl_free(*text);
}

/* By libcurl's own parser: what is judged here is where the request will go. */
static bool is_allowed_url(const char *text)
{
    gl_cleanup(free_curlu) CURLU *url = curl_url();
    gl_cleanup(free_curl_text) char *scheme = NULL;
    gl_cleanup(free_curl_text) char *host = NULL;
    if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return false;
    if (strcmp(scheme, "https") == 0)
        return true;
    size_t len = strlen(host);
    bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
    gl_autofree char *bare = bracketed ? gl_strndup(host + 1, len - 2) : gl_strdup(host);
    return strcmp(scheme, "http") == 0 && is_allowed_host(bare);
}

static int choose_url(const char *relative, const char *full, char **ret_url, struct gl_error *err)
{
    gl_autofree char *url = relative ? gl_asprintf("%s%s", TASK_HOST, relative) : gl_strdup(full);
    if (relative ? relative[0] != '/' : !is_allowed_url(url)) {
        gl_fail(err, GL_E_REFUSED,
                relative ? _("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /: %s")
                         : _("AWS_CONTAINER_CREDENTIALS_FULL_URI is not an allowed address: %s"),
                relative ? relative : full);
        return gl_error_hint(err, _("allowed are https, loopback addresses, 169.254.170.2, "
                                    "169.254.170.23 and [fd00:ec2::23]"));
    }
    *ret_url = gl_steal(&url);
    return 0;
}

/* ---- the request -------------------------------------------------------------------------------
 */

/* The file is read at every call: EKS replaces it. */
static int read_token(struct gl_buf *ret_token, struct gl_error *err)
{
    const char *path = gl_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = gl_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    int result = 0;
    if (path)
        result = gl_read_file(path, TOKEN_LIMIT_BYTES, ret_token, err);
    else if (token)
        gl_buf_puts(ret_token, token);
    if (result < 0)
        return gl_error_wrap(err, _("container authorization token"));
    if (strpbrk(gl_buf_text(ret_token), "\r\n"))
        return gl_fail(err, GL_E_CONFIG, _("the container authorization token has a line break"));
    gl_secret_add(ret_token->data);
    return 0;
}

static int read_answer(const struct gl_http_response *response, const char *url,
                       struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    if (response->status != 200)
        return gl_fail(err, GL_E_REFUSED, _("%s answered %ld"), url, response->status);
    if (gl_json_parse(gl_buf_text(&response->body), response->body.len, url, &json, NULL) < 0)
        return gl_fail(err, GL_E_NET, _("%s did not answer with JSON"), url);
    return gl_aws_credentials_from_json(json, "Token", url, source, ret, err);
}

static int ask(const char *url, struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autosecretbuf struct gl_buf token = {0};
    int result = read_token(&token, err);
    if (result < 0)
        return result;
    gl_autosecret char *authorization =
        token.len ? gl_asprintf("Authorization: %s", token.data) : NULL;
    const char *const headers[] = {"Accept: application/json", authorization, NULL};
    gl_autosecrethttp struct gl_http_response response = {0};
    struct gl_http_request request = {.url = url, .headers = headers, .timeout_ms = TIMEOUT_MS};
    result = gl_aws_provider_fetch(&request, ATTEMPTS, NULL, &response, err);
    return result < 0 ? result : read_answer(&response, url, ret, err);
}

int gl_aws_find_container(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                          struct gl_error *err)
{
    const char *relative = gl_aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = gl_aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) {
        gl_strv_add(lookup->tried, _("container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                                     "_FULL_URI are not set"));
        return 0;
    }
    gl_autofree char *url = NULL;
    int result = choose_url(relative, full, &url, err);
    if (result == 0)
        result = ask(url, ret, err);
    return result < 0 ? gl_error_wrap(err, _("container credentials")) : 1;
}
