/* Content digests: streaming SHA-256 and the check of their text form. */
#include "oci/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const char prefix[] = "sha256:";

void gl_hasher_init(struct gl_hasher *hasher)
{
    *hasher = (struct gl_hasher){.context = EVP_MD_CTX_new()};
    if (!hasher->context || !EVP_DigestInit_ex(hasher->context, EVP_sha256(), NULL))
        abort();
}

void gl_hasher_add(struct gl_hasher *hasher, const void *data, size_t len)
{
    if (!EVP_DigestUpdate(hasher->context, data, len))
        abort();
    hasher->bytes += len;
}

void gl_hasher_digest(struct gl_hasher *hasher, char ret_digest[GL_DIGEST_SIZE])
{
    unsigned char sum[32];
    if (!EVP_DigestFinal_ex(hasher->context, sum, NULL))
        abort();
    memcpy(ret_digest, prefix, sizeof prefix);
    gl_hex(sum, sizeof sum, ret_digest + sizeof prefix - 1);
}

void gl_hasher_done(struct gl_hasher *hasher)
{
    EVP_MD_CTX_free(hasher->context);
    hasher->context = NULL;
}

void gl_digest_of(const void *data, size_t len, char ret_digest[GL_DIGEST_SIZE])
{
    memcpy(ret_digest, prefix, sizeof prefix);
    gl_sha256_hex(data, len, ret_digest + sizeof prefix - 1);
}

int gl_digest_file(const char *path, char ret_digest[GL_DIGEST_SIZE], struct gl_error *err)
{
    char hex[GL_SHA256_HEX_SIZE];
    int result = gl_sha256_file(path, hex, err);
    if (result < 0)
        return result;
    memcpy(ret_digest, prefix, sizeof prefix);
    memcpy(ret_digest + sizeof prefix - 1, hex, sizeof hex);
    return 0;
}

bool gl_digest_valid(const char *text)
{
    if (!text || strncmp(text, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *digits = text + sizeof prefix - 1;
    return strspn(digits, "0123456789abcdef") == 64 && digits[64] == '\0';
}
