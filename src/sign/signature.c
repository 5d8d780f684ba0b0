/* Signatures in OpenSSH's format. */
#include "sign/signature.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "sign/base64.h"
#include "sign/ssh_agent.h"
#include "sign/wire.h"

enum { VERSION = 1, LINE_WIDTH = 70 };

static const char begin[] = "-----BEGIN SSH SIGNATURE-----";
static const char end[] = "-----END SSH SIGNATURE-----";
static const char preamble[] = "SSHSIG"; /* without its NUL */
static const char type[] = "ssh-ed25519";
static const char hash_made[] = "sha512";

void gl_signature_done(struct gl_signature *signature)
{
    free(gl_steal(&signature->name_space));
    free(gl_steal(&signature->hash));
}

/* What is really signed: purpose, name of the hash, and the hash of the data. */
static bool make_message(const struct gl_signed *what, const char *hash, struct gl_buf *message)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const EVP_MD *method = strcmp(hash, hash_made) == 0 ? EVP_sha512() : EVP_sha256();
    if (EVP_Digest(what->data, what->len, digest, &len, method, NULL) != 1)
        return false;
    gl_buf_add(message, preamble, sizeof preamble - 1);
    gl_wire_put_text(message, what->name_space);
    gl_wire_put_text(message, "");
    gl_wire_put_text(message, hash);
    gl_wire_put(message, digest, len);
    return true;
}

/* ---- making ------------------------------------------------------------------------------------
 */

static bool sign_here(const struct gl_private_key *key, const struct gl_buf *message,
                      unsigned char ret_bytes[GL_SIGNATURE_BYTES])
{
    size_t len = GL_SIGNATURE_BYTES;
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->seed, GL_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = own && context && EVP_DigestSignInit(context, NULL, NULL, NULL, own) == 1 &&
                EVP_DigestSign(context, ret_bytes, &len, (const unsigned char *)message->data,
                               message->len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(own);
    return good;
}

static int sign(const struct gl_private_key *key, const struct gl_buf *message,
                unsigned char ret_bytes[GL_SIGNATURE_BYTES], struct gl_error *err)
{
    if (key->agent)
        return gl_agent_sign(key->agent, &key->public_key, message, ret_bytes, err);
    return sign_here(key, message, ret_bytes) ? 0
                                              : gl_fail(err, GL_E_IO, _("libcrypto did not sign"));
}

static char *armour(const struct gl_private_key *key, const struct gl_signed *what,
                    const unsigned char bytes[GL_SIGNATURE_BYTES])
{
    gl_autobuf struct gl_buf blob = {0};
    gl_autobuf struct gl_buf public_key = {0};
    gl_autobuf struct gl_buf signature = {0};
    gl_wire_put_text(&public_key, type);
    gl_wire_put(&public_key, key->public_key.bytes, GL_KEY_BYTES);
    gl_wire_put_text(&signature, type);
    gl_wire_put(&signature, bytes, GL_SIGNATURE_BYTES);
    gl_buf_add(&blob, preamble, sizeof preamble - 1);
    gl_wire_put_u32(&blob, VERSION);
    gl_wire_put(&blob, public_key.data, public_key.len);
    gl_wire_put_text(&blob, what->name_space);
    gl_wire_put_text(&blob, "");
    gl_wire_put_text(&blob, hash_made);
    gl_wire_put(&blob, signature.data, signature.len);
    gl_autofree char *lines = gl_base64_write(blob.data, blob.len, LINE_WIDTH);
    return gl_asprintf("%s\n%s%s\n", begin, lines, end);
}

int gl_signature_make(const struct gl_private_key *key, const struct gl_signed *what,
                      char **ret_text, struct gl_error *err)
{
    gl_autobuf struct gl_buf message = {0};
    unsigned char bytes[GL_SIGNATURE_BYTES];
    if (!make_message(what, hash_made, &message))
        return gl_fail(err, GL_E_IO, _("libcrypto did not sign"));
    int failed = sign(key, &message, bytes, err);
    if (failed < 0)
        return failed;
    *ret_text = armour(key, what, bytes);
    return 0;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static int no_signature(struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("this is no signature by an ed25519 key in OpenSSH's format"));
    return gl_error_hint(err, _("ssh-keygen -Y sign -n golive-approval -f KEY FILE writes one to "
                                "FILE.sig."));
}

static bool read_blob(const struct gl_buf *blob, struct gl_signature *signature)
{
    struct gl_wire wire = {(const unsigned char *)blob->data, blob->len};
    struct gl_wire_text key;
    struct gl_wire_text name_space;
    struct gl_wire_text reserved;
    struct gl_wire_text hash;
    struct gl_wire_text bytes;
    uint32_t version = 0;
    if (!gl_wire_take(&wire, preamble, sizeof preamble - 1) || !gl_wire_u32(&wire, &version) ||
        version != VERSION || !gl_wire_string(&wire, &key) || !gl_wire_string(&wire, &name_space) ||
        !gl_wire_string(&wire, &reserved) || !gl_wire_string(&wire, &hash) ||
        !gl_wire_string(&wire, &bytes) || wire.len)
        return false;
    if (!name_space.len || memchr(name_space.data, '\0', name_space.len) ||
        (!gl_wire_is(&hash, "sha256") && !gl_wire_is(&hash, hash_made)) ||
        !gl_wire_typed(&key, type, signature->key.bytes, GL_KEY_BYTES) ||
        !gl_wire_typed(&bytes, type, signature->bytes, GL_SIGNATURE_BYTES))
        return false;
    signature->name_space = gl_strndup((const char *)name_space.data, name_space.len);
    signature->hash = gl_strndup((const char *)hash.data, hash.len);
    return true;
}

int gl_signature_read(const char *text, size_t len, struct gl_signature *ret_signature,
                      struct gl_error *err)
{
    gl_autobuf struct gl_buf blob = {0};
    struct gl_signature signature = {0};
    const char *from =
        len <= GL_SIGNATURE_TEXT_MAX ? memmem(text, len, begin, sizeof begin - 1) : NULL;
    const char *body = from ? from + sizeof begin - 1 : NULL;
    const char *to = body ? memmem(body, len - (size_t)(body - text), end, sizeof end - 1) : NULL;
    if (!to || !gl_base64_read(body, (size_t)(to - body), &blob) || !read_blob(&blob, &signature))
        return no_signature(err);
    *ret_signature = signature;
    return 0;
}

/* ---- checking ----------------------------------------------------------------------------------
 */

static bool verifies(const struct gl_signature *signature, const struct gl_public_key *key,
                     const struct gl_buf *message)
{
    EVP_PKEY *its =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof key->bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = its && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, its) == 1 &&
                EVP_DigestVerify(context, signature->bytes, GL_SIGNATURE_BYTES,
                                 (const unsigned char *)message->data, message->len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(its);
    return good;
}

int gl_signature_check(const struct gl_signature *signature, const struct gl_public_key *key,
                       const struct gl_signed *what, struct gl_error *err)
{
    gl_autobuf struct gl_buf message = {0};
    if (!gl_public_key_same(&signature->key, key))
        return gl_fail(err, GL_E_MISMATCH, _("it was made with another key"));
    if (strcmp(signature->name_space, what->name_space) != 0)
        return gl_fail(err, GL_E_MISMATCH, _("it was made for `%s`, not for `%s`"),
                       signature->name_space, what->name_space);
    if (!make_message(what, signature->hash, &message) || !verifies(signature, key, &message))
        return gl_fail(err, GL_E_MISMATCH, _("it is not a signature of this content"));
    return 0;
}
