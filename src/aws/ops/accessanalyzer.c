/* accessanalyzer: the operations golive asks for. */
#include "aws/service.h"

static const struct gl_aws_operation operations[] = {
  /* clang-format off */
    {.name = "ListAnalyzers",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/analyzer",
     .input = "maxResults?maxResults nextToken?nextToken type?type",
     .page = {.input = "nextToken", .output = "nextToken", .result = "analyzers"}},
  /* clang-format on */
};

const struct gl_aws_service gl_aws_accessanalyzer = {
    .name = "accessanalyzer",
    .signing_name = "access-analyzer",
    .protocol = GL_AWS_REST_JSON,
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .output =
        {
                 .maps = "tags",
                 },
};
