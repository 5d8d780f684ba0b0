/* kms: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeKey",
     .kind = GL_AWS_READ,
     .input = "KeyId GrantTokens"},
    {.name = "GetKeyRotationStatus",
     .kind = GL_AWS_READ,
     .input = "KeyId"},
    {.name = "ListAliases",
     .kind = GL_AWS_READ,
     .input = "KeyId Limit Marker",
     .page = {.input = "Marker",
              .output = "NextMarker",
              .result = "Aliases",
              .more = "Truncated"}},
};

const struct gl_aws_service gl_aws_kms = {
    .name = "kms",
    .signing_name = "kms",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "TrentService",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
