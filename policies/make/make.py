"""Makes policies/up.json, policies/deploy.json and policies/deploy-apprunner.json; with --check only compares.

    python3 policies/make/make.py OPERATIONS.json [--check]        (codec_tool dump: golive's table of operations, src/aws/ops)

parts/ holds up.json in pieces that each fit into a managed policy. up.json is what golive calls itself (UP, through the table of operations) and what CloudFormation calls with the rights of its caller: for each resource type
of stacks/ the rights that CloudFormation's registry names (facts.json), without those in UNUSED. deploy.json is the role that stacks/ci-deploy.yaml gives to
GitHub, deploy-apprunner.json the same with the backend on App Runner; RELEASE and RELEASE_ON_APP_RUNNER are what golive calls as it. Resources are limited to the application's names, or to its tag, wherever IAM can.
"""
import collections
import fnmatch
import json
import pathlib
import sys

import names

HERE = pathlib.Path(__file__).resolve().parent
MANAGED_LIMIT = 6144  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
APP, ENV = "APP", "ENV"  # stand for the names of the application and the environment in what is made

# ---- what golive calls itself: botocore's service and operation ---------------------------------

UP = """
accessanalyzer.ListAnalyzers acm.DescribeCertificate acm.ListCertificates apprunner.DescribeService backup.DescribeBackupVault cloudformation.ContinueUpdateRollback
cloudformation.CreateChangeSet cloudformation.DeleteChangeSet cloudformation.DeleteStack cloudformation.DescribeChangeSet
cloudformation.DescribeEvents cloudformation.DescribeStackDriftDetectionStatus cloudformation.DescribeStackEvents
cloudformation.DescribeStackResourceDrifts cloudformation.DescribeStacks cloudformation.DetectStackDrift cloudformation.ExecuteChangeSet
cloudformation.GetTemplate cloudformation.ListChangeSets cloudformation.ListStackResources cloudformation.RollbackStack
cloudformation.UpdateTerminationProtection cloudfront.GetDistribution cloudtrail.GetTrailStatus cloudwatch.DescribeAlarms ec2.DescribeFlowLogs
ec2.DescribeInternetGateways ec2.DescribeManagedPrefixLists ec2.DescribeNatGateways ec2.DescribeRouteTables ec2.DescribeSecurityGroupRules
ec2.DescribeSecurityGroups ec2.DescribeSubnets ec2.DescribeVpcEndpoints ec2.DescribeVpcs ecr.BatchDeleteImage ecr.DescribeImages
ecr.DescribeRepositories ecr.ListImages ecs.DescribeClusters ecs.DescribeServices elbv2.DescribeListeners
elbv2.DescribeLoadBalancerAttributes elbv2.DescribeLoadBalancers elbv2.DescribeRules elbv2.DescribeTargetGroups
elbv2.ModifyLoadBalancerAttributes guardduty.GetDetector guardduty.ListDetectors iam.GetOpenIDConnectProvider iam.GetPolicy iam.GetRole
iam.ListOpenIDConnectProviders kms.DescribeKey kms.GetKeyRotationStatus logs.DescribeLogGroups rds.DescribeDBEngineVersions
rds.DescribeDBInstances rds.DescribeDBParameterGroups rds.DescribeDBSnapshots rds.DescribeDBSubnetGroups rds.ModifyDBInstance route53.ListHostedZonesByName
s3.DeleteObjects s3.GetBucketEncryption s3.GetBucketVersioning s3.GetPublicAccessBlock s3.ListObjectVersions s3.PutObject
secretsmanager.DescribeSecret sns.GetTopicAttributes wafv2.GetWebACLForResource
""".split()
# What a release, a rollback, migrations, `golive status`, `golive logs` and `golive log verify` call.
RELEASE = """
cloudformation.DescribeStacks cloudfront.CreateInvalidation cloudfront.GetDistribution cloudfront.GetInvalidation cloudwatch.DescribeAlarms
cloudwatch.GetMetricData ecr.DescribeImageScanFindings ecr.DescribeImages ecr.GetAuthorizationToken ecs.ContinueServiceDeployment
ecs.DeregisterTaskDefinition ecs.DescribeServiceDeployments ecs.DescribeServiceRevisions ecs.DescribeServices ecs.DescribeTaskDefinition
ecs.DescribeTasks ecs.ListServiceDeployments ecs.ListTaskDefinitions ecs.ListTasks ecs.RegisterTaskDefinition ecs.RunTask
ecs.StopServiceDeployment ecs.StopTask ecs.UpdateService elbv2.DescribeRules elbv2.DescribeTargetHealth logs.FilterLogEvents
logs.GetLogEvents rds.CreateDBSnapshot rds.DeleteDBSnapshot rds.DescribeDBInstances rds.DescribeDBSnapshots s3.CopyObject s3.DeleteObjects
s3.GetObject s3.HeadBucket s3.ListObjectVersions s3.ListObjectsV2 s3.PutObject secretsmanager.DescribeSecret sts.GetCallerIdentity
""".split()
# The same with the backend on App Runner: what ECS alone is asked goes, what App Runner is asked comes.
ECS_ONLY = """
ecs.ContinueServiceDeployment ecs.DescribeServiceDeployments ecs.DescribeServiceRevisions ecs.DescribeServices
ecs.ListServiceDeployments ecs.StopServiceDeployment ecs.UpdateService elbv2.DescribeRules elbv2.DescribeTargetHealth
""".split()
RELEASE_ON_APP_RUNNER = sorted(set(RELEASE) - set(ECS_ONLY)) + """
apprunner.DescribeCustomDomains apprunner.DescribeService apprunner.ListOperations apprunner.UpdateService
""".split()

