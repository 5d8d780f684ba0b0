/* Keys that an ssh-agent keeps: it signs, and never gives the private half away.
 * https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent */
#ifndef GL_SIGN_SSH_AGENT_H
#define GL_SIGN_SSH_AGENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "sign/signature.h"

/* Its ed25519 keys. */
struct gl_agent_keys {
    struct gl_public_key *items;
    size_t count;
};

void gl_agent_keys_done(struct gl_agent_keys *keys);
#define gl_autoagentkeys gl_cleanup(gl_agent_keys_done)

/* Asks the agent at a socket (what SSH_AUTH_SOCK says) for its keys; others than ed25519 are left
 * out. GL_E_IO when it does not answer as an agent does. */
gl_nodiscard int gl_agent_list(const char *socket_path, struct gl_agent_keys *ret_keys,
                               struct gl_error *err);

/* Lets it sign a message. The agent may ask its person, a minute at most. GL_E_REFUSED when it does
 * not have the key, or its person says no. */
gl_nodiscard int gl_agent_sign(const char *socket_path, const struct gl_public_key *key,
                               const struct gl_buf *message,
                               unsigned char ret_bytes[GL_SIGNATURE_BYTES], struct gl_error *err);

/* The two answers, without the length in front; false for anything else. */
gl_nodiscard bool gl_agent_read_keys(const void *answer, size_t len,
                                     struct gl_agent_keys *ret_keys);
gl_nodiscard bool gl_agent_read_signature(const void *answer, size_t len,
                                          unsigned char ret_bytes[GL_SIGNATURE_BYTES]);

#endif
