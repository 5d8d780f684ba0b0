/* Addresses from the environment, and what is signed of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "aws/uri.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *url = gl_strndup(size ? (const char *)data : "", size);
    gl_autoerr struct gl_error err = {0};
    gl_autouri struct gl_aws_uri uri = {0};
    bool good = gl_aws_uri_split(url, &uri, &err) == 0;
    if (good && (!*uri.host || *uri.path != '/'))
        abort();
    static const struct gl_aws_credentials credentials = {
        .access_key = (char *)"A", .secret_key = (char *)"s", .session_token = (char *)"t"};
    const char *const headers[] = {url, NULL};
    struct gl_aws_signing signing = {.method = "GET",
                                     .url = url,
                                     .headers = headers,
                                     .service = size % 2 ? "s3" : "sts",
                                     .region = "r",
                                     .credentials = &credentials,
                                     .unix_s = 1795705445};
    gl_autostrv struct gl_strv signature = {0};
    gl_autofree char *presigned = NULL;
    if ((gl_aws_sign(&signing, &signature, &err) == 0) != good)
        abort();
    if ((gl_aws_presign(&signing, 60, &presigned, &err) == 0) != good)
        abort();
    return 0;
}