# ---- what of CloudFormation's rights is never needed --------------------------------------------

UNUSED = [  # for features that no stack has; a stack that comes to need one of these takes it out here
    "amplify:*", "apigateway:*", "appsync:*", "cognito-idp:*", "firehose:*", "lambda:*", "organizations:*", "route53-recovery-control-config:*",
    "s3tables:*", "vpc-lattice:*", "ec2:AcceptAddressTransfer", "ec2:*PrivateNatGatewayAddress", "ec2:*SubnetCidrBlock",
    "ec2:*VerifiedAccess*", "ec2:AttachVpnGateway", "ec2:DetachVpnGateway", "ec2:ModifyVpcTenancy", "ecs:PutAccountSetting*",
    "elasticloadbalancing:ModifyCapacityReservation", "elasticloadbalancing:ModifyIpPools", "rds:*RoleToDBInstance", "rds:*RoleFromDBInstance",
    "rds:*AutomatedBackupsReplication", "rds:CreateDBInstanceReadReplica", "rds:PromoteReadReplica", "rds:RestoreDBInstance*",
    "route53:*VPCWithHostedZone", "route53:*QueryLoggingConfig*", "s3:*Acl", "s3:*MetadataTable*", "s3:*AccelerateConfiguration",
    "s3:*AnalyticsConfiguration", "s3:*InventoryConfiguration", "s3:*MetricsConfiguration", "s3:*IntelligentTieringConfiguration",
    "s3:DeleteBucketCors", "s3:DeleteBucketReplication", "s3:*BucketWebsite", "s3:PutBucketCORS", "s3:PutBucketReplication",
    "s3:PutReplicationConfiguration", "secretsmanager:*Replicat*", "logs:*DataProtectionPolicy", "logs:*IndexPolic*", "sns:PutDataProtectionPolicy",
    "cloudfront:*ConnectionGroup", "cloudfront:*StagingConfig", "cloudtrail:*Insight*", "access-analyzer:*ArchiveRule*",
    # Who may lift a ceiling, or give rights to people, must be a person.
    "iam:DeleteRolePermissionsBoundary", "iam:*GroupPolicy", "iam:*UserPolicy", "sts:*",
]

# ---- what an action can be limited to -----------------------------------------------------------

