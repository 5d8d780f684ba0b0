/* Room-internal: bcrypt_pbkdf, which makes the key of an encrypted OpenSSH key file out of its
 * passphrase. https://github.com/openssh/openssh-portable/blob/master/openbsd-compat/bcrypt_pbkdf.c
 */
#ifndef GL_SIGN_BCRYPT_H
#define GL_SIGN_BCRYPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum {
    GL_BCRYPT_KEY_MAX = 128,
    GL_BCRYPT_SALT_MAX = 64,
    /* ssh-keygen makes 16 or 24; a file that asks for more than this wants to keep us busy. */
    GL_BCRYPT_ROUNDS_MAX = 512,
};

struct gl_bcrypt_input {
    const char *passphrase;
    const unsigned char *salt;
    size_t salt_len; /* 1 .. GL_BCRYPT_SALT_MAX */
    uint32_t rounds; /* 1 .. GL_BCRYPT_ROUNDS_MAX; each takes about 3 ms */
};

/* Fills `ret_key` with `len` (1 .. GL_BCRYPT_KEY_MAX) bytes; a secret. The ranges are asserted. */
void gl_bcrypt_pbkdf(const struct gl_bcrypt_input *input, unsigned char *ret_key, size_t len);

#endif
