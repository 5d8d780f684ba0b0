/* Private key files: OpenSSH's own format, encrypted or not, and PEM by libcrypto. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "sign/base64.h"
#include "sign/bcrypt.h"
#include "sign/key.h"
#include "sign/wire.h"

enum { CIPHER_KEY = 32, CIPHER_IV = 16, CIPHER_BLOCK = 16, PLAIN_BLOCK = 8 };

static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char end[] = "-----END OPENSSH PRIVATE KEY-----";
static const char magic[] = "openssh-key-v1"; /* its NUL belongs to it */
static const char type[] = "ssh-ed25519";

/* How to get the passphrase, once. */
struct asking {
    gl_ask_passphrase_fn *ask;
    void *context;
    char *passphrase;
    int failed;
    struct gl_error *err;
};

static void asking_done(struct asking *asking)
{
    if (asking->passphrase)
        gl_wipe(asking->passphrase, strlen(asking->passphrase));
    free(asking->passphrase);
}

static void wipe_buf(struct gl_buf *buf)
{
    gl_wipe(buf->data, buf->cap);
    gl_buf_done(buf);
}

#define gl_autosecret gl_cleanup(wipe_buf)

static int ask(struct asking *asking)
{
    if (asking->ask) {
        asking->failed = asking->ask(asking->context, &asking->passphrase, asking->err);
        return asking->failed;
    }
    gl_fail(asking->err, GL_E_REFUSED,
            _("the key is encrypted, and nobody can be asked for its "
              "passphrase"));
    asking->failed =
        gl_error_hint(asking->err, _("Sign what --statement prints with ssh-keygen -Y sign (it "
                                     "uses the agent too) and give the result to --signature."));
    return asking->failed;
}

static int wrong_passphrase(struct gl_error *err)
{
    gl_fail(err, GL_E_REFUSED, _("the passphrase does not open the key"));
    return gl_error_hint(err, _("Try again; nothing was signed."));
}

static int no_key(struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("this is no private key of type ed25519"));
    return gl_error_hint(err, _("It is the file without .pub that ssh-keygen -t ed25519 makes, or "
                                "one of openssl genpkey -algorithm ed25519."));
}

/* ---- PEM ---------------------------------------------------------------------------------------
 */

static int give_passphrase(char *buf, int size, int writing, void *context)
{
    struct asking *asking = context;
    (void)writing;
    if (ask(asking) < 0)
        return -1;
    size_t len = strlen(asking->passphrase);
    if (len >= (size_t)size)
        return -1;
    memcpy(buf, asking->passphrase, len);
    return (int)len;
}

static int take_pem(EVP_PKEY *pem, struct gl_private_key *key, struct gl_error *err)
{
    size_t seed_len = sizeof key->seed;
    size_t public_len = sizeof key->public_key.bytes;
    if (EVP_PKEY_get_id(pem) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_private_key(pem, key->seed, &seed_len) == 1 &&
        EVP_PKEY_get_raw_public_key(pem, key->public_key.bytes, &public_len) == 1)
        return 0;
    return no_key(err);
}

static int read_pem(const char *text, size_t len, struct asking *asking, struct gl_private_key *key)
{
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    EVP_PKEY *pem = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, asking) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    if (!pem && asking->failed)
        return asking->failed;
    if (!pem)
        return asking->passphrase ? wrong_passphrase(asking->err) : no_key(asking->err);
    int failed = take_pem(pem, key, asking->err);
    EVP_PKEY_free(pem);
    return failed;
}

/* ---- OpenSSH -----------------------------------------------------------------------------------
 */

struct sealed {
    struct gl_wire_text cipher, kdf, options, public_blob, content;
    size_t behind; /* bytes that follow: what some ciphers check the content by */
};

static bool read_sealed(const struct gl_buf *data, struct sealed *sealed)
{
    struct gl_wire wire = {(const unsigned char *)data->data, data->len};
    uint32_t keys = 0;
    bool good = gl_wire_take(&wire, magic, sizeof magic) &&
                gl_wire_string(&wire, &sealed->cipher) && gl_wire_string(&wire, &sealed->kdf) &&
                gl_wire_string(&wire, &sealed->options) && gl_wire_u32(&wire, &keys) && keys == 1 &&
                gl_wire_string(&wire, &sealed->public_blob) &&
                gl_wire_string(&wire, &sealed->content);
    sealed->behind = wire.len;
    return good;
}

static bool read_options(const struct sealed *sealed, struct gl_bcrypt_input *input)
{
    struct gl_wire wire = {sealed->options.data, sealed->options.len};
    struct gl_wire_text salt;
    if (!gl_wire_string(&wire, &salt) || !gl_wire_u32(&wire, &input->rounds) || wire.len)
        return false;
    input->salt = salt.data;
    input->salt_len = salt.len;
    return salt.len && salt.len <= GL_BCRYPT_SALT_MAX && input->rounds &&
           input->rounds <= GL_BCRYPT_ROUNDS_MAX;
}

static bool decrypt(const struct gl_wire_text *content, const unsigned char *key,
                    struct gl_buf *plain)
{
    int len = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    char *out = gl_buf_reserve(plain, content->len);
    bool good = context &&
                EVP_DecryptInit_ex(context, EVP_aes_256_ctr(), NULL, key, key + CIPHER_KEY) == 1 &&
                EVP_DecryptUpdate(context, (unsigned char *)out, &len, content->data,
                                  (int)content->len) == 1;
    EVP_CIPHER_CTX_free(context);
    if (good)
        plain->len = (size_t)len;
    return good;
}

