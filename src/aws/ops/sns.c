/* sns: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListSubscriptionsByTopic",
     .kind = GL_AWS_READ,
     .input = "TopicArn NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Subscriptions"}},
    {.name = "GetTopicAttributes",
     .kind = GL_AWS_READ,
     .input = "TopicArn"},
    {.name = "Publish",
     .kind = GL_AWS_WRITE_ONCE,
     .input = "TopicArn TargetArn Message Subject MessageStructure"},
    {.name = "ListTopics",
     .kind = GL_AWS_READ,
     .input = "NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Topics"}},
};

const struct gl_aws_service gl_aws_sns = {
    .name = "sns",
    .signing_name = "sns",
    .protocol = GL_AWS_QUERY,
    .version = "2010-03-31",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .output = {
        .lists = "Subscriptions Topics",
        .maps = "Attributes",
    },
};
