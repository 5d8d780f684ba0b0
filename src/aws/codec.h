/* Parameters into requests and answers into trees, for every protocol of the services golive asks.
 *
 * The tree is jansson's json_t with the names of the API reference ("Vpcs", "VpcId"), whatever they
 * are called on the wire. Times are text (ISO 8601) in XML and numbers (seconds since 1970) in
 * JSON, see gl_aws_time(). Blobs stay base64. */
#ifndef GL_AWS_CODEC_H
#define GL_AWS_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/strv.h"
#include "net/http.h"

/* A request before it has a host and a signature. Zero-initialise. */
struct gl_aws_message {
    const char *method;     /* static */
    char *path;             /* escaped, with its query; begins with '/' */
    char *bucket;           /* S3: goes into the host or before the path; else NULL */
    struct gl_strv headers; /* "Name: value" */
    struct gl_buf body;
};

/* Writes the request of one operation. `params` is an object or NULL and is only read; null members
 * are left out. GL_E_USAGE for a parameter that is not in the operation's row or does not fit. */
gl_nodiscard int gl_aws_encode(const struct gl_aws_service *service,
                               const struct gl_aws_operation *operation, const json_t *params,
                               struct gl_aws_message *ret_message, struct gl_error *err);

void gl_aws_message_done(struct gl_aws_message *message);
#define gl_autoawsmessage gl_cleanup(gl_aws_message_done)

/* Reads a successful answer into an object. A streamed body (GetObject) is not part of it.
 * GL_E_CORRUPT for a body that is not what the protocol says. */
gl_nodiscard int gl_aws_decode(const struct gl_aws_service *service,
                               const struct gl_aws_operation *operation,
                               const struct gl_http_response *response, json_t **ret_result,
                               struct gl_error *err);

/* A time of an answer, text or number, in milliseconds since 1970; false if it is none. */
bool gl_aws_time(const json_t *value, int64_t *ret_unix_ms);

/* A policy document of IAM (AssumeRolePolicyDocument, PolicyDocument, Document), which comes as
 * percent-encoded JSON. `value` may be NULL or no string: GL_E_CORRUPT, as for what is no JSON. The
 * caller owns the result. */
gl_nodiscard int gl_aws_policy(const json_t *value, json_t **ret_policy, struct gl_error *err);

/* result["a.b.c"] by its path; NULL if any part is missing. */
json_t *gl_aws_at(const json_t *result, const char *path);

#endif
