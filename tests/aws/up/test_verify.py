"""golive up notices each thing that src/infra/verify_table.c speaks of when it was changed behind CloudFormation's back."""
import re

from stage import REGION, ROOT, Emulator, Project, resources, run

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class There:
    """The account, by what the stacks call things."""

    def __init__(self, aws):
        self.aws, self.of = aws, {}

    def id(self, stack, logical_id, region=REGION):
        if (stack, region) not in self.of:
            self.of[stack, region] = resources(self.aws, f"glanceflow-{stack}", region)
        return self.of[stack, region][logical_id]["PhysicalResourceId"]

    def __getattr__(self, service):
        return self.aws.client(service)

    def remove(self, stack, logical_id):
        self.aws.control("remove", stack=f"glanceflow-{stack}", logical_id=logical_id)


def lower_tls(there):
    distribution = there.id("prod-frontend", "Site")
    found = there.cloudfront.get_distribution_config(Id=distribution)
    found["DistributionConfig"]["ViewerCertificate"]["MinimumProtocolVersion"] = "TLSv1"
    there.cloudfront.update_distribution(Id=distribution, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"])


# Type; stack, resource and property that golive names ("" = what it is like is not as it must be); what is done by hand.
CHANGES = [
    ("AWS::RDS::DBInstance", "data", "Database", "MultiAZ", lambda a: a.rds.modify_db_instance(DBInstanceIdentifier="glanceflow-prod-database", MultiAZ=False)),
    ("AWS::S3::Bucket", "frontend", "SiteBucket", "PublicAccessBlockConfiguration.BlockPublicAcls", lambda a: a.s3.delete_public_access_block(
        Bucket=a.id("prod-frontend", "SiteBucket"))),
    ("AWS::S3::Bucket", "frontend", "SiteBucket", "VersioningConfiguration.Status", lambda a: a.s3.put_bucket_versioning(
        Bucket=a.id("prod-frontend", "SiteBucket"), VersioningConfiguration={"Status": "Suspended"})),
    ("AWS::S3::Bucket", "frontend", "SiteBucket", "BucketEncryption", lambda a: a.s3.delete_bucket_encryption(Bucket=a.id("prod-frontend", "SiteBucket"))),
    ("AWS::CloudFront::Distribution", "frontend", "Site", "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", lower_tls),
    ("AWS::ElasticLoadBalancingV2::Listener", "service", "Https", "SslPolicy", lambda a: a.elbv2.modify_listener(
        ListenerArn=a.id("prod-service", "Https"), SslPolicy="ELBSecurityPolicy-2016-08")),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "service", "Blue", "HealthCheckPath", lambda a: a.elbv2.modify_target_group(
        TargetGroupArn=a.id("prod-service", "Blue"), HealthCheckPath="/elsewhere")),
    ("AWS::WAFv2::WebACLAssociation", "service", "", "WebACLArn", lambda a: a.wafv2.disassociate_web_acl(ResourceArn=a.id("prod-service", "Alb"))),
    ("AWS::Logs::LogGroup", "service", "AppLogs", "RetentionInDays", lambda a: a.logs.put_retention_policy(
        logGroupName=a.id("prod-service", "AppLogs"), retentionInDays=1)),
    ("AWS::EC2::SecurityGroupIngress", "security-groups", "DatabaseFromApp", "", lambda a: a.remove("prod-security-groups", "DatabaseFromApp")),
    ("AWS::EC2::SecurityGroupEgress", "security-groups", "AppToDatabase", "", lambda a: a.remove("prod-security-groups", "AppToDatabase")),
    ("AWS::EC2::FlowLog", "network", "FlowLog", "", lambda a: a.remove("prod-network", "FlowLog")),
    ("AWS::EC2::NatGateway", "network", "NatA", "", lambda a: a.remove("prod-network", "NatA")),
    ("AWS::KMS::Key", "secrets", "SecretsKey", "", lambda a: a.kms.disable_key(KeyId=a.id("prod-secrets", "SecretsKey"))),
    ("AWS::KMS::Key", "backup", "VaultKey", "EnableKeyRotation", lambda a: a.kms.disable_key_rotation(KeyId=a.id("prod-backup", "VaultKey"))),
    ("AWS::SecretsManager::Secret", "secrets", "SecretGLANCEFLOWBACKENDJWTSECRET", "", lambda a: a.secretsmanager.delete_secret(
        SecretId=a.id("prod-secrets", "SecretGLANCEFLOWBACKENDJWTSECRET"))),
    ("AWS::ECR::Repository", "registry", "Backend", "ImageTagMutability", lambda a: a.ecr.put_image_tag_mutability(
        repositoryName="glanceflow/backend", imageTagMutability="MUTABLE")),
    ("AWS::GuardDuty::Detector", "audit", "Detector", "", lambda a: a.guardduty.update_detector(DetectorId=a.id("audit", "Detector"), Enable=False)),
    ("AWS::CloudTrail::Trail", "audit", "Trail", "IsLogging", lambda a: a.cloudtrail.stop_logging(Name=a.id("audit", "Trail"))),
    ("AWS::IAM::Role", "ops-roles", "Operator", "PermissionsBoundary", lambda a: a.iam.delete_role_permissions_boundary(RoleName=a.id("prod-ops-roles", "Operator"))),
    ("AWS::SNS::Topic", "alerts", "Critical", "", lambda a: a.sns.delete_topic(TopicArn=a.id("prod-alerts", "Critical"))),
    ("AWS::CloudWatch::Alarm", "observability", "ErrorRate", "", lambda a: a.cloudwatch.delete_alarms(AlarmNames=["glanceflow-prod-error-rate"])),
]


