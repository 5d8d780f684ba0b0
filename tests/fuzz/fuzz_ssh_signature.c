/* Signatures are handed over as files and read back from a ledger that others can write. One of a
 * key that signed nothing must never count. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/base64.h"
#include "sign/signature.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(const char *text, size_t len)
{
    static const struct gl_signed what = {"golive-approval", "never signed", 12};
    gl_autosignature struct gl_signature signature = {0};
    if (gl_signature_read(text, len, &signature, NULL) < 0)
        return;
    if (gl_signature_check(&signature, &signature.key, &what, NULL) == 0)
        abort();
}

/* As it is, and as the content of an armour: what is inside is the interesting part.
 * NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *lines = gl_base64_write(data, size, 70);
    gl_autofree char *text = gl_asprintf("-----BEGIN SSH SIGNATURE-----\n%s"
                                         "-----END SSH SIGNATURE-----\n",
                                         lines);
    try_text((const char *)data, size);
    try_text(text, strlen(text));
    return 0;
}
