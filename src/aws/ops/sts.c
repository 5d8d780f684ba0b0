/* sts: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "GetCallerIdentity",
     .kind = GL_AWS_READ},
    {.name = "AssumeRole",
     .kind = GL_AWS_READ,
     .input = "RoleArn RoleSessionName PolicyArns Policy DurationSeconds Tags TransitiveTagKeys "
              "ExternalId SerialNumber TokenCode SourceIdentity ProvidedContexts"},
    {.name = "AssumeRoleWithWebIdentity",
     .kind = GL_AWS_READ,
     .input = "RoleArn RoleSessionName WebIdentityToken ProviderId PolicyArns Policy "
              "DurationSeconds"},
    {.name = "DecodeAuthorizationMessage",
     .kind = GL_AWS_READ,
     .input = "EncodedMessage"},
};

const struct gl_aws_service gl_aws_sts = {
    .name = "sts",
    .signing_name = "sts",
    .protocol = GL_AWS_QUERY,
    .version = "2011-06-15",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .output = {
        .integers = "PackedPolicySize",
    },
};