# Not tried: what others hang on, so that neither AWS nor the emulator lets it go; what nobody can change; and what is there only after a release.
UNTRIED = {f"AWS::{name}" for name in (
    "ElasticLoadBalancingV2::LoadBalancer", "ECS::Service", "ECS::Cluster", "EC2::SecurityGroup", "EC2::RouteTable", "EC2::InternetGateway", "EC2::VPCEndpoint", "EC2::VPC",
    "EC2::Subnet", "CertificateManager::Certificate", "IAM::ManagedPolicy", "IAM::OIDCProvider", "RDS::DBSubnetGroup", "RDS::DBParameterGroup", "Backup::BackupVault")}
# What stands on others first: a stack that failed blocks those that need it.
ROUNDS = [{"observability", "ops-roles", "backup"}, {"service", "frontend", "data"}, {"security-groups"}, {"network", "secrets", "registry", "audit", "alerts"}]


@test
def every_type_is_tried_or_excepted(_aws):
    """no type of the table is forgotten here"""
    rows = re.findall(r'^    \{"(AWS::[A-Za-z0-9:]+)"', (ROOT / "src" / "infra" / "verify_table.c").read_text(encoding="utf-8"), re.M)
    tried = {kind for kind, *_rest in CHANGES}
    assert len(rows) > 30 and set(rows) == tried | UNTRIED and not tried & UNTRIED, set(rows) ^ (tried | UNTRIED)


@test
def notices_each(aws):
    """up, after something of each kind was changed by hand: each stack fails with resource, property, what was wanted and what is there"""
    with Project(aws.url) as project:
        project.up().must(0)
        there, unseen = There(aws), []
        assert set.union(*ROUNDS) == {stack for _type, stack, *_rest in CHANGES}
        for stacks in ROUNDS:
            rows = [row for row in CHANGES if row[1] in stacks]
            for *_row, change in rows:
                change(there)
            result = project.up().must(16)
            assert stacks <= set(result.of("failed")), (stacks, result.states())
            unseen += [(stack, resource, name, result.reason(stack)) for kind, stack, resource, name, _change in rows
                       if not re.search(rf"{resource}\w* \({kind}\) {re.escape(name)}", result.reason(stack))]
        assert not unseen, unseen


if __name__ == "__main__":
    AWS = Emulator()
    try:
        raise SystemExit(run(TESTS, AWS))
    finally:
        AWS.stop()
