/* apprunner: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListServices",
     .kind = GL_AWS_READ,
     .input = "NextToken MaxResults"},
    {.name = "DescribeService",
     .kind = GL_AWS_READ,
     .input = "ServiceArn"},
    {.name = "DescribeCustomDomains",
     .kind = GL_AWS_READ,
     .input = "ServiceArn NextToken MaxResults"},
    {.name = "UpdateService",
     .kind = GL_AWS_WRITE,
     .input = "ServiceArn SourceConfiguration InstanceConfiguration AutoScalingConfigurationArn "
              "HealthCheckConfiguration NetworkConfiguration ObservabilityConfiguration"},
    {.name = "ListOperations",
     .kind = GL_AWS_READ,
     .input = "ServiceArn NextToken MaxResults"},
};

const struct gl_aws_service gl_aws_apprunner = {
    .name = "apprunner",
    .signing_name = "apprunner",
    .protocol = GL_AWS_JSON,
    .json_version = "1.0",
    .target_prefix = "AppRunner",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