ARNS = {  # IAM's resource type: what golive's are called
    "access-analyzer:Analyzer": ["arn:aws:access-analyzer:*:*:analyzer/APP"],
    "apprunner:service": ["arn:aws:apprunner:*:*:service/APP-*"],
    "apprunner:vpcconnector": ["arn:aws:apprunner:*:*:vpcconnector/APP-*"],
    "apprunner:autoscalingconfiguration": ["arn:aws:apprunner:*:*:autoscalingconfiguration/APP-*"],
    "backup:backupVault": ["arn:aws:backup:*:*:backup-vault:APP-*"],
    "budgets:budget": ["arn:aws:budgets::*:budget/APP-*"],
    "cloudformation:stack": ["arn:aws:cloudformation:*:*:stack/APP-*"],
    "cloudfront:function": ["arn:aws:cloudfront::*:function/APP-*"],
    "cloudtrail:trail": ["arn:aws:cloudtrail:*:*:trail/APP"],
    "cloudwatch:alarm": ["arn:aws:cloudwatch:*:*:alarm:APP-*"],
    "cloudwatch:dashboard": ["arn:aws:cloudwatch::*:dashboard/APP-*"],
    "ecr:repository": ["arn:aws:ecr:*:*:repository/APP/*"],
    "ecs:cluster": ["arn:aws:ecs:*:*:cluster/APP-*"],
    "ecs:service": ["arn:aws:ecs:*:*:service/APP-*"],
    "ecs:task-definition": ["arn:aws:ecs:*:*:task-definition/APP-*"],
    "events:rule-on-default-event-bus": ["arn:aws:events:*:*:rule/APP-*"],
    "kms:alias": ["arn:aws:kms:*:*:alias/APP-*"],
    "kms:key": ["arn:aws:kms:*:*:key/*"],
    "iam:oidc-provider": ["arn:aws:iam::*:oidc-provider/token.actions.githubusercontent.com"],
    "iam:policy": ["arn:aws:iam::*:policy/APP-*"],
    "iam:role": ["arn:aws:iam::*:role/APP-*"],
    "logs:log-group": ["arn:aws:logs:*:*:log-group:/APP/*", "arn:aws:logs:*:*:log-group:/aws/*/APP-*", "arn:aws:logs:*:*:log-group:aws-waf-logs-APP-*"],
    "rds:db": ["arn:aws:rds:*:*:db:APP-*"],
    "rds:pg": ["arn:aws:rds:*:*:pg:APP-*"],
    "rds:snapshot": ["arn:aws:rds:*:*:snapshot:APP-*"],
    "rds:subgrp": ["arn:aws:rds:*:*:subgrp:APP-*"],
    "s3:bucket": ["arn:aws:s3:::APP-*", "arn:aws:s3:::aws-waf-logs-APP-*"],
    "s3:object": ["arn:aws:s3:::APP-*", "arn:aws:s3:::aws-waf-logs-APP-*"],
    "scheduler:schedule": ["arn:aws:scheduler:*:*:schedule/default/APP-*"],
    "secretsmanager:Secret": ["arn:aws:secretsmanager:*:*:secret:/APP/*", "arn:aws:secretsmanager:*:*:secret:rds!db-*"],
    "sns:topic": ["arn:aws:sns:*:*:APP-*"],
    "ssm:parameter": ["arn:aws:ssm:*:*:parameter/APP/*"],
}
ARNS["events:rule-on-custom-event-bus"] = ARNS["events:rule-on-default-event-bus"]
# AWS names these: what is there already must carry the application's tag. Listeners and their rules get no tags.
TAGGED = {"ec2": [""], "elasticloadbalancing": ["loadbalancer", "targetgroup"], "kms": [""]}
UNTAGGED = {"ec2:AllocateAddress", "ec2:DeleteTags", "kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant", "kms:TagResource", "kms:UpdateAlias", "kms:DeleteAlias",
            "elasticloadbalancing:AddTags"}
DATA = {"s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt"}  # read data: never in the list of looks
WIDE = ["ec2:Describe*", "elasticloadbalancing:Describe*", "rds:Describe*", "cloudwatch:Describe*", "backup:Get*", "cloudfront:Get*", "cloudtrail:Get*",
        "ecs:Describe*", "iam:Get*", "iam:List*", "kms:Describe*", "kms:GetKey*", "logs:Describe*", "route53:Get*", "route53:List*", "s3:GetBucket*",
        "sns:Get*", "sns:List*", "wafv2:Get*", "wafv2:List*", "cloudformation:Describe*", "chatbot:List*", "chatbot:Describe*", "guardduty:Get*"]
BOUNDARY = {"iam:PermissionsBoundary": [f"arn:aws:iam::*:policy/{APP}-boundary"]}
UNDER_A_BOUNDARY = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRolePolicy",
                    "iam:PutRolePermissionsBoundary"}
PASSED_TO = ["apprunner.amazonaws.com", "backup.amazonaws.com", "chatbot.amazonaws.com", "ecs.amazonaws.com", "ecs-tasks.amazonaws.com",
             "events.amazonaws.com", "build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com", "monitoring.rds.amazonaws.com",
             "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com"]


def facts():
    return json.loads((HERE / "facts.json").read_text(encoding="utf-8"))


def actions_of(operations, calls):
    """IAM's actions of golive's own calls."""
    found = set()
    for call in calls:
        service, _, operation = call.partition(".")
        found.add(operations[service]["operations"][operation]["action"])
    return found


