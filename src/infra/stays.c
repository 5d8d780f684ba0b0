/* Types with names that are taken for as long as the resource exists. */
#include "infra/stays.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* From the pages of the CloudFormation resource types and of the AWS CLI. */
static const struct {
    const char *type;
    const char *property;
    const char *command; /* before the name */
    const char *rest;    /* after it */
} types[] = {
    {"AWS::Backup::BackupVault",    "BackupVaultName",
     "aws backup delete-backup-vault --backup-vault-name",                                                  ""},
    {"AWS::ECR::Repository",        "RepositoryName",       "aws ecr delete-repository --repository-name",
     " --force"                                                                                               },
    {"AWS::Logs::LogGroup",         "LogGroupName",         "aws logs delete-log-group --log-group-name",   ""},
    {"AWS::RDS::DBInstance",        "DBInstanceIdentifier",
     "aws rds delete-db-instance --db-instance-identifier",                                                 ""},
    {"AWS::S3::Bucket",             "BucketName",           "aws s3api delete-bucket --bucket",             ""},
    {"AWS::SecretsManager::Secret", "Name",                 "aws secretsmanager delete-secret --secret-id",
     " --force-delete-without-recovery"                                                                       },
};

enum { NONE = GL_COUNT(types) };

static size_t find(const char *type)
{
    size_t i = 0;
    while (i < NONE && strcmp(types[i].type, type) != 0)
        i++;
    return i;
}

bool gl_stay_blocks(const char *type)
{
    return find(type) < NONE;
}

char *gl_stay_command(const char *type, const char *name, const char *region)
{
    size_t i = find(type);
    return i == NONE
               ? NULL
               : gl_asprintf("%s %s%s --region %s", types[i].command, name, types[i].rest, region);
}

const char *gl_stay_property(const char *type)
{
    size_t i = find(type);
    return i == NONE ? NULL : types[i].property;
}

bool gl_stay_is_met(const char *reason)
{
    return reason && (strstr(reason, "already exist") || strstr(reason, "AlreadyExist") ||
                      strstr(reason, "AlreadyOwnedByYou"));
}
