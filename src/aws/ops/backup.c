/* backup: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListBackupPlans",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup/plans/",
     .input = "NextToken?nextToken MaxResults?maxResults IncludeDeleted?includeDeleted",
     .page = {.input = "NextToken", .output = "NextToken", .result = "BackupPlansList"}},
    {.name = "GetBackupPlan",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup/plans/{backupPlanId}/",
     .input = "BackupPlanId=backupPlanId VersionId?versionId "
              "MaxScheduledRunsPreview?MaxScheduledRunsPreview"},
    {.name = "ListBackupSelections",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup/plans/{backupPlanId}/selections/",
     .input = "BackupPlanId=backupPlanId NextToken?nextToken MaxResults?maxResults",
     .page = {.input = "NextToken", .output = "NextToken", .result = "BackupSelectionsList"}},
    {.name = "DescribeBackupVault",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup-vaults/{backupVaultName}",
     .input = "BackupVaultName=backupVaultName BackupVaultAccountId?backupVaultAccountId"},
    {.name = "ListRecoveryPointsByBackupVault",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup-vaults/{backupVaultName}/recovery-points/",
     .input = "BackupVaultName=backupVaultName BackupVaultAccountId?backupVaultAccountId "
              "NextToken?nextToken MaxResults?maxResults ByResourceArn?resourceArn "
              "ByResourceType?resourceType ByBackupPlanId?backupPlanId "
              "ByCreatedBefore?createdBefore ByCreatedAfter?createdAfter "
              "ByParentRecoveryPointArn?parentRecoveryPointArn",
     .page = {.input = "NextToken", .output = "NextToken", .result = "RecoveryPoints"}},
    {.name = "DescribeRecoveryPoint",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/backup-vaults/{backupVaultName}/recovery-points/{recoveryPointArn}",
     .input = "BackupVaultName=backupVaultName RecoveryPointArn=recoveryPointArn "
              "BackupVaultAccountId?backupVaultAccountId"},
    {.name = "DeleteRecoveryPoint",
     .kind = GL_AWS_WRITE,
     .method = "DELETE",
     .uri = "/backup-vaults/{backupVaultName}/recovery-points/{recoveryPointArn}",
     .input = "BackupVaultName=backupVaultName RecoveryPointArn=recoveryPointArn"},
    {.name = "StartRestoreJob",
     .kind = GL_AWS_WRITE,
     .method = "PUT",
     .uri = "/restore-jobs",
     .input = "RecoveryPointArn Metadata IamRoleArn IdempotencyToken ResourceType "
              "CopySourceTagsToRestoredResource",
     .token = "IdempotencyToken"},
    {.name = "DescribeRestoreJob",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/restore-jobs/{restoreJobId}",
     .input = "RestoreJobId=restoreJobId"},
};

const struct gl_aws_service gl_aws_backup = {
    .name = "backup",
    .signing_name = "backup",
    .protocol = GL_AWS_REST_JSON,
    .operations = operations,
    .operation_count = GL_COUNT(operations),
};
