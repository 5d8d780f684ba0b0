/* Percent-encoding as AWS signs it, and the parts of an address. */
#ifndef GL_AWS_URI_H
#define GL_AWS_URI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* Adds `text` with every byte but A-Z a-z 0-9 - _ . ~ as %XX; `keep_slash` leaves '/' too (paths).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
void gl_aws_uri_encode(struct gl_buf *buf, const char *text, bool keep_slash);

/* The parts of "scheme://host:port/path?query" as they stand there. Zero-initialise. */
struct gl_aws_uri {
    char *scheme; /* in lower case */
    char *host;   /* as the Host header has it: lower case, no user, no default port */
    char *path;   /* "/" if the address has none */
    char *query;  /* "" if the address has none; without '?' */
};

/* Splits an http or https address; GL_E_CONFIG for anything else. A fragment is dropped. */
gl_nodiscard int gl_aws_uri_split(const char *url, struct gl_aws_uri *ret_uri,
                                  struct gl_error *err);

/* True for an address on this machine (localhost, 127.0.0.0/8, [::1]), with or without a port. */
bool gl_aws_uri_is_loopback(const struct gl_aws_uri *uri);

void gl_aws_uri_done(struct gl_aws_uri *uri);
#define gl_autouri gl_cleanup(gl_aws_uri_done)

#endif
