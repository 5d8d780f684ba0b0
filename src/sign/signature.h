/* Signatures of files as `ssh-keygen -Y sign` makes them and `ssh-keygen -Y verify` checks them.
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig */
#ifndef GL_SIGN_SIGNATURE_H
#define GL_SIGN_SIGNATURE_H

#include "sign/key.h"

enum {
    GL_SIGNATURE_BYTES = 64,
    GL_SIGNATURE_TEXT_MAX = 16 << 10, /* of an armoured signature */
};

/* A signature that was read; nothing is proved by that. */
struct gl_signature {
    struct gl_public_key key; /* whose it claims to be */
    char *name_space;
    char *hash; /* "sha256" or "sha512" */
    unsigned char bytes[GL_SIGNATURE_BYTES];
};

void gl_signature_done(struct gl_signature *signature);
#define gl_autosignature gl_cleanup(gl_signature_done)

/* What was signed: for what purpose ("golive-approval"; another purpose's signature does not
 * count), and the bytes. */
struct gl_signed {
    const char *name_space;
    const void *data;
    size_t len;
};

/* Signs; the text begins with "-----BEGIN SSH SIGNATURE-----". The caller owns it. */
gl_nodiscard int gl_signature_make(const struct gl_private_key *key, const struct gl_signed *what,
                                   char **ret_text, struct gl_error *err);

/* Reads such a text. GL_E_CONFIG for anything else and for keys other than ed25519. */
gl_nodiscard int gl_signature_read(const char *text, size_t len, struct gl_signature *ret_signature,
                                   struct gl_error *err);

/* GL_E_MISMATCH unless the signature was made with the key's private half over exactly this. */
gl_nodiscard int gl_signature_check(const struct gl_signature *signature,
                                    const struct gl_public_key *key, const struct gl_signed *what,
                                    struct gl_error *err);

#endif
