/* elbv2: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeLoadBalancers",
     .kind = GL_AWS_READ,
     .input = "LoadBalancerArns Names Marker PageSize",
     .page = {.input = "Marker", .output = "NextMarker", .result = "LoadBalancers"}},
    {.name = "DescribeListeners",
     .kind = GL_AWS_READ,
     .input = "LoadBalancerArn ListenerArns Marker PageSize",
     .page = {.input = "Marker", .output = "NextMarker", .result = "Listeners"}},
    {.name = "DescribeRules",
     .kind = GL_AWS_READ,
     .input = "ListenerArn RuleArns Marker PageSize",
     .page = {.input = "Marker", .output = "NextMarker", .result = "Rules"}},
    {.name = "DescribeTargetGroups",
     .kind = GL_AWS_READ,
     .input = "LoadBalancerArn TargetGroupArns Names Marker PageSize",
     .page = {.input = "Marker", .output = "NextMarker", .result = "TargetGroups"}},
    {.name = "DescribeTargetHealth",
     .kind = GL_AWS_READ,
     .input = "TargetGroupArn Targets Include"},
    {.name = "DescribeLoadBalancerAttributes",
     .kind = GL_AWS_READ,
     .input = "LoadBalancerArn"},
    {.name = "DescribeTargetGroupAttributes",
     .kind = GL_AWS_READ,
     .input = "TargetGroupArn"},
    {.name = "DescribeListenerAttributes",
     .kind = GL_AWS_READ,
     .input = "ListenerArn"},
    {.name = "DescribeListenerCertificates",
     .kind = GL_AWS_READ,
     .input = "ListenerArn Marker PageSize",
     .page = {.input = "Marker", .output = "NextMarker", .result = "Certificates"}},
    {.name = "DescribeSSLPolicies",
     .kind = GL_AWS_READ,
     .input = "Names Marker PageSize LoadBalancerType",
     .page = {.input = "Marker", .output = "NextMarker", .result = "SslPolicies"}},
    {.name = "ModifyListener",
     .kind = GL_AWS_WRITE,
     .input = "ListenerArn Port Protocol SslPolicy Certificates DefaultActions AlpnPolicy "
              "MutualAuthentication"},
    {.name = "ModifyLoadBalancerAttributes",
     .kind = GL_AWS_WRITE,
     .input = "LoadBalancerArn Attributes"},
    {.name = "ModifyRule",
     .kind = GL_AWS_WRITE,
     .input = "RuleArn Conditions Actions Transforms ResetTransforms"},
};

const struct gl_aws_service gl_aws_elbv2 = {
    .name = "elbv2",
    .signing_name = "elasticloadbalancing",
    .protocol = GL_AWS_QUERY,
    .version = "2015-12-01",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .maps = "AuthenticationRequestExtraParams",
        .strings = "RedirectConfig.Port",
    },
    .output = {
        .lists = "Actions AdditionalClaims AlpnPolicy Attributes AvailabilityZones Certificates "
                 "Ciphers Conditions DefaultActions Listeners LoadBalancerAddresses "
                 "LoadBalancerArns LoadBalancers RegexValues Rewrites Rules SecurityGroups "
                 "SourceNatIpv6Prefixes SslPolicies SslProtocols SupportedLoadBalancerTypes "
                 "TargetGroups TargetHealthDescriptions Transforms Values",
        .maps = "AuthenticationRequestExtraParams",
        .booleans = "Enabled HealthCheckEnabled IgnoreClientCertificateExpiry IsDefault "
                    "UseExistingClientSecret",
        .integers = "DurationSeconds HealthCheckIntervalSeconds HealthCheckTimeoutSeconds "
                    "HealthyThresholdCount Order Port Priority SessionTimeout TargetControlPort "
                    "UnhealthyThresholdCount Weight",
        .strings = "RedirectConfig.Port Rules.Priority",
    },
};
