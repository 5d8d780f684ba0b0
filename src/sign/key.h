/* Ed25519 keys of people (RFC 8032) as OpenSSH and OpenSSL keep them.
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
#ifndef GL_SIGN_KEY_H
#define GL_SIGN_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    GL_KEY_BYTES = 32, /* of a public key, and of a private one's seed */
    GL_KEY_FILE_BYTES_MAX = 64 << 10,
};

struct gl_public_key {
    unsigned char bytes[GL_KEY_BYTES];
};

/* Reads "ssh-ed25519 AAAA... [comment]" (a line of id_ed25519.pub) or "ed25519:BASE64" of the 32
 * bytes. GL_E_CONFIG says what is wrong, with the hint how a key is made. */
gl_nodiscard int gl_public_key_parse(const char *text, struct gl_public_key *ret_key,
                                     struct gl_error *err);
bool gl_public_key_same(const struct gl_public_key *a, const struct gl_public_key *b);
/* "ssh-ed25519 AAAA..."; and "SHA256:..." as ssh-keygen -l shows it. The caller owns them. */
char *gl_public_key_line(const struct gl_public_key *key);
char *gl_public_key_fingerprint(const struct gl_public_key *key);

/* Secret: gl_private_key_done() wipes it. */
struct gl_private_key {
    unsigned char seed[GL_KEY_BYTES];
    struct gl_public_key public_key;
    char *agent; /* socket of the ssh-agent that has the seed and keeps it; NULL = it is here */
};

void gl_private_key_done(struct gl_private_key *key);
#define gl_autoprivatekey gl_cleanup(gl_private_key_done)

/* Asks a person for the passphrase of a key file; the text is wiped and freed by who called. */
typedef int gl_ask_passphrase_fn(void *context, char **ret_passphrase, struct gl_error *err);

/* Reads the content of a private key file: "OPENSSH PRIVATE KEY" or PEM ("PRIVATE KEY", "ENCRYPTED
 * PRIVATE KEY"). `ask` is called once if the key is encrypted; NULL = GL_E_REFUSED then, as for a
 * wrong passphrase. GL_E_CONFIG for what is no ed25519 key. */
gl_nodiscard int gl_private_key_parse(const char *text, size_t len, gl_ask_passphrase_fn *ask,
                                      void *context, struct gl_private_key *ret_key,
                                      struct gl_error *err);

#endif
