/* How a registry wants to be asked: the WWW-Authenticate header and the token it leads to.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1,
 * https://distribution.github.io/distribution/spec/auth/token/ */
#ifndef GL_OCI_AUTH_H
#define GL_OCI_AUTH_H

#include <stdbool.h>

#include "base/error.h"

struct gl_auth_challenge {
    bool basic;    /* Basic is offered */
    char *realm;   /* of Bearer: where tokens are given out; NULL = Bearer is not offered */
    char *service; /* of Bearer; NULL = none */
};

/* Reads a header's value; one header may offer several schemes. Never fails: what is not understood
 * is passed over. Adds to `challenge`, which starts zeroed. */
void gl_auth_parse(const char *header, struct gl_auth_challenge *challenge);
void gl_auth_challenge_done(struct gl_auth_challenge *challenge);
#define gl_autochallenge gl_cleanup(gl_auth_challenge_done)

/* The address to fetch a token from; the caller owns it. `scope` is "repository:NAME:pull,push". */
char *gl_auth_token_url(const struct gl_auth_challenge *challenge, const char *scope,
                        const char *account);

/* The token in a token server's answer; GL_E_NET if there is none. The caller wipes and owns it. */
gl_nodiscard int gl_auth_read_token(const char *text, size_t len, char **ret_token,
                                    struct gl_error *err);

#endif
