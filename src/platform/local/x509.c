/* Keys and certificates of the local authority. */
#include "platform/local/x509.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/strv.h"

enum {
    BACKDATE_S = 3600, /* a client's clock may be behind ours */
    SERIAL_BITS = 159, /* 20 bytes and positive, RFC 5280 section 4.1.2.2 */
};

struct extension {
    int nid;
    const char *value;
};

static const struct extension authority_extensions[] = {
    {NID_basic_constraints,      "critical,CA:TRUE,pathlen:0"                                                  },
    {NID_key_usage,              "critical,keyCertSign,cRLSign"                                                },
    {NID_subject_key_identifier, "hash"                                                                        },
    {NID_name_constraints,       "critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0,"
                           "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static const struct extension server_extensions[] = {
    {NID_basic_constraints,        "critical,CA:FALSE"        },
    {NID_key_usage,                "critical,digitalSignature"},
    {NID_ext_key_usage,            "serverAuth"               },
    {NID_subject_key_identifier,   "hash"                     },
    {NID_authority_key_identifier, "keyid:always"             },
};

void gl_identity_done(struct gl_identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
    *identity = (struct gl_identity){0};
}

static int crypto_fail(struct gl_error *err, const char *what)
{
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    return gl_fail(err, GL_E_PROCESS, _("cannot make %s: OpenSSL says %s"), what, reason);
}

static bool is_address(const char *name)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool is_loopback(const char *name)
{
    unsigned char bytes[16];
    if (inet_pton(AF_INET, name, bytes) == 1)
        return bytes[0] == 127;
    return inet_pton(AF_INET6, name, bytes) == 1 &&
           memcmp(bytes, &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

static bool is_below_localhost(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*";
    return name[strspn(name, allowed)] == '\0' &&
           (strcmp(name, "localhost") == 0 || gl_ends_with(name, ".localhost"));
}

/* Checked before signing: clients would refuse such a certificate with a message nobody can read.
 */
static int check_names(const char *const *names, struct gl_error *err)
{
    if (!names || !names[0])
        return gl_fail(err, GL_E_CONFIG, _("a certificate needs at least one name"));
    for (; *names; names++) {
        if (is_loopback(*names) || is_below_localhost(*names))
            continue;
        gl_fail(err, GL_E_CONFIG, _("the local authority cannot vouch for %s"), *names);
        return gl_error_hint(err, _("It signs only names below .localhost and loopback addresses: "
                                    "set environments.local.domain."));
    }
    return 0;
}

/* "DNS:a,IP:127.0.0.1"; the names were checked, so none can smuggle in a comma. */
static char *alt_names(const char *const *names)
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; names[i]; i++)
        gl_buf_printf(&text, "%s%s:%s", i ? "," : "", is_address(names[i]) ? "IP" : "DNS",
                      names[i]);
    return gl_buf_steal(&text);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct extension *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!add_extension(cert, issuer, rows[i].nid, rows[i].value))
            return false;
    }
    return true;
}

static bool set_random_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool set = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return set;
}

static bool set_subject(X509 *cert, const char *common_name)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    const unsigned char *text = (const unsigned char *)common_name;
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1;
}

/* Key, version, serial number, dates and subject: what both kinds of certificate have alike. */
static bool begin(struct gl_identity *identity, const char *common_name, int days)
{
    identity->key = EVP_EC_gen("P-256");
    identity->cert = X509_new();
    X509 *cert = identity->cert;
    return identity->key && cert && X509_set_version(cert, X509_VERSION_3) &&
           set_random_serial(cert) && X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE_S) &&
           X509_time_adj_ex(X509_getm_notAfter(cert), days, -BACKDATE_S, NULL) &&
           X509_set_pubkey(cert, identity->key) && set_subject(cert, common_name);
}

static bool sign(struct gl_identity *identity, EVP_PKEY *authority_key)
{
    return X509_sign(identity->cert, authority_key, EVP_sha256()) > 0;
}

int gl_x509_make_authority(int days, struct gl_identity *ret_authority, struct gl_error *err)
{
    gl_autoidentity struct gl_identity made = {0};
    /* Distinct names keep the authorities of two projects apart in a trust store. */
    gl_autofree char *suffix = gl_random_hex(4);
    gl_autofree char *name = gl_asprintf("golive local authority %s", suffix);
    if (!begin(&made, name, days) ||
        !X509_set_issuer_name(made.cert, X509_get_subject_name(made.cert)) ||
        !add_extensions(made.cert, made.cert, authority_extensions,
                        GL_COUNT(authority_extensions)) ||
        !sign(&made, made.key))
        return crypto_fail(err, _("the local certificate authority"));
    *ret_authority = made;
    made = (struct gl_identity){0};
    return 0;
}

