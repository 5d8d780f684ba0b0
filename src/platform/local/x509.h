/* Room-internal: keys and certificates of the local authority (ECDSA P-256, OpenSSL 3). */
#ifndef GL_PLATFORM_LOCAL_X509_H
#define GL_PLATFORM_LOCAL_X509_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/error.h"

/* A certificate with its private key. Zero-initialise. */
struct gl_identity {
    X509 *cert;
    EVP_PKEY *key;
};

void gl_identity_done(struct gl_identity *identity);
#define gl_autoidentity gl_cleanup(gl_identity_done)

/* A new root for names below "localhost" and loopback addresses only (critical name constraints),
 * which may sign no further authority. */
gl_nodiscard int gl_x509_make_authority(int days, struct gl_identity *ret_authority,
                                        struct gl_error *err);

/* A new server certificate for `names` (DNS names and IP addresses), signed by `authority`; it
 * never outlives the authority. A name that the authority may not vouch for is GL_E_CONFIG. */
gl_nodiscard int gl_x509_issue(const struct gl_identity *authority, const char *const *names,
                               int days, struct gl_identity *ret_identity, struct gl_error *err);

/* PEM text of the certificate (and key); the caller owns it and wipes a key. */
char *gl_x509_cert_pem(const X509 *cert);
char *gl_x509_key_pem(const EVP_PKEY *key);

/* Reads the first certificate and the key from PEM text; GL_E_CORRUPT when one cannot be read or
 * they do not belong together. `name` is what the error calls them. */
gl_nodiscard int gl_x509_parse(const char *cert_pem, const char *key_pem, const char *name,
                               struct gl_identity *ret_identity, struct gl_error *err);

/* SHA-1 of the first certificate in PEM text, in upper-case hexadecimal as HAProxy prints it: tells
 * certificates apart, protects nothing. GL_E_CORRUPT. */
#define GL_X509_SHA1_SIZE 41
gl_nodiscard int gl_x509_sha1(const char *cert_pem, const char *name,
                              char ret_hex[GL_X509_SHA1_SIZE], struct gl_error *err);

/* True if `cert` was signed by `authority`, is valid for at least `days` more and has exactly these
 * names. */
bool gl_x509_is_current(X509 *cert, const X509 *authority, const char *const *names, int days);

#endif
