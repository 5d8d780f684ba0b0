/* wafv2: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListWebACLs",
     .kind = GL_AWS_READ,
     .input = "Scope NextMarker Limit"},
    {.name = "GetWebACL",
     .kind = GL_AWS_READ,
     .input = "Name Scope Id ARN"},
    {.name = "GetWebACLForResource",
     .kind = GL_AWS_READ,
     .input = "ResourceArn"},
    {.name = "GetLoggingConfiguration",
     .kind = GL_AWS_READ,
     .input = "ResourceArn LogType LogScope"},
    {.name = "ListResourcesForWebACL",
     .kind = GL_AWS_READ,
     .input = "WebACLArn ResourceType"},
    {.name = "GetSampledRequests",
     .kind = GL_AWS_READ,
     .input = "WebAclArn RuleMetricName Scope TimeWindow MaxItems"},
    {.name = "UpdateWebACL",
     .kind = GL_AWS_WRITE,
     .input = "Name Scope Id DefaultAction Description Rules VisibilityConfig "
              "DataProtectionConfig LockToken CustomResponseBodies CaptchaConfig ChallengeConfig "
              "TokenDomains AssociationConfig OnSourceDDoSProtectionConfig ApplicationConfig"},
};

const struct gl_aws_service gl_aws_wafv2 = {
    .name = "wafv2",
    .signing_name = "wafv2",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AWSWAF_20190729",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
