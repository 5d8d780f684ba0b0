/* Requests to one repository of a registry: authentication, retries, errors a person can act on.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
#ifndef GL_OCI_REGISTRY_H
#define GL_OCI_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/http.h"
#include "oci/image.h"

struct gl_registry {
    const struct gl_push_spec *spec;
    char *base;          /* "https://host:port", no slash at the end */
    char *basic;         /* "user:password" once the registry asked for it, else NULL */
    char *token;         /* "Authorization: Bearer ..." once a token server gave one, else NULL */
    bool worth_retrying; /* the last failure may pass by itself */
    int64_t wait_ms;     /* how long the registry asked to wait, 0 = not */
};

/* Checks address, repository and tags; makes no request. The spec must outlive the registry. */
gl_nodiscard int gl_registry_init(const struct gl_push_spec *spec, struct gl_registry *ret_registry,
                                  struct gl_error *err);

/* Wipes the credentials. */
void gl_registry_done(struct gl_registry *registry);
#define gl_autoregistry gl_cleanup(gl_registry_done)

/* Makes one request and, when asked to, authenticates and makes it again. Credentials go to the
 * registry's own address only. `wanted` and `wanted_too` are the statuses that count as success;
 * the error of another status says what to do about it, `what` being what was tried. */
gl_nodiscard int gl_registry_call(struct gl_registry *registry,
                                  const struct gl_http_request *request, const long wanted[2],
                                  struct gl_http_response *ret_response, struct gl_error *err);

/* Repeats `step` while it fails in a way that may pass: up to 5 times, with growing, jittered
 * pauses, or as long as the registry asks for (at most a minute). */
typedef int gl_registry_step(struct gl_registry *registry, void *context, struct gl_error *err);
gl_nodiscard int gl_registry_retry(struct gl_registry *registry, gl_registry_step *step,
                                   void *context, struct gl_error *err);

/* Makes `location`, absolute or relative to the repository, an address with `digest` as query.
 * The caller owns it. An encrypted registry that leads to an unencrypted address is refused. */
gl_nodiscard int gl_registry_locate(const struct gl_registry *registry, const char *location,
                                    const char *digest, char **ret_url, struct gl_error *err);

/* The address of something of the repository, "blobs/..." or "manifests/...". Caller owns it. */
char *gl_registry_url(const struct gl_registry *registry, const char *path);

#endif
