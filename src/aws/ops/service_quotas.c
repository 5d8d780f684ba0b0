/* service-quotas: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "GetServiceQuota",
     .kind = GL_AWS_READ,
     .input = "ServiceCode QuotaCode ContextId"},
    {.name = "ListServiceQuotas",
     .kind = GL_AWS_READ,
     .input = "ServiceCode NextToken MaxResults QuotaCode QuotaAppliedAtLevel",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Quotas"}},
};

const struct gl_aws_service gl_aws_service_quotas = {
    .name = "service-quotas",
    .signing_name = "servicequotas",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "ServiceQuotasV20190624",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
