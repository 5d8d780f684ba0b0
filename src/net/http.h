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
    const char *body_path;  /* or: stream this file as the body */
    const char *resolve;    /* "HOST:PORT:ADDRESS": connect there instead of asking DNS, to the same
                               port or, "HOST:PORT:ADDRESS:PORT", to another; NULL = DNS */
    const char *ca_file;    /* PEM that replaces the system's authorities; NULL = system */
    const char *basic_auth; /* "user:password"; NULL = none */
    int64_t timeout_ms;     /* whole request; 0 = 30,000 */
    int64_t limit_bytes;    /* largest answer accepted; 0 = 16 MiB */
    int sink_fd; /* the body of an answer 2xx is written here; 0 = kept in the response */
    bool head;   /* HEAD: no answer body is read */
    bool follow; /* follow up to 5 redirects */
};

struct gl_http_response {
    long status;
    struct gl_strv headers; /* "name: value", names in lower case */
    struct gl_buf body;
    int64_t elapsed_us;
};

void gl_http_response_done(struct gl_http_response *response);
#define gl_autohttp gl_cleanup(gl_http_response_done)

/* True for an address of this machine or of its link: localhost and names below it, 127.0.0.0/8,
 * 169.254.0.0/16 (metadata of a cloud), ::1, fe80::/10. No proxy leads there. */
bool gl_http_is_near(const char *url);

/* Makes one request on a new connection. It goes through the proxy of the environment (https_proxy,
 * HTTPS_PROXY, http_proxy, ALL_PROXY, but for NO_PROXY; as curl reads them:
 * https://curl.se/libcurl/c/libcurl-env.html), unless the address is near, or is given by
 * `resolve`. 0 whenever an HTTP answer arrived, whatever its status;
 * GL_E_NET when none did (refused, reset, TLS), GL_E_TIMEOUT when it took too long. */
gl_nodiscard int gl_http_fetch(const struct gl_http_request *request,
                               struct gl_http_response *ret_response, struct gl_error *err);

/* The value of a header (name in lower case), or NULL; points into the response. */
const char *gl_http_header(const struct gl_http_response *response, const char *name);

#endif
