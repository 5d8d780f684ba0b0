/* Public keys as lines of text; what both kinds of key have in common. */
#include "sign/key.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "sign/base64.h"
#include "sign/wire.h"

static const char type[] = "ssh-ed25519";
static const char short_prefix[] = "ed25519:";

static int no_key(struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("this is no ed25519 public key"));
    return gl_error_hint(err, _("Make one with ssh-keygen -t ed25519 and write the line of the "
                                ".pub file (ssh-ed25519 AAAA...)."));
}

/* The blob is the type again and the key. */
static bool read_blob(const struct gl_buf *blob, struct gl_public_key *key)
{
    const struct gl_wire_text text = {(const unsigned char *)blob->data, blob->len};
    return gl_wire_typed(&text, type, key->bytes, GL_KEY_BYTES);
}

static bool read_bare(const struct gl_buf *data, struct gl_public_key *key)
{
    if (data->len != GL_KEY_BYTES)
        return false;
    memcpy(key->bytes, data->data, GL_KEY_BYTES);
    return true;
}

int gl_public_key_parse(const char *text, struct gl_public_key *ret_key, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    struct gl_public_key key;
    bool bare = gl_starts_with(text, short_prefix);
    if (!bare && !gl_starts_with(text, type))
        return no_key(err);
    const char *at = text + (bare ? sizeof short_prefix : sizeof type) - 1;
    at += strspn(at, " \t");
    if (!gl_base64_read(at, strcspn(at, " \t\r\n"), &data) || !data.len ||
        !(bare ? read_bare(&data, &key) : read_blob(&data, &key)))
        return no_key(err);
    *ret_key = key;
    return 0;
}

bool gl_public_key_same(const struct gl_public_key *a, const struct gl_public_key *b)
{
    return memcmp(a->bytes, b->bytes, GL_KEY_BYTES) == 0;
}

static void make_blob(const struct gl_public_key *key, struct gl_buf *blob)
{
    gl_wire_put_text(blob, type);
    gl_wire_put(blob, key->bytes, GL_KEY_BYTES);
}

char *gl_public_key_line(const struct gl_public_key *key)
{
    gl_autobuf struct gl_buf blob = {0};
    make_blob(key, &blob);
    gl_autofree char *text = gl_base64_write(blob.data, blob.len, 0);
    return gl_asprintf("%s %s", type, text);
}

char *gl_public_key_fingerprint(const struct gl_public_key *key)
{
    gl_autobuf struct gl_buf blob = {0};
    unsigned char digest[SHA256_DIGEST_LENGTH];
    make_blob(key, &blob);
    SHA256((const unsigned char *)blob.data, blob.len, digest);
    gl_autofree char *text = gl_base64_write(digest, sizeof digest, 0);
    text[strcspn(text, "=")] = '\0';
    return gl_asprintf("SHA256:%s", text);
}

void gl_private_key_done(struct gl_private_key *key)
{
    free(gl_steal(&key->agent));
    gl_wipe(key, sizeof *key);
}