static int open_sealed(const struct sealed *sealed, struct asking *asking, struct gl_buf *plain)
{
    struct gl_bcrypt_input input = {0};
    unsigned char key[CIPHER_KEY + CIPHER_IV];
    if (gl_wire_is(&sealed->cipher, "none") && gl_wire_is(&sealed->kdf, "none") &&
        !sealed->behind) {
        gl_buf_add(plain, sealed->content.data, sealed->content.len);
        return 0;
    }
    if (!gl_wire_is(&sealed->kdf, "bcrypt") || !read_options(sealed, &input))
        return no_key(asking->err);
    if (!gl_wire_is(&sealed->cipher, "aes256-ctr") || sealed->behind) {
        gl_fail(asking->err, GL_E_CONFIG,
                _("the key is encrypted with a cipher golive cannot "
                  "undo"));
        return gl_error_hint(asking->err, _("ssh-keygen -p -f FILE encrypts it anew with "
                                            "aes256-ctr, the usual one."));
    }
    if (ask(asking) < 0)
        return asking->failed;
    input.passphrase = asking->passphrase;
    gl_bcrypt_pbkdf(&input, key, sizeof key);
    bool good = decrypt(&sealed->content, key, plain);
    gl_wipe(key, sizeof key);
    return good ? 0 : no_key(asking->err);
}

/* Twice the same number shows that the passphrase was right; 1, 2, 3, ... fills the last block. */
static bool read_padding(const struct gl_wire *wire)
{
    for (size_t i = 0; i < wire->len; i++) {
        if (wire->data[i] != i + 1)
            return false;
    }
    return wire->len < CIPHER_BLOCK;
}

static bool read_plain(const struct gl_buf *plain, struct gl_private_key *key, bool *ret_opened)
{
    struct gl_wire wire = {(const unsigned char *)plain->data, plain->len};
    struct gl_wire_text public_key;
    struct gl_wire_text both;
    struct gl_wire_text comment;
    uint32_t first = 0;
    uint32_t second = 0;
    *ret_opened = gl_wire_u32(&wire, &first) && gl_wire_u32(&wire, &second) && first == second;
    if (!*ret_opened || !gl_wire_expect(&wire, type) || !gl_wire_string(&wire, &public_key) ||
        !gl_wire_string(&wire, &both) || !gl_wire_string(&wire, &comment) || !read_padding(&wire))
        return false;
    if (public_key.len != GL_KEY_BYTES || both.len != 2 * (size_t)GL_KEY_BYTES ||
        memcmp(both.data + GL_KEY_BYTES, public_key.data, GL_KEY_BYTES) != 0)
        return false;
    memcpy(key->seed, both.data, GL_KEY_BYTES);
    memcpy(key->public_key.bytes, public_key.data, GL_KEY_BYTES);
    return true;
}

/* What the file says is the public key must be that of the seed: a signature made with another one
 * would give the seed away. */
static bool fits(const struct gl_private_key *key)
{
    unsigned char bytes[GL_KEY_BYTES];
    size_t len = sizeof bytes;
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->seed, GL_KEY_BYTES);
    bool good = own && EVP_PKEY_get_raw_public_key(own, bytes, &len) == 1 &&
                memcmp(bytes, key->public_key.bytes, GL_KEY_BYTES) == 0;
    EVP_PKEY_free(own);
    return good;
}

static int read_openssh(const char *text, size_t len, struct asking *asking,
                        struct gl_private_key *key)
{
    gl_autosecret struct gl_buf data = {0};
    gl_autosecret struct gl_buf plain = {0};
    struct sealed sealed;
    bool opened = false;
    if (!gl_base64_read(text, len, &data) || !read_sealed(&data, &sealed))
        return no_key(asking->err);
    int failed = open_sealed(&sealed, asking, &plain);
    if (failed < 0)
        return failed;
    bool good = read_plain(&plain, key, &opened);
    if (!opened && asking->passphrase)
        return wrong_passphrase(asking->err);
    return good && fits(key) ? 0 : no_key(asking->err);
}

/* ---- either ------------------------------------------------------------------------------------
 */

int gl_private_key_parse(const char *text, size_t len, gl_ask_passphrase_fn *ask_fn, void *context,
                         struct gl_private_key *ret_key, struct gl_error *err)
{
    gl_cleanup(asking_done) struct asking asking = {.ask = ask_fn, .context = context, .err = err};
    gl_autoprivatekey struct gl_private_key key = {0};
    if (len > GL_KEY_FILE_BYTES_MAX)
        return no_key(err);
    const char *from = memmem(text, len, begin, sizeof begin - 1);
    const char *body = from ? from + sizeof begin - 1 : NULL;
    const char *to = body ? memmem(body, len - (size_t)(body - text), end, sizeof end - 1) : NULL;
    int failed = to ? read_openssh(body, (size_t)(to - body), &asking, &key)
                    : read_pem(text, len, &asking, &key);
    if (failed == 0)
        *ret_key = key;
    return failed;
}
