/* logs: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeLogGroups",
     .kind = GL_AWS_READ,
     .input = "accountIdentifiers logGroupNamePrefix logGroupNamePattern nextToken limit "
              "includeLinkedAccounts logGroupClass logGroupIdentifiers",
     .page = {.input = "nextToken", .output = "nextToken", .result = "logGroups"}},
    {.name = "DescribeLogStreams",
     .kind = GL_AWS_READ,
     .input = "logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken "
              "limit",
     .page = {.input = "nextToken", .output = "nextToken", .result = "logStreams"}},
    {.name = "FilterLogEvents",
     .kind = GL_AWS_READ,
     .input = "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime "
              "endTime filterPattern nextToken limit interleaved unmask",
     .page = {.input = "nextToken",
              .output = "nextToken",
              .result = "events searchedLogStreams"}},
    {.name = "GetLogEvents",
     .kind = GL_AWS_READ,
     .input = "logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit "
              "startFromHead unmask"},
    {.name = "StartQuery",
     .kind = GL_AWS_READ,
     .input = "queryLanguage logGroupName logGroupNames logGroupIdentifiers startTime endTime "
              "queryString limit"},
    {.name = "GetQueryResults",
     .kind = GL_AWS_READ,
     .input = "queryId nextToken maxItems"},
    {.name = "StopQuery",
     .kind = GL_AWS_READ,
     .input = "queryId"},
    {.name = "DescribeMetricFilters",
     .kind = GL_AWS_READ,
     .input = "logGroupName filterNamePrefix nextToken limit metricName metricNamespace",
     .page = {.input = "nextToken", .output = "nextToken", .result = "metricFilters"}},
};

const struct gl_aws_service gl_aws_logs = {
    .name = "logs",
    .signing_name = "logs",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "Logs_20140328",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
