/* budgets: the operations golive asks for. */
#include "aws/service.h"

static const struct gl_aws_operation operations[] = {
    /* clang-format off */
    {.name = "DescribeBudgets",
     .kind = GL_AWS_READ,
     .input = "AccountId MaxResults NextToken ShowFilterExpression",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Budgets"}},
    {.name = "DescribeNotificationsForBudget",
     .kind = GL_AWS_READ,
     .input = "AccountId BudgetName MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Notifications"}},
    /* clang-format on */
};

const struct gl_aws_service gl_aws_budgets = {
    .name = "budgets",
    .signing_name = "budgets",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AWSBudgetServiceGateway",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