def of_cloudformation(known):
    """Rights that CloudFormation uses for the resource types of the stacks."""
    wanted = {name for one in names.types() for rights in known["types"][one].values() for name in rights}
    return {name for name in wanted if name in known["actions"] and not any(fnmatch.fnmatchcase(name, pattern) for pattern in UNUSED)}


def arns_of(name, known):
    """ARNs an action can be limited to, or None."""
    service, kinds = name.split(":")[0], known["actions"][name]["required"] or known["actions"][name]["optional"]
    found = [ARNS.get(f"{service}:{kind}") for kind in kinds]
    if not kinds or not any(found) or known["actions"][name]["required"] and not all(found):
        return None
    return sorted({arn for one in found if one for arn in one})


def is_tagged(name, known):
    """Whether it acts on what carries the application's tag, and on nothing else."""
    one, begins = known["actions"][name], TAGGED.get(name.split(":")[0])
    return bool(begins) and one["tagged"] and ":Create" not in name and name not in UNTAGGED and all(kind.startswith(tuple(begins)) for kind in one["required"])


def is_look(name, known):
    return known["actions"][name]["level"] in ("Read", "List") and name not in DATA


def looks(wanted):
    """Reading says little and often cannot be limited: patterns instead of hundreds of names."""
    used = [pattern for pattern in WIDE if any(fnmatch.fnmatchcase(name, pattern) for name in wanted)]
    return sorted(used + [name for name in wanted if not any(fnmatch.fnmatchcase(name, pattern) for pattern in used)])


def statement(sid, actions, resources="*", condition=None):
    found = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    return {**found, "Condition": condition} if condition else found


def camel(service):
    return "".join(part.capitalize() for part in service.split("-"))


def stacks(wanted):
    """CloudFormation itself."""
    own = {name for name in wanted if name.startswith("cloudformation:")}
    changes = {"cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:ExecuteChangeSet"}
    return [
        statement("Stacks", own - changes, ARNS["cloudformation:stack"]),
        statement("ChangeSets", changes, ARNS["cloudformation:stack"], {"StringLike": {"cloudformation:ChangeSetName": [
            "golive-*", "arn:aws:cloudformation:*:*:changeSet/golive-*"]}}),
        statement("ExpandLoops", {"cloudformation:CreateChangeSet"}, "arn:aws:cloudformation:*:aws:transform/*"),
    ]


