/* ssm: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "GetParameter",
     .kind = GL_AWS_READ,
     .input = "Name WithDecryption"},
    {.name = "GetParameters",
     .kind = GL_AWS_READ,
     .input = "Names WithDecryption"},
    {.name = "GetParametersByPath",
     .kind = GL_AWS_READ,
     .input = "Path Recursive ParameterFilters WithDecryption MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Parameters"}},
    {.name = "PutParameter",
     .kind = GL_AWS_WRITE,
     .input = "Name Description Value Type KeyId Overwrite AllowedPattern Tags Tier Policies "
              "DataType"},
    {.name = "DeleteParameter",
     .kind = GL_AWS_WRITE,
     .input = "Name"},
    {.name = "DescribeParameters",
     .kind = GL_AWS_READ,
     .input = "Filters ParameterFilters MaxResults NextToken Shared",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Parameters"}},
};

const struct gl_aws_service gl_aws_ssm = {
    .name = "ssm",
    .signing_name = "ssm",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AmazonSSM",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
