/* budgets: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeBudgets",
     .kind = GL_AWS_READ,
     .action = "budgets:ViewBudget",
     .input = "AccountId MaxResults NextToken ShowFilterExpression",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Budgets"}},
    {.name = "DescribeNotificationsForBudget",
     .kind = GL_AWS_READ,
     .action = "budgets:ViewBudget",
     .input = "AccountId BudgetName MaxResults NextToken",
     .page = {.input = "NextToken", .output = "NextToken", .result = "Notifications"}},
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
