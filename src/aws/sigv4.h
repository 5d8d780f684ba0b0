/* AWS Signature Version 4, in headers and in presigned addresses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * Our own because curl 7.88's CURLOPT_AWS_SIGV4 signs unsorted and valueless queries, escaped paths
 * and S3 wrongly. */
#ifndef GL_AWS_SIGV4_H
#define GL_AWS_SIGV4_H

#include <stdint.h>

#include "aws/credentials.h"
#include "base/error.h"
#include "base/strv.h"

/* Instead of a digest: the body is not part of the signature (S3 over TLS only). */
#define GL_AWS_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* What signs all requests of one day, region, service and secret: derived once, kept by who signs
 * many. Zero-initialise. */
struct gl_aws_signing_key {
    char *scope;  /* "DATE/REGION/SERVICE/aws4_request" of the key; NULL = there is none yet */
    char *secret; /* that it was derived from */
    unsigned char bytes[32];
};

/* Wipes the key and its secret. */
void gl_aws_signing_key_done(struct gl_aws_signing_key *key);

struct gl_aws_signing {
    const char *method;
    const char *url; /* absolute and escaped exactly as it is sent */
    const char *const
        *headers; /* "Name: value", NULL-terminated; NULL = none. Host comes from url */
    const char *payload_sha256; /* lower-case hex or GL_AWS_UNSIGNED_PAYLOAD; NULL = empty body */
    const char *service; /* signing name; "s3" signs the path as sent, all others escaped again */
    const char *region;
    const struct gl_aws_credentials *credentials;
    int64_t unix_s;
    struct gl_aws_signing_key
        *key; /* used if it is the right one, else replaced; NULL = not kept */
};

/* Adds to `headers` what makes the request signed: X-Amz-Date, X-Amz-Security-Token,
 * X-Amz-Content-Sha256 (S3 and unsigned bodies) and Authorization. All given headers are signed but
 * those that intermediaries change (User-Agent, Expect, Connection, ...). GL_E_CONFIG for an
 * address that is none. */
gl_nodiscard int gl_aws_sign(const struct gl_aws_signing *signing, struct gl_strv *headers,
                             struct gl_error *err);

/* The address with the signature in its query, valid for `expires_s` seconds (1 .. 604,800) from
 * unix_s. The given headers must be sent with it. The caller owns it; it is a secret while valid.
 */
gl_nodiscard int gl_aws_presign(const struct gl_aws_signing *signing, unsigned expires_s,
                                char **ret_url, struct gl_error *err);

#endif
