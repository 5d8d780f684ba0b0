/* ecr: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "GetAuthorizationToken",
     .kind = GL_AWS_READ,
     .input = "registryIds"},
    {.name = "DescribeRepositories",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryNames nextToken maxResults",
     .page = {.input = "nextToken", .output = "nextToken", .result = "repositories"}},
    {.name = "DescribeImages",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryName imageIds nextToken maxResults filter",
     .page = {.input = "nextToken", .output = "nextToken", .result = "imageDetails"}},
    {.name = "BatchGetImage",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryName imageIds acceptedMediaTypes"},
    {.name = "PutImage",
     .kind = GL_AWS_WRITE,
     .input = "registryId repositoryName imageManifest imageManifestMediaType imageTag "
              "imageDigest"},
    {.name = "DescribeImageScanFindings",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryName imageId nextToken maxResults",
     .page = {.input = "nextToken",
              .output = "nextToken",
              .result = "imageScanFindings.findings imageScanFindings.enhancedFindings"}},
    {.name = "GetLifecyclePolicy",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryName"},
    {.name = "ListImages",
     .kind = GL_AWS_READ,
     .input = "registryId repositoryName nextToken maxResults filter",
     .page = {.input = "nextToken", .output = "nextToken", .result = "imageIds"}},
    {.name = "BatchDeleteImage",
     .kind = GL_AWS_WRITE,
     .input = "registryId repositoryName imageIds"},
};

const struct gl_aws_service gl_aws_ecr = {
    .name = "ecr",
    .signing_name = "ecr",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
