/* WWW-Authenticate: a list of schemes, each followed by its parameters, all separated by commas. */
#include "oci/auth.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"

void gl_auth_challenge_done(struct gl_auth_challenge *challenge)
{
    free(challenge->realm);
    free(challenge->service);
    *challenge = (struct gl_auth_challenge){0};
}

static size_t token_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "!#$%&'*+-.^_`|~");
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* A token or a quoted string with backslash escapes; returns what follows it. */
static const char *read_value(const char *at, struct gl_buf *value)
{
    if (*at != '"') {
        size_t len = token_length(at);
        gl_buf_add(value, at, len);
        return at + len;
    }
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        gl_buf_putc(value, *at);
    }
    return *at ? at + 1 : at;
}

static void keep_first(char **place, struct gl_buf *value)
{
    if (!*place)
        *place = gl_buf_steal(value);
}

static void keep_parameter(struct gl_auth_challenge *challenge, const char *name, size_t len,
                           struct gl_buf *value)
{
    if (len == 5 && strncasecmp(name, "realm", len) == 0)
        keep_first(&challenge->realm, value);
    if (len == 7 && strncasecmp(name, "service", len) == 0)
        keep_first(&challenge->service, value);
}

void gl_auth_parse(const char *header, struct gl_auth_challenge *challenge)
{
    bool in_bearer = false;
    for (const char *at = header; *at;) {
        const char *name = at + strspn(at, " \t,");
        size_t len = token_length(name);
        at = name + len;
        const char *next = skip_blanks(at);
        if (!len) {
            at += *at != '\0'; /* not a token: pass over it */
        } else if (*next == '=') {
            gl_autobuf struct gl_buf value = {0};
            at = read_value(skip_blanks(next + 1), &value);
            if (in_bearer)
                keep_parameter(challenge, name, len, &value);
        } else {
            in_bearer = len == 6 && strncasecmp(name, "Bearer", len) == 0;
            challenge->basic |= len == 5 && strncasecmp(name, "Basic", len) == 0;
        }
    }
}

static void add_query(struct gl_buf *url, const char *name, const char *value)
{
    char *escaped = curl_easy_escape(NULL, value, 0);
    gl_buf_printf(url, "%c%s=%s", strchr(gl_buf_text(url), '?') ? '&' : '?', name,
                  escaped ? escaped : "");
    curl_free(escaped);
}

char *gl_auth_token_url(const struct gl_auth_challenge *challenge, const char *scope,
                        const char *account)
{
    gl_autobuf struct gl_buf url = {0};
    gl_buf_puts(&url, challenge->realm);
    if (challenge->service)
        add_query(&url, "service", challenge->service);
    add_query(&url, "scope", scope);
    if (account)
        add_query(&url, "account", account);
    return gl_buf_steal(&url);
}

/* The token becomes part of a header line: nothing in it may end that line. */
int gl_auth_read_token(const char *text, size_t len, char **ret_token, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    int result = gl_json_parse_secret(text, len, _("the token server's answer"), &json, err);
    if (result < 0)
        return result;
    const char *token = gl_json_str(json, "token", gl_json_str(json, "access_token", NULL));
    if (!token || !*token || strpbrk(token, " \r\n\t"))
        return gl_fail(err, GL_E_NET, _("the token server's answer holds no token"));
    *ret_token = gl_strdup(token);
    return 0;
}