/* A chain whose root has expired is worthless. */
static bool cap_validity(X509 *cert, const X509 *authority)
{
    const ASN1_TIME *limit = X509_get0_notAfter(authority);
    return ASN1_TIME_compare(X509_get0_notAfter(cert), limit) <= 0 ||
           X509_set1_notAfter(cert, limit);
}

int gl_x509_issue(const struct gl_identity *authority, const char *const *names, int days,
                  struct gl_identity *ret_identity, struct gl_error *err)
{
    enum { COMMON_NAME_MAX = 64 }; /* ub-common-name, RFC 5280 */

    int failed = check_names(names, err);
    if (failed < 0)
        return failed;
    gl_autoidentity struct gl_identity made = {0};
    gl_autofree char *alt = alt_names(names);
    const char *common = strlen(names[0]) <= COMMON_NAME_MAX ? names[0] : "localhost";
    if (!begin(&made, common, days) || !cap_validity(made.cert, authority->cert) ||
        !X509_set_issuer_name(made.cert, X509_get_subject_name(authority->cert)) ||
        !add_extensions(made.cert, authority->cert, server_extensions,
                        GL_COUNT(server_extensions)) ||
        !add_extension(made.cert, authority->cert, NID_subject_alt_name, alt) ||
        !sign(&made, authority->key))
        return crypto_fail(err, _("a certificate"));
    *ret_identity = made;
    made = (struct gl_identity){0};
    return 0;
}

static char *take_bio(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = gl_strndup(data, len > 0 ? (size_t)len : 0);
    gl_wipe(data, len > 0 ? (size_t)len : 0);
    BIO_free(bio);
    return text;
}

char *gl_x509_cert_pem(const X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    (void)PEM_write_bio_X509(bio, cert);
    return take_bio(bio);
}

char *gl_x509_key_pem(const EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    (void)PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return take_bio(bio);
}

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

int gl_x509_parse(const char *cert_pem, const char *key_pem, const char *name,
                  struct gl_identity *ret_identity, struct gl_error *err)
{
    gl_autoidentity struct gl_identity read = {0};
    BIO *cert_bio = BIO_new_mem_buf(cert_pem, -1);
    BIO *key_bio = BIO_new_mem_buf(key_pem, -1);
    read.cert = PEM_read_bio_X509(cert_bio, NULL, no_password, NULL);
    read.key = PEM_read_bio_PrivateKey(key_bio, NULL, no_password, NULL);
    BIO_free(cert_bio);
    BIO_free(key_bio);
    bool pair = read.cert && read.key && X509_check_private_key(read.cert, read.key) == 1;
    ERR_clear_error();
    if (!pair)
        return gl_fail(err, GL_E_CORRUPT,
                       _("%s: the certificate and its key cannot be read, or "
                         "do not belong together"),
                       name);
    ret_identity->cert = gl_steal(&read.cert);
    ret_identity->key = gl_steal(&read.key);
    return 0;
}

int gl_x509_sha1(const char *cert_pem, const char *name, char ret_hex[GL_X509_SHA1_SIZE],
                 struct gl_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    BIO *bio = BIO_new_mem_buf(cert_pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    bool read = cert && X509_digest(cert, EVP_sha1(), digest, &len) == 1 &&
                len * 2 + 1 == GL_X509_SHA1_SIZE;
    X509_free(cert);
    BIO_free(bio);
    ERR_clear_error();
    if (!read)
        return gl_fail(err, GL_E_CORRUPT, _("%s is not a readable certificate"), name);
    for (unsigned i = 0; i < len; i++)
        (void)snprintf(ret_hex + 2 * (size_t)i, 3, "%02X", digest[i]);
    return 0;
}

/* The names as an extension of their own, to compare encodings instead of text. */
static bool has_names(const X509 *cert, const char *const *names)
{
    int at = X509_get_ext_by_NID(cert, NID_subject_alt_name, -1);
    gl_autofree char *alt = alt_names(names);
    X509V3_CTX context;
    X509V3_set_ctx_test(&context);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *wanted = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, alt);
    bool same = at >= 0 && wanted &&
                ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_get_ext(cert, at)),
                                      X509_EXTENSION_get_data(wanted)) == 0;
    X509_EXTENSION_free(wanted);
    return same;
}

bool gl_x509_is_current(X509 *cert, const X509 *authority, const char *const *names, int days)
{
    int days_left = 0;
    int seconds_left = 0;
    bool current = ASN1_TIME_diff(&days_left, &seconds_left, NULL, X509_get0_notAfter(cert)) &&
                   days_left >= days && X509_cmp_current_time(X509_get0_notBefore(cert)) < 0 &&
                   X509_verify(cert, X509_get0_pubkey(authority)) == 1 && has_names(cert, names);
    ERR_clear_error();
    return current;
}