def identities(wanted):
    """Roles below the application's ceiling only; the one for emergencies is the exception that its name says."""
    roles = wanted & UNDER_A_BOUNDARY
    breakglass = f"arn:aws:iam::*:role/{APP}-*-breakglass"
    return [
        statement("RolesBelowTheCeiling", roles, ARNS["iam:role"], {"ArnLike": BOUNDARY}),
        statement("BreakglassRoles", roles, breakglass, {"ArnEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}}),
        statement("PassRoles", {"iam:PassRole"}, ARNS["iam:role"], {"StringEquals": {"iam:PassedToService": PASSED_TO}}),
        statement("ServiceRoles", {"iam:CreateServiceLinkedRole"}, "arn:aws:iam::*:role/aws-service-role/*"),
    ]


def others(wanted, known):
    """One statement for each service and kind of limit."""
    groups = collections.defaultdict(set)
    for name in wanted:
        kind = "Tagged" if is_tagged(name, known) else "Named" if arns_of(name, known) else "Any"
        groups[kind, name.split(":")[0] if kind == "Named" else ""].add(name)
    found = []
    for (kind, service), actions in sorted(groups.items()):
        if kind == "Named":
            found.append(statement(camel(service), actions, sorted({arn for name in actions for arn in arns_of(name, known)})))
        elif kind == "Tagged":
            found.append(statement("WithTheTag", actions, "*", {"StringEquals": {"aws:ResourceTag/golive:app": APP}}))
        else:
            found.append(statement("WithoutNames", actions))
    return found


def up(operations, known):
    wanted = actions_of(operations, UP) | of_cloudformation(known) | names.BESIDE
    look = {name for name in wanted if is_look(name, known)}
    rest = wanted - look
    apart = {name for name in rest if name.startswith("cloudformation:")} | UNDER_A_BOUNDARY | {"iam:PassRole", "iam:CreateServiceLinkedRole"}
    return [statement("Look", looks(look))] + stacks(rest) + identities(rest) + others(rest - apart, known)


# ---- a release: the role of stacks/ci-deploy.yaml -----------------------------------------------

REFERENCES = {
    "RepositoryArn": "arn:aws:ecr:*:*:repository/APP/backend", "MigrateRepositoryArn": "arn:aws:ecr:*:*:repository/APP/migrate",
    "MigrationRoleArn": "arn:aws:iam::*:role/APP-ENV-migration", "ExecutionRoleArn": "arn:aws:iam::*:role/APP-ENV-execution",
    "DatabaseArn": "arn:aws:rds:*:*:db:APP-ENV-database", "DistributionArn": "arn:aws:cloudfront::*:distribution/*",
    "AWS::Partition": "aws", "AWS::Region": "*", "AWS::AccountId": "*", "App": APP, "Env": ENV, "SiteBucket": "APP-ENV-site-*",
    "ChannelSecretArns": ["arn:aws:secretsmanager:*:*:secret:/APP/ENV/CHANNEL-??????", "arn:aws:ssm:*:*:parameter/APP/ENV/CHANNEL"],
    "SecretsKeyArn": "arn:aws:kms:*:*:key/*", "PromotionRoleArns": "arn:aws:iam::*:role/APP-*-promote", "LedgerBucket": "APP-ledger-*", "ArtifactBucket": "APP-artifacts-*",
}


def chosen(node, conditions):
    """A part of the role with what holds in place of each !If whose condition is known; what has no value is left out."""
    if isinstance(node, dict):
        if list(node) == ["If"] and node["If"][0] in conditions:
            return chosen(node["If"][1 if conditions[node["If"][0]] else 2], conditions)
        return {key: chosen(one, conditions) for key, one in node.items()}
    if isinstance(node, list):
        return [one for one in (chosen(one, conditions) for one in node) if one != {"Ref": "AWS::NoValue"}]
    return node


def resolved(node):
    """A part of the role with names instead of references."""
    if isinstance(node, dict):
        (tag, value), = node.items() if len(node) == 1 else [(None, None)]
        if tag == "Ref":
            return REFERENCES[value]
        if tag == "If":  # what is there only in some environments is part of what is made
            return resolved(value[1])
        if tag == "Sub":
            for name, text in REFERENCES.items():
                if isinstance(text, list):  # is never part of a text
                    continue
                value = value.replace("${" + name + "}", text)
            assert "${" not in value, value
            return value
        return {key: resolved(one) for key, one in node.items()}
    if isinstance(node, list):
        return list(dict.fromkeys(resolved(one) for one in node)) if all(isinstance(one, (str, dict)) for one in node) and node and not (
            isinstance(node[0], dict) and "Effect" in node[0]) else [resolved(one) for one in node]
    return node


def role(name, app_runner=False):
    """The statements of a role of stacks/ci-deploy.yaml, with the backend on ECS or on App Runner."""
    conditions = {"OnAppRunner": app_runner} | ({"Ssr": False} if app_runner else {})  # the Node service needs ECS
    policies = names.stack("ci-deploy")["Resources"][name]["Properties"]["Policies"]
    return [resolved(one) for policy in policies for one in chosen(policy["PolicyDocument"]["Statement"], conditions)]


# ---- files --------------------------------------------------------------------------------------

def text(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def size(statements):
    """What IAM counts: characters but blanks."""
    return len("".join(json.dumps({"Version": "2012-10-17", "Statement": statements}).split()))


def parts(statements):
    """The statements in as few pieces as fit, one after the other."""
    found = [[]]
    for one in statements:
        if size(found[-1] + [one]) > MANAGED_LIMIT:
            found.append([])
        found[-1].append(one)
    return found


def files(operations):
    """Every file that is made: path below policies/ to text."""
    known = facts()
    whole = up(operations, known)
    made = {"up.json": text(whole), "deploy.json": text(role("Deploy")), "deploy-apprunner.json": text(role("Deploy", app_runner=True))}
    return made | {f"parts/up-{number}.json": text(one) for number, one in enumerate(parts(whole), 1)}


def main():
    operations = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    directory = HERE.parent
    if "--check" not in sys.argv:
        (directory / "parts").mkdir(exist_ok=True)
        for name, made in files(operations).items():
            (directory / name).write_text(made, encoding="utf-8")
        return
    for name, made in files(operations).items():
        if not (directory / name).exists() or (directory / name).read_text(encoding="utf-8") != made:
            sys.exit(f"policies/{name} is not what policies/make/make.py makes")


if __name__ == "__main__":
    main()
