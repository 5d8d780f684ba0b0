/* WWW-Authenticate and the token server's answer: both come from whoever answers at the address. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/auth.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *text = gl_strndup(size ? (const char *)data : "", size);
    gl_autochallenge struct gl_auth_challenge challenge = {0};
    gl_auth_parse(text, &challenge);
    if (challenge.realm) {
        gl_autofree char *url = gl_auth_token_url(&challenge, "repository:a:pull,push", "me");
        if (strncmp(url, challenge.realm, strlen(challenge.realm)) != 0)
            abort();
    }
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *token = NULL;
    if (gl_auth_read_token(text, strlen(text), &token, &err) == 0 && strpbrk(token, "\r\n"))
        abort();
    return 0;
}
