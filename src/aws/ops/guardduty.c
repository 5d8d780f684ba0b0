/* guardduty: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListDetectors",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/detector",
     .input = "MaxResults?maxResults NextToken?nextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "DetectorIds"}},
    {.name = "GetDetector",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/detector/{DetectorId}",
     .input = "DetectorId"},
};

const struct gl_aws_service gl_aws_guardduty = {
    .name = "guardduty",
    .signing_name = "guardduty",
    .protocol = GL_AWS_REST_JSON,
    .lower_names = true,
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .output = {
        .maps = "tags",
        .strings = "dnsLogs=DNSLogs",
    },
};
