/* Content digests in the form of the image specification: "sha256:" and 64 digits.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
#ifndef GL_OCI_DIGEST_H
#define GL_OCI_DIGEST_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "oci/image.h"

/* SHA-256 over bytes that arrive in parts, and how many there were. */
struct gl_hasher {
    EVP_MD_CTX *context;
    uint64_t bytes;
};

void gl_hasher_init(struct gl_hasher *hasher);
void gl_hasher_add(struct gl_hasher *hasher, const void *data, size_t len);

/* Ends the computation; only gl_hasher_done() may follow. */
void gl_hasher_digest(struct gl_hasher *hasher, char ret_digest[GL_DIGEST_SIZE]);
void gl_hasher_done(struct gl_hasher *hasher);
#define gl_autohasher gl_cleanup(gl_hasher_done)

/* The digest of bytes in memory and of a whole file. */
void gl_digest_of(const void *data, size_t len, char ret_digest[GL_DIGEST_SIZE]);
gl_nodiscard int gl_digest_file(const char *path, char ret_digest[GL_DIGEST_SIZE],
                                struct gl_error *err);

/* True for "sha256:" and 64 lower-case digits: only then may it become part of a path or a URL. */
bool gl_digest_valid(const char *text);

#endif
