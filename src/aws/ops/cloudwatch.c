/* cloudwatch: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeAlarms",
     .kind = GL_AWS_READ,
     .input = "AlarmNames AlarmNamePrefix AlarmTypes ChildrenOfAlarmName ParentsOfAlarmName "
              "StateValue ActionPrefix MaxRecords NextToken",
     .page = {.input = "NextToken",
              .output = "NextToken",
              .result = "MetricAlarms CompositeAlarms"}},
    {.name = "GetMetricData",
     .kind = GL_AWS_READ,
     .input = "MetricDataQueries StartTime EndTime NextToken ScanBy MaxDatapoints LabelOptions",
     .page = {.input = "NextToken",
              .output = "NextToken",
              .result = "MetricDataResults Messages"}},
    {.name = "PutMetricData",
     .kind = GL_AWS_WRITE_ONCE,
     .input = "Namespace MetricData"},
    {.name = "GetDashboard",
     .kind = GL_AWS_READ,
     .input = "DashboardName"},
    {.name = "SetAlarmState",
     .kind = GL_AWS_WRITE,
     .input = "AlarmName StateValue StateReason StateReasonData"},
    {.name = "DescribeAlarmHistory",
     .kind = GL_AWS_READ,
     .input = "AlarmName AlarmContributorId AlarmTypes HistoryItemType StartDate EndDate "
              "MaxRecords NextToken ScanBy",
     .page = {.input = "NextToken", .output = "NextToken", .result = "AlarmHistoryItems"}},
};

const struct gl_aws_service gl_aws_cloudwatch = {
    .name = "cloudwatch",
    .signing_name = "monitoring",
    .iam_prefix = "cloudwatch",
    .protocol = GL_AWS_QUERY,
    .version = "2010-08-01",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .strings = "Dimensions.Value",
    },
    .output = {
        .lists = "AlarmActions AlarmHistoryItems CompositeAlarms Dimensions "
                 "InsufficientDataActions Messages MetricAlarms MetricDataResults Metrics "
                 "OKActions Timestamps Values",
        .maps = "AlarmContributorAttributes",
        .booleans = "ActionsEnabled ReturnData",
        .integers = "ActionsSuppressorExtensionPeriod ActionsSuppressorWaitPeriod "
                    "DatapointsToAlarm EvaluationInterval EvaluationPeriods PendingPeriod Period "
                    "RecoveryPeriod",
        .reals = "Threshold Values.member",
    },
};
