/* Key files come from whoever wrote golive.yaml, or handed over a file. What is read as a public
 * key must be written as a line that is read as the same key. */
#include <stdint.h>
#include <stdlib.h>

#include "sign/key.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int give(void *context, char **ret_passphrase, struct gl_error *err)
{
    (void)context;
    (void)err;
    *ret_passphrase = gl_strdup("secret");
    return 0;
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup(size ? (const char *)data : "", size);
    struct gl_public_key key;
    struct gl_public_key again;
    gl_autoprivatekey struct gl_private_key private_key = {0};
    if (gl_public_key_parse(text, &key, NULL) == 0) {
        gl_autofree char *line = gl_public_key_line(&key);
        if (gl_public_key_parse(line, &again, NULL) < 0 || !gl_public_key_same(&key, &again))
            abort();
    }
    (void)!gl_private_key_parse((const char *)data, size, give, NULL, &private_key, NULL);
    return 0;
}
