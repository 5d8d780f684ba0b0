/* Credentials as values. */
#include "aws/credentials_value.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"

/* ---- wiping ------------------------------------------------------------------------------------
 */

void gl_aws_wipe_text(char **text)
{
    if (*text)
        gl_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void gl_aws_wipe_buf(struct gl_buf *buf)
{
    gl_wipe(buf->data, buf->cap);
    gl_buf_done(buf);
}

void gl_aws_wipe_http(struct gl_http_response *response)
{
    gl_wipe(response->body.data, response->body.cap);
    gl_http_response_done(response);
}

void gl_aws_credentials_done(struct gl_aws_credentials *credentials)
{
    gl_aws_wipe_text(&credentials->access_key);
    gl_aws_wipe_text(&credentials->secret_key);
    gl_aws_wipe_text(&credentials->session_token);
    *credentials = (struct gl_aws_credentials){0};
}

/* ---- checking ----------------------------------------------------------------------------------
 */

bool gl_aws_is_token(const char *text)
{
    for (const char *at = text; *at; at++) {
        if (*at <= ' ' || *at > '~')
            return false;
    }
    return *text != '\0';
}

static int bad_part(const char *where, const char *part, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("%s: the %s is empty, or has a blank or line break in it"), where,
            part);
    return gl_error_hint(err, _("copy it again, without what stands around it"));
}

int gl_aws_credentials_set(const struct gl_aws_key_text *text, const char *where,
                           const char *source, struct gl_aws_credentials *ret, struct gl_error *err)
{
    if (!text->access_key || !gl_aws_is_token(text->access_key))
        return bad_part(where, _("access key"), err);
    if (!text->secret_key || !gl_aws_is_token(text->secret_key))
        return bad_part(where, _("secret key"), err);
    bool has_token = text->token && *text->token;
    if (has_token && !gl_aws_is_token(text->token))
        return bad_part(where, _("session token"), err);
    gl_secret_add(text->secret_key);
    gl_secret_add(text->token);
    *ret = (struct gl_aws_credentials){
        .access_key = gl_strdup(text->access_key),
        .secret_key = gl_strdup(text->secret_key),
        .session_token = has_token ? gl_strdup(text->token) : NULL,
        .expires_unix_ms = text->expires_unix_ms,
        .source = source,
    };
    return 0;
}

int gl_aws_credentials_from_json(const json_t *json, const char *token_key, const char *where,
                                 const char *source, struct gl_aws_credentials *ret,
                                 struct gl_error *err)
{
    static const char *const needed[] = {"AccessKeyId", "SecretAccessKey"};
    for (size_t i = 0; i < GL_COUNT(needed); i++) {
        if (!gl_json_str(json, needed[i], NULL))
            return gl_fail(err, GL_E_NET, _("%s: the answer has no %s"), where, needed[i]);
    }
    struct gl_aws_key_text text = {
        .access_key = gl_json_str(json, "AccessKeyId", NULL),
        .secret_key = gl_json_str(json, "SecretAccessKey", NULL),
        .token = gl_json_str(json, token_key, NULL),
    };
    const char *expires = gl_json_str(json, "Expiration", NULL);
    if (expires && !gl_aws_parse_time(expires, &text.expires_unix_ms))
        return gl_fail(err, GL_E_NET, _("%s: Expiration is no time: %s"), where, expires);
    return gl_aws_credentials_set(&text, where, source, ret, err);
}

/* ---- time --------------------------------------------------------------------------------------
 */

/* Reads exactly `digits` digits; -1 for anything else. */
static int number(const char **at, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

/* Seconds east of UTC behind the time; false if what stands there is no zone. */
static bool read_zone(const char *at, long *ret_offset_s)
{
    *ret_offset_s = 0;
    if (strcmp(at, "Z") == 0 || strcmp(at, "UTC") == 0)
        return true;
    if (*at != '+' && *at != '-')
        return false;
    long sign = *at++ == '-' ? -1 : 1;
    int hours = number(&at, 2);
    at += *at == ':';
    int minutes = number(&at, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || *at)
        return false;
    *ret_offset_s = sign * (hours * 3600L + minutes * 60L);
    return true;
}

static const char *skip_fraction(const char *at)
{
    if (*at != '.')
        return at;
    return at + 1 + strspn(at + 1, "0123456789");
}

bool gl_aws_parse_time(const char *text, int64_t *ret_unix_ms)
{
    static const struct {
        int digits;
        int least;
        int most;
        char after; /* '\0' = fraction and zone */
    } parts[] = {
        {4, 1970, 9999, '-' },
        {2, 1,    12,   '-' },
        {2, 1,    31,   'T' },
        {2, 0,    23,   ':' },
        {2, 0,    59,   ':' },
        {2, 0,    60,   '\0'},
    };

    int values[GL_COUNT(parts)];
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        values[i] = number(&text, parts[i].digits);
        if (values[i] < parts[i].least || values[i] > parts[i].most)
            return false;
        if (parts[i].after && *text++ != parts[i].after)
            return false;
    }
    long offset_s;
    if (!read_zone(skip_fraction(text), &offset_s))
        return false;
    struct tm moment = {.tm_year = values[0] - 1900,
                        .tm_mon = values[1] - 1,
                        .tm_mday = values[2],
                        .tm_hour = values[3],
                        .tm_min = values[4],
                        .tm_sec = values[5]};
    *ret_unix_ms = ((int64_t)timegm(&moment) - offset_s) * 1000;
    return true;
}
