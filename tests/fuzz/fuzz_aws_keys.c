/* What STS (XML) and the agents of containers and instances (JSON) answer: whatever comes, keys
 * that were taken can stand in a header line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_value.h"
#include "aws/provider_sts.h"
#include "base/json.h"
#include "base/log.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct gl_aws_credentials *found)
{
    if (!gl_aws_is_token(found->access_key) || !gl_aws_is_token(found->secret_key))
        abort();
    if (found->session_token && !gl_aws_is_token(found->session_token))
        abort();
    gl_autofree char *shown = gl_redact(found->secret_key);
    if (strlen(found->secret_key) >= 8 && strcmp(shown, "***") != 0)
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size ? (const char *)data : "";
    gl_autocredentials struct gl_aws_credentials from_xml = {0};
    gl_autocredentials struct gl_aws_credentials from_json = {0};
    gl_autojson json_t *json = NULL;
    if (gl_aws_sts_read(text, size, "assume-role", &from_xml, NULL) == 0)
        check(&from_xml);
    if (gl_json_parse(text, size, "answer", &json, NULL) == 0 &&
        gl_aws_credentials_from_json(json, "Token", "answer", "iam-role", &from_json, NULL) == 0)
        check(&from_json);
    gl_secret_forget_all();
    return 0;
}
