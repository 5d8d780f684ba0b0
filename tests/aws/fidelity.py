"""After a deploy: describes every resource with boto3 and compares with what its stack expects.

    tests/aws/python tests/aws/fidelity.py [ENDPOINT]    compares the stacks at ENDPOINT (else of the account that boto3 finds)

Independent of the emulator's own reading, so that neither can hide the other's mistake; works on AWS as well. What a stack
expects comes from DescribeStackResourceDrifts (ExpectedProperties), what is there from each service's own describe call.
A row of CHECKS is one property: where it stands in the template, and where the service shows it.
"""
import json
import sys

import boto3
import jmespath

REGIONS = ("ap-northeast-1", "us-east-1")


def by_id(argument, many=True):
    """Arguments of a describe call from the physical id."""
    return lambda found: {argument: [found] if many else found}


def service_of(found):
    return {"cluster": found.split("/")[1], "services": [found]}


def acl_of(found):
    return dict(zip(("Name", "Id", "Scope"), found.split("|")))


def target_of(found):
    resource, dimension, namespace = found.split("|")
    return {"ServiceNamespace": namespace, "ResourceIds": [resource], "ScalableDimension": dimension}


ROLE, BUCKET = by_id("RoleName", False), by_id("Bucket", False)
BALANCER, GROUP, LISTENER = by_id("LoadBalancerArn", False), by_id("TargetGroupArns"), by_id("ListenerArns")
DATABASE, DISTRIBUTION = by_id("DBInstanceIdentifier", False), by_id("Id", False)
CHECKS = [  # type, path in the template's properties, service, operation, arguments, path in the answer
    ("AWS::EC2::VPC", "CidrBlock", "ec2", "describe_vpcs", by_id("VpcIds"), "Vpcs[0].CidrBlock"),
    ("AWS::EC2::Subnet", "CidrBlock", "ec2", "describe_subnets", by_id("SubnetIds"), "Subnets[0].CidrBlock"),
    ("AWS::EC2::Subnet", "AvailabilityZone", "ec2", "describe_subnets", by_id("SubnetIds"), "Subnets[0].AvailabilityZone"),
    ("AWS::EC2::Subnet", "VpcId", "ec2", "describe_subnets", by_id("SubnetIds"), "Subnets[0].VpcId"),
    ("AWS::EC2::NatGateway", "SubnetId", "ec2", "describe_nat_gateways", by_id("NatGatewayIds"), "NatGateways[0].SubnetId"),
    ("AWS::EC2::VPCEndpoint", "ServiceName", "ec2", "describe_vpc_endpoints", by_id("VpcEndpointIds"), "VpcEndpoints[0].ServiceName"),
    ("AWS::EC2::VPCEndpoint", "SubnetIds", "ec2", "describe_vpc_endpoints", by_id("VpcEndpointIds"), "VpcEndpoints[0].SubnetIds"),
    ("AWS::EC2::VPCEndpoint", "PrivateDnsEnabled", "ec2", "describe_vpc_endpoints", by_id("VpcEndpointIds"), "VpcEndpoints[0].PrivateDnsEnabled"),
    ("AWS::EC2::FlowLog", "TrafficType", "ec2", "describe_flow_logs", by_id("FlowLogIds"), "FlowLogs[0].TrafficType"),
    ("AWS::EC2::FlowLog", "MaxAggregationInterval", "ec2", "describe_flow_logs", by_id("FlowLogIds"), "FlowLogs[0].MaxAggregationInterval"),
    ("AWS::EC2::SecurityGroup", "GroupDescription", "ec2", "describe_security_groups", by_id("GroupIds"), "SecurityGroups[0].Description"),
    ("AWS::RDS::DBInstance", "MultiAZ", "rds", "describe_db_instances", DATABASE, "DBInstances[0].MultiAZ"),
    ("AWS::RDS::DBInstance", "StorageEncrypted", "rds", "describe_db_instances", DATABASE, "DBInstances[0].StorageEncrypted"),
    ("AWS::RDS::DBInstance", "DeletionProtection", "rds", "describe_db_instances", DATABASE, "DBInstances[0].DeletionProtection"),
    ("AWS::RDS::DBInstance", "PubliclyAccessible", "rds", "describe_db_instances", DATABASE, "DBInstances[0].PubliclyAccessible"),
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod", "rds", "describe_db_instances", DATABASE, "DBInstances[0].BackupRetentionPeriod"),
    ("AWS::RDS::DBInstance", "EngineVersion", "rds", "describe_db_instances", DATABASE, "DBInstances[0].EngineVersion"),
    ("AWS::RDS::DBInstance", "MaxAllocatedStorage", "rds", "describe_db_instances", DATABASE, "DBInstances[0].MaxAllocatedStorage"),
    ("AWS::RDS::DBInstance", "EnablePerformanceInsights", "rds", "describe_db_instances", DATABASE, "DBInstances[0].PerformanceInsightsEnabled"),
    ("AWS::RDS::DBInstance", "MonitoringInterval", "rds", "describe_db_instances", DATABASE, "DBInstances[0].MonitoringInterval"),
    ("AWS::RDS::DBInstance", "EnableCloudwatchLogsExports", "rds", "describe_db_instances", DATABASE, "DBInstances[0].EnabledCloudwatchLogsExports"),
    ("AWS::RDS::DBInstance", "EnableIAMDatabaseAuthentication", "rds", "describe_db_instances", DATABASE, "DBInstances[0].IAMDatabaseAuthenticationEnabled"),
    ("AWS::RDS::DBInstance", "CACertificateIdentifier", "rds", "describe_db_instances", DATABASE, "DBInstances[0].CACertificateIdentifier"),
    ("AWS::RDS::DBInstance", "VPCSecurityGroups", "rds", "describe_db_instances", DATABASE, "DBInstances[0].VpcSecurityGroups[].VpcSecurityGroupId"),
    ("AWS::RDS::DBInstance", "DBParameterGroupName", "rds", "describe_db_instances", DATABASE, "DBInstances[0].DBParameterGroups[0].DBParameterGroupName"),
    ("AWS::RDS::DBParameterGroup", 'Parameters."rds.force_ssl"', "rds", "describe_db_parameters", by_id("DBParameterGroupName", False),
     "Parameters[?ParameterName=='rds.force_ssl'].ParameterValue | [0]"),
    ("AWS::KMS::Key", "EnableKeyRotation", "kms", "get_key_rotation_status", by_id("KeyId", False), "KeyRotationEnabled"),
    ("AWS::KMS::Alias", "AliasName", "kms", "list_aliases", lambda found: {}, "Aliases[?AliasName=='{id}'].AliasName | [0]"),
    ("AWS::ECR::Repository", "ImageTagMutability", "ecr", "describe_repositories", by_id("repositoryNames"), "repositories[0].imageTagMutability"),
    ("AWS::ECR::Repository", "ImageScanningConfiguration.ScanOnPush", "ecr", "describe_repositories", by_id("repositoryNames"),
     "repositories[0].imageScanningConfiguration.scanOnPush"),
    ("AWS::ECR::Repository", "EncryptionConfiguration.EncryptionType", "ecr", "describe_repositories", by_id("repositoryNames"),
     "repositories[0].encryptionConfiguration.encryptionType"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "elbv2", "describe_load_balancers", by_id("LoadBalancerArns"), "LoadBalancers[0].Scheme"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups", "elbv2", "describe_load_balancers", by_id("LoadBalancerArns"),
     "LoadBalancers[0].SecurityGroups"),
    *[("AWS::ElasticLoadBalancingV2::LoadBalancer", f"LoadBalancerAttributes[?Key=='{key}'].Value | [0]", "elbv2", "describe_load_balancer_attributes",
       BALANCER, f"Attributes[?Key=='{key}'].Value | [0]") for key in (
           "deletion_protection.enabled", "routing.http.drop_invalid_header_fields.enabled", "access_logs.s3.enabled", "access_logs.s3.bucket")],
    ("AWS::ElasticLoadBalancingV2::Listener", "SslPolicy", "elbv2", "describe_listeners", LISTENER, "Listeners[0].SslPolicy"),
    ("AWS::ElasticLoadBalancingV2::Listener", "Certificates[0].CertificateArn", "elbv2", "describe_listeners", LISTENER,
     "Listeners[0].Certificates[0].CertificateArn"),
    ("AWS::ElasticLoadBalancingV2::Listener", "DefaultActions[0].RedirectConfig.StatusCode", "elbv2", "describe_listeners", LISTENER,
     "Listeners[0].DefaultActions[0].RedirectConfig.StatusCode"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Actions[0].ForwardConfig.TargetGroups[].Weight", "elbv2", "describe_rules", by_id("RuleArns"),
     "Rules[0].Actions[0].ForwardConfig.TargetGroups[].Weight"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPath", "elbv2", "describe_target_groups", GROUP, "TargetGroups[0].HealthCheckPath"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckIntervalSeconds", "elbv2", "describe_target_groups", GROUP,
     "TargetGroups[0].HealthCheckIntervalSeconds"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetType", "elbv2", "describe_target_groups", GROUP, "TargetGroups[0].TargetType"),
    ("AWS::ECS::Cluster", "ClusterSettings[0].Value", "ecs", "describe_clusters", lambda found: {"clusters": [found], "include": ["SETTINGS"]},
     "clusters[0].settings[0].value"),
    ("AWS::ECS::Service", "DesiredCount", "ecs", "describe_services", service_of, "services[0].desiredCount"),
    ("AWS::ECS::Service", "TaskDefinition", "ecs", "describe_services", service_of, "services[0].taskDefinition"),
    ("AWS::ECS::Service", "DeploymentConfiguration.Strategy", "ecs", "describe_services", service_of, "services[0].deploymentConfiguration.strategy"),
    ("AWS::ECS::Service", "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback", "ecs", "describe_services", service_of,
     "services[0].deploymentConfiguration.deploymentCircuitBreaker.rollback"),
    ("AWS::ECS::Service", "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ecs", "describe_services", service_of,
     "services[0].networkConfiguration.awsvpcConfiguration.assignPublicIp"),
    ("AWS::IAM::Role", "PermissionsBoundary", "iam", "get_role", ROLE, "Role.PermissionsBoundary.PermissionsBoundaryArn"),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", "iam", "get_role", ROLE, "Role.AssumeRolePolicyDocument"),
    ("AWS::IAM::Role", "Policies[].PolicyName", "iam", "list_role_policies", ROLE, "PolicyNames"),
    ("AWS::IAM::Role", "ManagedPolicyArns", "iam", "list_attached_role_policies", ROLE, "AttachedPolicies[].PolicyArn"),
    ("AWS::IAM::OIDCProvider", "ClientIdList", "iam", "get_open_id_connect_provider", by_id("OpenIDConnectProviderArn", False), "ClientIDList"),
    ("AWS::S3::Bucket", "VersioningConfiguration.Status", "s3", "get_bucket_versioning", BUCKET, "Status"),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", "s3", "get_public_access_block", BUCKET, "PublicAccessBlockConfiguration"),
    ("AWS::S3::Bucket", "OwnershipControls.Rules[0].ObjectOwnership", "s3", "get_bucket_ownership_controls", BUCKET,
     "OwnershipControls.Rules[0].ObjectOwnership"),
    ("AWS::S3::Bucket", "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm", "s3", "get_bucket_encryption",
     BUCKET, "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm"),
    ("AWS::S3::Bucket", "LifecycleConfiguration.Rules[].Id", "s3", "get_bucket_lifecycle_configuration", BUCKET, "Rules[].ID"),
    ("AWS::S3::Bucket", "ObjectLockEnabled && 'Enabled'", "s3", "get_object_lock_configuration", BUCKET, "ObjectLockConfiguration.ObjectLockEnabled"),
    ("AWS::S3::BucketPolicy", "PolicyDocument", "s3", "get_bucket_policy", BUCKET, "Policy"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "cloudfront", "get_distribution_config", DISTRIBUTION,
     "DistributionConfig.ViewerCertificate.MinimumProtocolVersion"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "cloudfront", "get_distribution_config", DISTRIBUTION,
     "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId", "cloudfront", "get_distribution_config",
     DISTRIBUTION, "DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.DefaultCacheBehavior.FunctionAssociations[].FunctionARN", "cloudfront", "get_distribution_config",
     DISTRIBUTION, "DistributionConfig.DefaultCacheBehavior.FunctionAssociations.Items[].FunctionARN"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.Origins[].OriginAccessControlId", "cloudfront", "get_distribution_config", DISTRIBUTION,
     "DistributionConfig.Origins.Items[].OriginAccessControlId"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.Aliases", "cloudfront", "get_distribution_config", DISTRIBUTION,
     "DistributionConfig.Aliases.Items"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.WebACLId", "cloudfront", "get_distribution_config", DISTRIBUTION, "DistributionConfig.WebACLId"),
    ("AWS::WAFv2::WebACL", "Rules[].Name", "wafv2", "get_web_acl", acl_of, "WebACL.Rules[].Name"),
    ("AWS::WAFv2::WebACLAssociation", "WebACLArn", "wafv2", "get_web_acl_for_resource", lambda found: {"ResourceArn": found.split("|")[1]}, "WebACL.ARN"),
    ("AWS::CertificateManager::Certificate", "KeyAlgorithm", "acm", "describe_certificate", by_id("CertificateArn", False), "Certificate.KeyAlgorithm"),
    ("AWS::CertificateManager::Certificate", "DomainName && 'ISSUED'", "acm", "describe_certificate", by_id("CertificateArn", False), "Certificate.Status"),
    ("AWS::CloudWatch::Alarm", "Threshold", "cloudwatch", "describe_alarms", by_id("AlarmNames"), "MetricAlarms[0].Threshold"),
    ("AWS::CloudWatch::Alarm", "EvaluationPeriods", "cloudwatch", "describe_alarms", by_id("AlarmNames"), "MetricAlarms[0].EvaluationPeriods"),
    ("AWS::CloudWatch::Alarm", "Metrics[].Id", "cloudwatch", "describe_alarms", by_id("AlarmNames"), "MetricAlarms[0].Metrics[].Id"),
    ("AWS::Logs::LogGroup", "RetentionInDays", "logs", "describe_log_groups", by_id("logGroupNamePrefix", False),
     "logGroups[?logGroupName=='{id}'].retentionInDays | [0]"),
    ("AWS::SNS::Topic", "KmsMasterKeyId", "sns", "get_topic_attributes", by_id("TopicArn", False), "Attributes.KmsMasterKeyId"),
    ("AWS::SNS::Subscription", "Endpoint", "sns", "get_subscription_attributes", by_id("SubscriptionArn", False), "Attributes.Endpoint"),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MaxCapacity", "application-autoscaling", "describe_scalable_targets", target_of,
     "ScalableTargets[0].MaxCapacity"),
    ("AWS::SecretsManager::Secret", "Name", "secretsmanager", "describe_secret", by_id("SecretId", False), "Name"),
    ("AWS::SecretsManager::Secret", "KmsKeyId", "secretsmanager", "describe_secret", by_id("SecretId", False), "KmsKeyId"),
    ("AWS::SSM::Parameter", "Value", "ssm", "get_parameter", by_id("Name", False), "Parameter.Value"),
    ("AWS::Route53::HealthCheck", "HealthCheckConfig.Type", "route53", "get_health_check", by_id("HealthCheckId", False), "HealthCheck.HealthCheckConfig.Type"),
    ("AWS::CloudTrail::Trail", "EnableLogFileValidation", "cloudtrail", "get_trail", by_id("Name", False), "Trail.LogFileValidationEnabled"),
    ("AWS::CloudTrail::Trail", "IsLogging", "cloudtrail", "get_trail_status", by_id("Name", False), "IsLogging"),
    ("AWS::Backup::BackupPlan", "BackupPlan.BackupPlanRule[].RuleName", "backup", "get_backup_plan", by_id("BackupPlanId", False),
     "BackupPlan.Rules[].RuleName"),
]


def plain(value):
    """Values that mean the same in one form: text of numbers and booleans, documents, lists in any order."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if value is None else str(value)


def expectations(client, region):
    """(stack, logical id, type, physical id, expected properties) of every resource of every stack in a region."""
    cf = client("cloudformation", region)
    for stack in [one for page in cf.get_paginator("describe_stacks").paginate() for one in page["Stacks"]]:
        if not stack["StackStatus"].endswith("_COMPLETE"):
            continue
        for one in [r for page in cf.get_paginator("list_stack_resources").paginate(StackName=stack["StackName"]) for r in page["StackResourceSummaries"]]:
            found = cf.detect_stack_resource_drift(StackName=stack["StackName"], LogicalResourceId=one["LogicalResourceId"])["StackResourceDrift"]
            yield stack["StackName"], one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"], json.loads(found["ExpectedProperties"])


def compare(client, region):
    """(resource, property, expected, actual) of every check that applies in a region."""
    for stack, logical_id, kind, physical_id, expected in expectations(client, region):
        for check in [one for one in CHECKS if one[0] == kind]:
            _kind, path, service, operation, arguments, shown = check
            wanted = jmespath.search(path, expected)
            if wanted in (None, []):
                continue
            place = "us-east-1" if service == "wafv2" and physical_id.endswith("|CLOUDFRONT") else region
            try:
                actual = jmespath.search(shown.replace("{id}", physical_id), getattr(client(service, place), operation)(**arguments(physical_id)))
            except Exception as error:
                actual = f"{type(error).__name__}: {error}"
            yield f"{stack}/{logical_id}", path, plain(wanted), plain(actual)


def main():
    endpoint = sys.argv[1] if len(sys.argv) > 1 else None
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if endpoint else {}

    def client(service, region):
        return boto3.client(service, region_name=region, endpoint_url=endpoint, **keys)

    rows = [row for region in REGIONS for row in compare(client, region)]
    wrong = [row for row in rows if row[2] != row[3]]
    for resource, path, wanted, actual in wrong:
        print(f"{resource} {path}: expected {wanted}, is {actual}")
    print(f"{len(rows) - len(wrong)} of {len(rows)} properties are as the stacks say")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
