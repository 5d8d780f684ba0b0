/* secretsmanager: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeSecret",
     .kind = GL_AWS_READ,
     .input = "SecretId"},
    {.name = "GetSecretValue",
     .kind = GL_AWS_READ,
     .input = "SecretId VersionId VersionStage"},
    {.name = "PutSecretValue",
     .kind = GL_AWS_WRITE,
     .input = "SecretId ClientRequestToken SecretBinary SecretString VersionStages RotationToken",
     .token = "ClientRequestToken"},
    {.name = "CreateSecret",
     .kind = GL_AWS_WRITE,
     .input = "Name ClientRequestToken Description KmsKeyId SecretBinary SecretString Tags "
              "AddReplicaRegions ForceOverwriteReplicaSecret Type",
     .token = "ClientRequestToken"},
    {.name = "UpdateSecret",
     .kind = GL_AWS_WRITE,
     .input = "SecretId ClientRequestToken Description KmsKeyId SecretBinary SecretString Type",
     .token = "ClientRequestToken"},
    {.name = "ListSecrets",
     .kind = GL_AWS_READ,
     .input = "IncludePlannedDeletion MaxResults NextToken Filters SortOrder SortBy",
     .page = {.input = "NextToken", .output = "NextToken", .result = "SecretList"}},
    {.name = "ListSecretVersionIds",
     .kind = GL_AWS_READ,
     .input = "SecretId MaxResults NextToken IncludeDeprecated"},
    {.name = "UpdateSecretVersionStage",
     .kind = GL_AWS_WRITE,
     .input = "SecretId VersionStage RemoveFromVersionId MoveToVersionId"},
    {.name = "RotateSecret",
     .kind = GL_AWS_WRITE,
     .input = "SecretId ClientRequestToken RotationLambdaARN RotationRules "
              "ExternalSecretRotationMetadata ExternalSecretRotationRoleArn RotateImmediately",
     .token = "ClientRequestToken"},
    {.name = "DeleteSecret",
     .kind = GL_AWS_WRITE,
     .input = "SecretId RecoveryWindowInDays ForceDeleteWithoutRecovery"},
    {.name = "GetRandomPassword",
     .kind = GL_AWS_READ,
     .input = "PasswordLength ExcludeCharacters ExcludeNumbers ExcludePunctuation "
              "ExcludeUppercase ExcludeLowercase IncludeSpace RequireEachIncludedType"},
    {.name = "TagResource",
     .kind = GL_AWS_WRITE,
     .input = "SecretId Tags"},
};

const struct gl_aws_service gl_aws_secretsmanager = {
    .name = "secretsmanager",
    .signing_name = "secretsmanager",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "secretsmanager",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
