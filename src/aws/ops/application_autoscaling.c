/* application-autoscaling: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeScalableTargets",
     .kind = GL_AWS_READ,
     .input = "ServiceNamespace ResourceIds ScalableDimension MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "ScalableTargets"}},
    {.name = "DescribeScalingPolicies",
     .kind = GL_AWS_READ,
     .input = "PolicyNames ServiceNamespace ResourceId ScalableDimension MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "ScalingPolicies"}},
    {.name = "DescribeScheduledActions",
     .kind = GL_AWS_READ,
     .input = "ScheduledActionNames ServiceNamespace ResourceId ScalableDimension MaxResults "
              "NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "ScheduledActions"}},
    {.name = "RegisterScalableTarget",
     .kind = GL_AWS_WRITE,
     .input = "ServiceNamespace ResourceId ScalableDimension MinCapacity MaxCapacity RoleARN "
              "SuspendedState Tags"},
};

const struct gl_aws_service gl_aws_application_autoscaling = {
    .name = "application-autoscaling",
    .signing_name = "application-autoscaling",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AnyScaleFrontendService",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
