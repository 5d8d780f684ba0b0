/* HTTP requests by libcurl: probes, smoke tests, the registry API. */
#ifndef GL_NET_HTTP_H
#define GL_NET_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

struct gl_http_request {
    const char *method; /* NULL = GET */
    const char *url;
    const char *const *headers; /* "Name: value", NULL-terminated; NULL = none */
    const void *body;           /* NULL = none */
    size_t body_len;
    const char *body_path; /* or: stream this file as the body */
    const char *resolve; /* "HOST:PORT:ADDRESS": connect there instead of asking DNS; NULL = DNS */
    const char *ca_file; /* PEM that replaces the system's authorities; NULL = system */
    const char *basic_auth; /* "user:password"; NULL = none */
    int64_t timeout_ms;     /* whole request; 0 = 30,000 */
    int64_t limit_bytes;    /* largest answer accepted; 0 = 16 MiB */
    bool head;              /* HEAD: no answer body is read */
    bool follow;            /* follow up to 5 redirects */
};

struct gl_http_response {
    long status;
    struct gl_strv headers; /* "name: value", names in lower case */
    struct gl_buf body;
    int64_t elapsed_us;
};

void gl_http_response_done(struct gl_http_response *response);
#define gl_autohttp gl_cleanup(gl_http_response_done)

/* Makes one request on a new connection. 0 whenever an HTTP answer arrived, whatever its status;
 * GL_E_NET when none did (refused, reset, TLS), GL_E_TIMEOUT when it took too long. */
gl_nodiscard int gl_http_fetch(const struct gl_http_request *request,
                               struct gl_http_response *ret_response, struct gl_error *err);

/* The value of a header (name in lower case), or NULL; points into the response. */
const char *gl_http_header(const struct gl_http_response *response, const char *name);

#endif
