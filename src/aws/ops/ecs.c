/* ecs: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeClusters",
     .kind = GL_AWS_READ,
     .input = "clusters include"},
    {.name = "ListServices",
     .kind = GL_AWS_READ,
     .input = "cluster nextToken maxResults launchType schedulingStrategy resourceManagementType",
     .page = {.input = "nextToken", .output = "nextToken", .result = "serviceArns"}},
    {.name = "DescribeServices",
     .kind = GL_AWS_READ,
     .input = "cluster services include"},
    {.name = "UpdateService",
     .kind = GL_AWS_WRITE,
     .input = "cluster service desiredCount taskDefinition capacityProviderStrategy "
              "deploymentConfiguration availabilityZoneRebalancing networkConfiguration "
              "placementConstraints placementStrategy platformVersion forceNewDeployment "
              "healthCheckGracePeriodSeconds deploymentController enableExecuteCommand "
              "enableECSManagedTags loadBalancers propagateTags serviceRegistries "
              "serviceConnectConfiguration volumeConfigurations vpcLatticeConfigurations"},
    {.name = "RegisterTaskDefinition",
     .kind = GL_AWS_WRITE_ONCE,
     .input = "family taskRoleArn executionRoleArn networkMode containerDefinitions volumes "
              "placementConstraints requiresCompatibilities cpu memory tags pidMode ipcMode "
              "proxyConfiguration inferenceAccelerators ephemeralStorage runtimePlatform "
              "enableFaultInjection"},
    {.name = "DescribeTaskDefinition",
     .kind = GL_AWS_READ,
     .input = "taskDefinition include"},
    {.name = "ListTaskDefinitions",
     .kind = GL_AWS_READ,
     .input = "familyPrefix status sort nextToken maxResults",
     .page = {.input = "nextToken", .output = "nextToken", .result = "taskDefinitionArns"}},
    {.name = "DeregisterTaskDefinition",
     .kind = GL_AWS_WRITE,
     .input = "taskDefinition"},
    {.name = "RunTask",
     .kind = GL_AWS_WRITE,
     .input = "capacityProviderStrategy cluster count enableECSManagedTags enableExecuteCommand "
              "group launchType networkConfiguration overrides placementConstraints "
              "placementStrategy platformVersion propagateTags referenceId startedBy tags "
              "taskDefinition clientToken volumeConfigurations",
     .token = "clientToken"},
    {.name = "StopTask",
     .kind = GL_AWS_WRITE,
     .input = "cluster task reason"},
    {.name = "ListTasks",
     .kind = GL_AWS_READ,
     .input = "cluster containerInstance family nextToken maxResults startedBy serviceName "
              "desiredStatus launchType daemonName",
     .page = {.input = "nextToken", .output = "nextToken", .result = "taskArns"}},
    {.name = "DescribeTasks",
     .kind = GL_AWS_READ,
     .input = "cluster tasks include"},
    {.name = "ListServiceDeployments",
     .kind = GL_AWS_READ,
     .input = "service cluster status createdAt nextToken maxResults"},
    {.name = "DescribeServiceDeployments",
     .kind = GL_AWS_READ,
     .input = "serviceDeploymentArns"},
    {.name = "DescribeServiceRevisions",
     .kind = GL_AWS_READ,
     .input = "serviceRevisionArns"},
    {.name = "ContinueServiceDeployment",
     .kind = GL_AWS_WRITE,
     .input = "serviceDeploymentArn hookId action"},
    {.name = "StopServiceDeployment",
     .kind = GL_AWS_WRITE,
     .input = "serviceDeploymentArn stopType"},
};

const struct gl_aws_service gl_aws_ecs = {
    .name = "ecs",
    .signing_name = "ecs",
    .protocol = GL_AWS_JSON,
    .json_version = "1.1",
    .target_prefix = "AmazonEC2ContainerServiceV20141113",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
