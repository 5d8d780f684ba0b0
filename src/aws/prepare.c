/* The one-time part of a call: what to ask, how, where, and the digest of its body. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "aws/client_internal.h"
#include "aws/endpoint.h"
#include "aws/uri.h"
#include "base/clock.h"
#include "base/i18n.h"

enum { DEFAULT_LIMIT = 64 << 20 };

/* RFC 9562, version 4: the random id that makes a repeated request the same one. Caller owns it. */
static char *random_uuid(void)
{
    unsigned char bytes[16];
    for (size_t done = 0; done < sizeof bytes;) {
        ssize_t count = getrandom(bytes + done, sizeof bytes - done, 0);
        if (count > 0)
            done += (size_t)count;
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char hex[33];
    gl_hex(bytes, sizeof bytes, hex);
    return gl_asprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static int find_rows(struct gl_aws_pending *pending, const struct gl_aws_request *request,
                     struct gl_error *err)
{
    pending->service = gl_aws_service_find(request->service);
    if (!pending->service)
        return gl_fail(err, GL_E_USAGE, _("golive does not know the AWS service `%s`"),
                       request->service);
    pending->operation = gl_aws_operation_find(pending->service, request->operation);
    if (!pending->operation)
        return gl_fail(err, GL_E_USAGE, _("golive does not know the operation `%s` of %s"),
                       request->operation, request->service);
    return 0;
}

/* Encodes, with a token of our own where the operation takes one and the caller gave none. */
static int encode(struct gl_aws_pending *pending, const json_t *params, struct gl_error *err)
{
    const char *token = pending->operation->token;
    gl_autojson json_t *with_token = NULL;
    if (token && !json_object_get(params, token)) {
        gl_autofree char *uuid = random_uuid();
        with_token = params ? json_copy((json_t *)params) : json_object();
        gl_json_set_str(with_token, token, uuid);
        params = with_token;
    }
    pending->repeatable = pending->operation->kind != GL_AWS_WRITE_ONCE || token;
    return gl_aws_encode(pending->service, pending->operation, params, &pending->message, err);
}

static int take_body(struct gl_aws_pending *pending, const struct gl_aws_request *request,
                     struct gl_error *err)
{
    if (request->body_path) {
        pending->body_path = gl_strdup(request->body_path);
        if (request->body_sha256) {
            memcpy(pending->payload_sha256, request->body_sha256, sizeof pending->payload_sha256);
            return 0;
        }
        return gl_sha256_file(request->body_path, pending->payload_sha256, err);
    }
    pending->body = request->body ? request->body : gl_buf_text(&pending->message.body);
    pending->body_len = request->body ? request->body_len : pending->message.body.len;
    gl_sha256_hex(pending->body, pending->body_len, pending->payload_sha256);
    return 0;
}

/* Buckets are part of the host at AWS, where TLS has a certificate for one label; elsewhere (an
 * emulator) of the path. */
static int locate(struct gl_aws_pending *pending, const char *region, struct gl_error *err)
{
    gl_autofree char *base = NULL;
    const char *bucket = pending->message.bucket;
    const char *path = pending->message.path;
    int result = gl_aws_endpoint(pending->service->name, region, pending->client->options.profile,
                                 &base, &pending->signing_region, err);
    if (result < 0)
        return result;
    gl_autouri struct gl_aws_uri uri = {0};
    result = gl_aws_uri_split(base, &uri, err);
    if (result < 0)
        return result;
    bool at_aws =
        gl_ends_with(uri.host, ".amazonaws.com") || gl_ends_with(uri.host, ".amazonaws.com.cn");
    if (bucket && at_aws && !strchr(bucket, '.'))
        pending->url = gl_asprintf("%s://%s.%s%s", uri.scheme, bucket, uri.host, path);
    else if (bucket)
        pending->url = gl_asprintf("%s/%s%s", base, bucket, path);
    else
        pending->url = gl_asprintf("%s%s", base, path);
    gl_autofree char *limited =
        gl_asprintf("%s %s", pending->service->name, pending->signing_region);
    pending->rate = gl_aws_client_rate(pending->client, limited);
    return 0;
}

int gl_aws_pending_prepare(struct gl_aws_pending *pending, const struct gl_aws_request *request,
                           struct gl_error *err)
{
    int result = find_rows(pending, request, err);
    if (result < 0)
        return result;
    pending->limit_bytes = request->limit_bytes ? request->limit_bytes : DEFAULT_LIMIT;
    pending->due_ms = gl_mono_ms();
    pending->deadline_ms = request->timeout_ms ? pending->due_ms + request->timeout_ms : 0;
    result = encode(pending, request->params, err);
    if (result < 0)
        return result;
    result = take_body(pending, request, err);
    if (result < 0)
        return result;
    return locate(pending, request->region ? request->region : pending->client->region, err);
}
