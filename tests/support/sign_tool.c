/* Signs requests given as JSON lines on standard input and writes one JSON line each: the headers
 * that make it signed, or the presigned address. Judged against botocore by tests/aws/signing.
 *
 *   {"method","url","headers":["Name: value"],"payload_sha256","service","region","access_key",
 *    "secret_key","session_token","unix_s","expires_s"}      expires_s > 0 asks for a presigned
 * address */
#include <stdio.h>
#include <stdlib.h>

#include "aws/sigv4.h"
#include "base/json.h"

static char *text_of(const json_t *request, const char *key)
{
    return gl_strdup(gl_json_str(request, key, NULL));
}

static void answer(json_t *reply)
{
    gl_autofree char *text = gl_json_canonical(reply);
    (void)printf("%s\n", text);
}

static int sign(const json_t *request, struct gl_aws_signing *signing, struct gl_error *err)
{
    gl_autojson json_t *reply = json_object();
    unsigned expires_s = (unsigned)gl_json_int(request, "expires_s", 0);
    if (expires_s) {
        gl_autofree char *url = NULL;
        int result = gl_aws_presign(signing, expires_s, &url, err);
        if (result < 0)
            return result;
        gl_json_set_str(reply, "url", url);
    } else {
        gl_autostrv struct gl_strv headers = {0};
        int result = gl_aws_sign(signing, &headers, err);
        if (result < 0)
            return result;
        json_t *list = json_array();
        for (size_t i = 0; i < headers.count; i++)
            json_array_append_new(list, json_string(headers.items[i]));
        json_object_set_new(reply, "headers", list);
    }
    answer(reply);
    return 0;
}

static int sign_line(const char *line, size_t len, struct gl_error *err)
{
    gl_autojson json_t *request = NULL;
    int result = gl_json_parse(line, len, "request", &request, err);
    if (result < 0)
        return result;
    gl_autostrv struct gl_strv headers = {0};
    size_t i;
    const json_t *header;
    json_array_foreach(json_object_get(request, "headers"), i, header)
        gl_strv_add(&headers, json_string_value(header));
    gl_autofree char *access_key = text_of(request, "access_key");
    gl_autofree char *secret_key = text_of(request, "secret_key");
    gl_autofree char *token = text_of(request, "session_token");
    struct gl_aws_credentials credentials = {
        .access_key = access_key, .secret_key = secret_key, .session_token = token};
    struct gl_aws_signing signing = {
        .method = gl_json_str(request, "method", ""),
        .url = gl_json_str(request, "url", ""),
        .headers = (const char *const *)headers.items,
        .payload_sha256 = gl_json_str(request, "payload_sha256", NULL),
        .service = gl_json_str(request, "service", ""),
        .region = gl_json_str(request, "region", ""),
        .credentials = &credentials,
        .unix_s = gl_json_int(request, "unix_s", 0),
    };
    return sign(request, &signing, err);
}

int main(void)
{
    gl_autofree char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0) {
        gl_autoerr struct gl_error err = {0};
        if (sign_line(line, (size_t)len, &err) < 0) {
            (void)fprintf(stderr, "sign_tool: %s\n", err.message);
            return 1;
        }
    }
    return 0;
}
