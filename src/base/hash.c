/* Digests by OpenSSL's EVP interface. */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/i18n.h"

void gl_hex(const void *data, size_t len, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * len] = '\0';
}

void gl_sha256_hex(const void *data, size_t len, char ret_hex[GL_SHA256_HEX_SIZE])
{
    unsigned char digest[32];
    if (!EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL))
        abort();
    gl_hex(digest, sizeof digest, ret_hex);
}

void gl_sha384(const void *data, size_t len, unsigned char ret_digest[GL_SHA384_SIZE])
{
    if (!EVP_Digest(data, len, ret_digest, NULL, EVP_sha384(), NULL))
        abort();
}

char *gl_md5_base64(const void *data, size_t len)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    unsigned char text[64];
    if (!EVP_Digest(data, len, digest, &size, EVP_md5(), NULL))
        abort();
    EVP_EncodeBlock(text, digest, (int)size);
    return gl_strdup((const char *)text);
}

static void free_md_ctx(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

int gl_sha256_file(const char *path, char ret_hex[GL_SHA256_HEX_SIZE], struct gl_error *err)
{
    gl_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), path);
    gl_cleanup(free_md_ctx) EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        abort();
    char chunk[65536];
    ssize_t count;
    while ((count = read(fd, chunk, sizeof chunk)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gl_fail_errno(err, errno, _("cannot read %s"), path);
        if (!EVP_DigestUpdate(context, chunk, (size_t)count))
            abort();
    }
    unsigned char digest[32];
    if (!EVP_DigestFinal_ex(context, digest, NULL))
        abort();
    gl_hex(digest, sizeof digest, ret_hex);
    return 0;
}

char *gl_random_hex(size_t len)
{
    gl_autofree unsigned char *bytes = gl_alloc(len);
    for (size_t done = 0; done < len;) {
        ssize_t count = getrandom(bytes + done, len - done, 0);
        if (count > 0)
            done += (size_t)count;
    }
    char *text = gl_alloc(2 * len + 1);
    gl_hex(bytes, len, text);
    gl_wipe(bytes, len);
    return text;
}
