/* What ECR says of an image: findings of a scan, and the token for pushing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "platform/aws/scan.h"
#include "platform/aws/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autojson json_t *answer = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_json_parse((const char *)data, size, "", &answer, &err) < 0)
        return 0;
    gl_autoscanverdict struct gl_scan_verdict verdict = {0};
    gl_scan_judge(answer, json_object_get(answer, "ignores"), "2026-11-23", &verdict);
    gl_autoregistrytoken struct gl_registry_token token = {0};
    if (gl_registry_token_read(answer, &token, &err) == 0 && (!token.user || !token.password))
        abort();
    return 0;
}
