/* Digests as lower-case hexadecimal text. */
#ifndef GL_BASE_HASH_H
#define GL_BASE_HASH_H

#include "base/error.h"

#define GL_SHA256_HEX_SIZE 65
#define GL_SHA384_SIZE     48

/* SHA-256 of bytes, written as 64 hexadecimal digits and a NUL. */
void gl_sha256_hex(const void *data, size_t len, char ret_hex[GL_SHA256_HEX_SIZE]);

/* SHA-256 of a file's content. */
gl_nodiscard int gl_sha256_file(const char *path, char ret_hex[GL_SHA256_HEX_SIZE],
                                struct gl_error *err);

/* SHA-384 of bytes (sqlx's migration checksum), binary. */
void gl_sha384(const void *data, size_t len, unsigned char ret_digest[GL_SHA384_SIZE]);

/* MD5 of bytes in base64, as Content-MD5 wants it (RFC 1864): against accidents on the way, not
 * against attackers. The caller owns it. */
char *gl_md5_base64(const void *data, size_t len);

/* Writes 2 * len digits and a NUL. */
void gl_hex(const void *data, size_t len, char *ret_hex);

/* `len` random bytes from the system as hexadecimal text; the caller owns it. */
char *gl_random_hex(size_t len);

#endif
