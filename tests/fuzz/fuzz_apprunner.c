/* What App Runner says of a service and its operations. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "platform/aws/apprunner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autojson json_t *answer = NULL;
    gl_autoerr struct gl_error err = {0};
    struct gl_apprunner_operation operation;
    if (gl_json_parse((const char *)data, size, "", &answer, &err) < 0)
        return 0;
    gl_apprunner_operation_read(answer, NULL, &operation);
    if (!*operation.id && gl_apprunner_is_over(operation.status->phase) && !*operation.status_name)
        abort();
    int64_t release = gl_apprunner_release_of(answer);
    if (release < 0)
        abort();
    gl_autojson json_t *source = gl_apprunner_source(answer, 7, answer);
    gl_autojson json_t *after = json_pack("{sO}", "SourceConfiguration", source);
    if (gl_apprunner_release_of(after) != 7)
        abort();
    const char *image = gl_json_str(answer, "ImageIdentifier", "");
    if (gl_apprunner_repository_length(image) > strlen(image))
        abort();
    return 0;
}
