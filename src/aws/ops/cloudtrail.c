/* cloudtrail: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeTrails",
     .kind = GL_AWS_READ,
     .input = "trailNameList includeShadowTrails"},
    {.name = "GetTrailStatus",
     .kind = GL_AWS_READ,
     .input = "Name"},
    {.name = "GetEventSelectors",
     .kind = GL_AWS_READ,
     .input = "TrailName"},
    {.name = "LookupEvents",
     .kind = GL_AWS_READ,
     .input = "LookupAttributes StartTime EndTime EventCategory MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Events"}},
};

const struct gl_aws_service gl_aws_cloudtrail = {
    .name = "cloudtrail",
    .signing_name = "cloudtrail",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
