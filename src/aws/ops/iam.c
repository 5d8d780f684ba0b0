/* iam: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "GetRole",
     .kind = GL_AWS_READ,
     .input = "RoleName"},
    {.name = "ListRolePolicies",
     .kind = GL_AWS_READ,
     .input = "RoleName Marker MaxItems",
     .page = {.input = "Marker",
              .output = "Marker",
              .result = "PolicyNames",
              .more = "IsTruncated"}},
    {.name = "GetRolePolicy",
     .kind = GL_AWS_READ,
     .input = "RoleName PolicyName"},
    {.name = "ListAttachedRolePolicies",
     .kind = GL_AWS_READ,
     .input = "RoleName PathPrefix Marker MaxItems",
     .page = {.input = "Marker",
              .output = "Marker",
              .result = "AttachedPolicies",
              .more = "IsTruncated"}},
    {.name = "GetPolicy",
     .kind = GL_AWS_READ,
     .input = "PolicyArn"},
    {.name = "GetPolicyVersion",
     .kind = GL_AWS_READ,
     .input = "PolicyArn VersionId"},
    {.name = "ListOpenIDConnectProviders",
     .kind = GL_AWS_READ},
    {.name = "GetOpenIDConnectProvider",
     .kind = GL_AWS_READ,
     .input = "OpenIDConnectProviderArn"},
    {.name = "GetAccountSummary",
     .kind = GL_AWS_READ},
    {.name = "SimulatePrincipalPolicy",
     .kind = GL_AWS_READ,
     .input = "PolicySourceArn PolicyInputList PermissionsBoundaryPolicyInputList ActionNames "
              "ResourceArns ResourcePolicy ResourceOwner CallerArn ContextEntries "
              "ResourceHandlingOption MaxItems Marker",
     .page = {.input = "Marker",
              .output = "Marker",
              .result = "EvaluationResults",
              .more = "IsTruncated"}},
    {.name = "CreateServiceLinkedRole",
     .kind = GL_AWS_WRITE,
     .input = "AWSServiceName Description CustomSuffix"},
    {.name = "ListAccountAliases",
     .kind = GL_AWS_READ,
     .input = "Marker MaxItems",
     .page = {.input = "Marker",
              .output = "Marker",
              .result = "AccountAliases",
              .more = "IsTruncated"}},
};

const struct gl_aws_service gl_aws_iam = {
    .name = "iam",
    .signing_name = "iam",
    .protocol = GL_AWS_QUERY,
    .version = "2010-05-08",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .output = {
        .lists = "AccountAliases AttachedPolicies ClientIDList EvaluationResults "
                 "MatchedStatements MissingContextValues OpenIDConnectProviderList PolicyNames "
                 "ResourceSpecificResults Tags ThumbprintList",
        .maps = "EvalDecisionDetails SummaryMap",
        .booleans = "AllowedByOrganizations AllowedByPermissionsBoundary IsAttachable "
                    "IsDefaultVersion IsTruncated",
        .integers = "AttachmentCount Column Line MaxSessionDuration "
                    "PermissionsBoundaryUsageCount SummaryMap.value",
    },
};
