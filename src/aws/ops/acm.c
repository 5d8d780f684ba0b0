/* acm: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListCertificates",
     .kind = GL_AWS_READ,
     .input = "CertificateStatuses Includes NextToken MaxItems SortBy SortOrder",
     .page = {.input = "NextToken", .output = "NextToken", .result = "CertificateSummaryList"}},
    {.name = "DescribeCertificate",
     .kind = GL_AWS_READ,
     .input = "CertificateArn"},
    {.name = "RequestCertificate",
     .kind = GL_AWS_WRITE,
     .input = "DomainName ValidationMethod SubjectAlternativeNames IdempotencyToken "
              "DomainValidationOptions Options CertificateAuthorityArn Tags KeyAlgorithm "
              "ManagedBy",
     .token = "IdempotencyToken"},
};

const struct gl_aws_service gl_aws_acm = {
    .name = "acm",
    .signing_name = "acm",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "CertificateManager",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
