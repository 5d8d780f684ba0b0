/* rds: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "DescribeDBInstances",
     .kind = GL_AWS_READ,
     .input = "DBInstanceIdentifier Filters MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "DBInstances"}},
    {.name = "DescribeDBEngineVersions",
     .kind = GL_AWS_READ,
     .input = "Engine EngineVersion DBParameterGroupFamily Filters MaxRecords Marker DefaultOnly "
              "ListSupportedCharacterSets ListSupportedTimezones IncludeAll",
     .page = {.input = "Marker", .output = "Marker", .result = "DBEngineVersions"}},
    {.name = "DescribeDBSnapshots",
     .kind = GL_AWS_READ,
     .input = "DBInstanceIdentifier DBSnapshotIdentifier SnapshotType Filters MaxRecords Marker "
              "IncludeShared IncludePublic DbiResourceId",
     .page = {.input = "Marker", .output = "Marker", .result = "DBSnapshots"}},
    {.name = "DescribeDBSubnetGroups",
     .kind = GL_AWS_READ,
     .input = "DBSubnetGroupName Filters MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "DBSubnetGroups"}},
    {.name = "DescribeDBParameterGroups",
     .kind = GL_AWS_READ,
     .input = "DBParameterGroupName Filters MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "DBParameterGroups"}},
    {.name = "DescribeDBParameters",
     .kind = GL_AWS_READ,
     .input = "DBParameterGroupName Source Filters MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "Parameters"}},
    {.name = "DescribeOrderableDBInstanceOptions",
     .kind = GL_AWS_READ,
     .input = "Engine EngineVersion DBInstanceClass LicenseModel AvailabilityZoneGroup Vpc "
              "Filters MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "OrderableDBInstanceOptions"}},
    {.name = "DescribePendingMaintenanceActions",
     .kind = GL_AWS_READ,
     .input = "ResourceIdentifier Filters Marker MaxRecords",
     .page = {.input = "Marker", .output = "Marker", .result = "PendingMaintenanceActions"}},
    {.name = "DescribeEvents",
     .kind = GL_AWS_READ,
     .input = "SourceIdentifier SourceType StartTime EndTime Duration EventCategories Filters "
              "MaxRecords Marker",
     .page = {.input = "Marker", .output = "Marker", .result = "Events"}},
    {.name = "CreateDBSnapshot",
     .kind = GL_AWS_WRITE,
     .input = "DBSnapshotIdentifier DBInstanceIdentifier Tags"},
    {.name = "DeleteDBSnapshot",
     .kind = GL_AWS_WRITE,
     .input = "DBSnapshotIdentifier"},
    {.name = "RestoreDBInstanceFromDBSnapshot",
     .kind = GL_AWS_WRITE,
     .input = "DBInstanceIdentifier DBSnapshotIdentifier DBInstanceClass Port AvailabilityZone "
              "DBSubnetGroupName MultiAZ PubliclyAccessible AutoMinorVersionUpgrade LicenseModel "
              "DBName Engine Iops StorageThroughput OptionGroupName Tags StorageType "
              "TdeCredentialArn TdeCredentialPassword VpcSecurityGroupIds Domain DomainFqdn "
              "DomainOu DomainAuthSecretArn DomainDnsIps CopyTagsToSnapshot DomainIAMRoleName "
              "EnableIAMDatabaseAuthentication EnableCloudwatchLogsExports ProcessorFeatures "
              "UseDefaultProcessorFeatures DBParameterGroupName DeletionProtection "
              "EnableCustomerOwnedIp NetworkType BackupTarget CustomIamInstanceProfile "
              "AllocatedStorage DBClusterSnapshotIdentifier BackupRetentionPeriod "
              "PreferredBackupWindow DedicatedLogVolume CACertificateIdentifier "
              "EngineLifecycleSupport AdditionalStorageVolumes TagSpecifications "
              "ManageMasterUserPassword MasterUserSecretKmsKeyId"},
    {.name = "RestoreDBInstanceToPointInTime",
     .kind = GL_AWS_WRITE,
     .input = "SourceDBInstanceIdentifier TargetDBInstanceIdentifier RestoreTime "
              "UseLatestRestorableTime DBInstanceClass Port AvailabilityZone DBSubnetGroupName "
              "MultiAZ PubliclyAccessible AutoMinorVersionUpgrade LicenseModel DBName Engine "
              "Iops StorageThroughput OptionGroupName CopyTagsToSnapshot Tags StorageType "
              "TdeCredentialArn TdeCredentialPassword VpcSecurityGroupIds Domain "
              "DomainIAMRoleName DomainFqdn DomainOu DomainAuthSecretArn DomainDnsIps "
              "EnableIAMDatabaseAuthentication EnableCloudwatchLogsExports ProcessorFeatures "
              "UseDefaultProcessorFeatures DBParameterGroupName DeletionProtection "
              "SourceDbiResourceId MaxAllocatedStorage EnableCustomerOwnedIp NetworkType "
              "SourceDBInstanceAutomatedBackupsArn BackupTarget CustomIamInstanceProfile "
              "AllocatedStorage BackupRetentionPeriod PreferredBackupWindow DedicatedLogVolume "
              "CACertificateIdentifier EngineLifecycleSupport AdditionalStorageVolumes "
              "TagSpecifications ManageMasterUserPassword MasterUserSecretKmsKeyId"},
    {.name = "DeleteDBInstance",
     .kind = GL_AWS_WRITE,
     .input = "DBInstanceIdentifier SkipFinalSnapshot FinalDBSnapshotIdentifier "
              "DeleteAutomatedBackups"},
    {.name = "ModifyDBInstance",
     .kind = GL_AWS_WRITE,
     .input = "DBInstanceIdentifier AllocatedStorage DBInstanceClass DBSubnetGroupName "
              "DBSecurityGroups VpcSecurityGroupIds ApplyImmediately MasterUserPassword "
              "DBParameterGroupName BackupRetentionPeriod PreferredBackupWindow "
              "PreferredMaintenanceWindow MultiAZ EngineVersion AllowMajorVersionUpgrade "
              "AutoMinorVersionUpgrade LicenseModel Iops StorageThroughput OptionGroupName "
              "NewDBInstanceIdentifier StorageType TdeCredentialArn TdeCredentialPassword "
              "CACertificateIdentifier Domain DomainFqdn DomainOu DomainAuthSecretArn "
              "DomainDnsIps DisableDomain CopyTagsToSnapshot MonitoringInterval DBPortNumber "
              "PubliclyAccessible MonitoringRoleArn DomainIAMRoleName PromotionTier "
              "EnableIAMDatabaseAuthentication DatabaseInsightsMode EnablePerformanceInsights "
              "PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod "
              "CloudwatchLogsExportConfiguration ProcessorFeatures UseDefaultProcessorFeatures "
              "DeletionProtection MaxAllocatedStorage CertificateRotationRestart ReplicaMode "
              "AutomationMode ResumeFullAutomationModeMinutes EnableCustomerOwnedIp NetworkType "
              "AwsBackupRecoveryPointArn ManageMasterUserPassword RotateMasterUserPassword "
              "MasterUserSecretKmsKeyId MultiTenant DedicatedLogVolume Engine "
              "AdditionalStorageVolumes TagSpecifications MasterUserAuthenticationType"},
    {.name = "ListTagsForResource",
     .kind = GL_AWS_READ,
     .input = "ResourceName Filters"},
};

const struct gl_aws_service gl_aws_rds = {
    .name = "rds",
    .signing_name = "rds",
    .protocol = GL_AWS_QUERY,
    .version = "2014-10-31",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .lists = "DBSecurityGroups/DBSecurityGroupName EventCategories/EventCategory "
                 "Filters/Filter ProcessorFeatures/ProcessorFeature TagSpecifications/item "
                 "Tags/Tag Values/Value VpcSecurityGroupIds/VpcSecurityGroupId",
    },
    .output = {
        .lists = "AdditionalStorageVolumes AssociatedRoles/DBInstanceRole "
                 "AvailabilityZones/AvailabilityZone "
                 "AvailableAdditionalStorageVolumesOptions/AvailableAdditionalStorageVolumesOption "
                 "AvailableProcessorFeatures/AvailableProcessorFeature "
                 "DBEngineVersions/DBEngineVersion "
                 "DBInstanceAutomatedBackupsReplications/DBInstanceAutomatedBackupsReplication "
                 "DBInstances/DBInstance DBParameterGroups/DBParameterGroup "
                 "DBSecurityGroups/DBSecurityGroup DBSnapshots/DBSnapshot "
                 "DBSubnetGroups/DBSubnetGroup DatabaseInstallationFiles DnsIps "
                 "DomainMemberships/DomainMembership EnabledCloudwatchLogsExports "
                 "EventCategories/EventCategory Events/Event ExportableLogTypes "
                 "LogTypesToDisable LogTypesToEnable "
                 "OptionGroupMemberships/OptionGroupMembership "
                 "OrderableDBInstanceOptions/OrderableDBInstanceOption Parameters/Parameter "
                 "PendingMaintenanceActionDetails/PendingMaintenanceAction "
                 "PendingMaintenanceActions/ResourcePendingMaintenanceActions "
                 "ProcessorFeatures/ProcessorFeature "
                 "ReadReplicaDBClusterIdentifiers/ReadReplicaDBClusterIdentifier "
                 "ReadReplicaDBInstanceIdentifiers/ReadReplicaDBInstanceIdentifier "
                 "StatusInfos/DBInstanceStatusInfo Subnets/Subnet SupportedActivityStreamModes "
                 "SupportedCACertificateIdentifiers SupportedCharacterSets/CharacterSet "
                 "SupportedEngineModes SupportedFeatureNames "
                 "SupportedNcharCharacterSets/CharacterSet SupportedNetworkTypes "
                 "SupportedTimezones/Timezone TagList/Tag ValidUpgradeTarget/UpgradeTarget "
                 "VpcSecurityGroups/VpcSecurityGroupMembership",
        .booleans = "ActivityStreamEngineNativeAuditFieldsIncluded AutoMinorVersionUpgrade "
                    "AutoUpgrade CopyTagsToSnapshot CustomerOwnedIpEnabled DedicatedLogVolume "
                    "DeletionProtection Encrypted IAMDatabaseAuthenticationEnabled "
                    "IsMajorVersionUpgrade IsModifiable IsStorageConfigUpgradeAvailable MultiAZ "
                    "MultiAZCapable MultiTenant Normal OutpostCapable PerformanceInsightsEnabled "
                    "PubliclyAccessible ReadReplicaCapable StorageEncrypted "
                    "SupportsAdditionalStorageVolumes SupportsBabelfish "
                    "SupportsCertificateRotationWithoutRestart SupportsClusters "
                    "SupportsDedicatedLogVolume SupportsEnhancedMonitoring "
                    "SupportsGlobalDatabases SupportsHttpEndpoint "
                    "SupportsIAMDatabaseAuthentication SupportsIntegrations SupportsIops "
                    "SupportsKerberosAuthentication SupportsLimitlessDatabase "
                    "SupportsLocalWriteForwarding SupportsLogExportsToCloudwatchLogs "
                    "SupportsParallelQuery SupportsPerformanceInsights SupportsReadReplica "
                    "SupportsStorageAutoscaling SupportsStorageEncryption "
                    "SupportsStorageThroughput Vpc",
        .integers = "AllocatedStorage BackupRetentionPeriod DbInstancePort IOPS Iops "
                    "MaxAllocatedStorage MaxIops MaxIopsPerDbInstance MaxStorageSize "
                    "MaxStorageThroughput MaxStorageThroughputPerDbInstance MinIops "
                    "MinIopsPerDbInstance MinStorageSize MinStorageThroughput "
                    "MinStorageThroughputPerDbInstance MonitoringInterval PercentProgress "
                    "PerformanceInsightsRetentionPeriod Port PromotionTier StorageThroughput",
        .reals = "MaxCapacity MaxIopsPerGib MaxStorageThroughputPerIops MinCapacity "
                 "MinIopsPerGib MinStorageThroughputPerIops",
        .strings = "DBInstance.PercentProgress DBInstances.PercentProgress",
    },
};
