"""policies/up.json, deploy.json and deploy-apprunner.json: made by their generator, and golive runs under exactly up.json; without one right it says which."""
import fnmatch
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent / "up"), str(ROOT / "policies" / "make")]
import make  # noqa: E402
import names  # noqa: E402
from stage import GLOBAL, REGION, Emulator, Project, resources, run, stacks  # noqa: E402

APP = "glanceflow"
TESTS = []
OPERATIONS = json.loads(subprocess.run([sys.argv[1], "dump"], stdout=subprocess.PIPE, check=True).stdout)


def test(function):
    TESTS.append(function)
    return function


def policy(name="up"):
    """A policy with the application's name where APP stands."""
    text = (ROOT / "policies" / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace("APP", APP).replace("ENV", "prod"))


def as_list(one):
    return one if isinstance(one, list) else [one]


def allowed(document, action):
    """Resource patterns on which the policy allows the action."""
    return [pattern for one in document["Statement"] if any(fnmatch.fnmatchcase(action, name) for name in as_list(one["Action"]))
            for pattern in as_list(one["Resource"])]


# ---- how they are made


@test
def are_what_the_generator_makes(_aws):
    """the files of policies/ are what make.py makes of the stacks, the table of operations and AWS's own lists"""
    for name, text in make.files(OPERATIONS).items():
        path = ROOT / "policies" / name
        assert path.exists() and path.read_text(encoding="utf-8") == text, f"policies/{name}: run policies/make/make.py"
    whole = policy()["Statement"]
    parts = [json.loads(path.read_text(encoding="utf-8").replace("APP", APP)) for path in sorted((ROOT / "policies" / "parts").glob("up-*.json"))]
    assert [one for part in parts for one in part["Statement"]] == whole
    sizes = [make.size(part["Statement"]) for part in parts]
    assert all(size <= make.MANAGED_LIMIT for size in sizes) and len(sizes) <= 10, sizes
    print(f"# up.json {make.size(whole)} characters in parts of {sizes}; deploy.json {make.size(policy('deploy')['Statement'])}")


@test
def names_only_what_aws_has(_aws):
    """every action in the policies exists; every type of the stacks is known; no Sid twice"""
    known = make.facts()
    assert names.types() == set(known["types"]), "facts.json is of other stacks: run policies/make/facts.py"
    for name in ("up", "deploy", "deploy-apprunner", "plan", "keep"):
        statements = policy(name)["Statement"]
        assert len({one["Sid"] for one in statements}) == len(statements), name
        for action in (action for one in statements for action in as_list(one["Action"])):
            assert fnmatch.filter(known["actions"], action), f"{name}.json: AWS has no {action}"


@test
def up_covers_plan_and_every_call(_aws):
    """up.json allows what plan.json and keep.json allow, and each operation that src/infra calls"""
    up = policy()
    for one in policy("plan")["Statement"] + policy("keep")["Statement"]:
        assert all(allowed(up, action) for action in as_list(one["Action"])), one["Action"]
    operations = {f"{service}.{name}" for service, one in OPERATIONS.items() for name in one["operations"]}
    wanted = set(make.UP + make.RELEASE + make.RELEASE_ON_APP_RUNNER)
    assert wanted <= operations, wanted - operations
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src" / "infra").glob("*.c")))
    called = {name for name in {one.split(".")[1] for one in operations} if f'"{name}"' in sources} - {"GetCallerIdentity"}  # needs no right
    listed = {one.split(".")[1] for one in make.UP}
    assert len(called) > 50 and called <= listed, called - listed


@test
def is_limited_to_the_application(_aws):
    """what changes something is limited to the application's names or tag, but what AWS lets nobody limit; ceilings are never lifted"""
    up, known = policy(), make.facts()
    free = {action for one in up["Statement"] if one["Resource"] == "*" and "Condition" not in one for action in as_list(one["Action"])
            if "*" not in action and known["actions"][action]["level"] not in ("Read", "List")}
    by_service = {action.split(":")[0] for action in free}
    unlimited = {"acm", "application-autoscaling", "apprunner", "backup", "backup-storage", "chatbot", "cloudfront", "ec2", "elasticloadbalancing", "guardduty", "kms",
                 "logs", "route53", "sns", "vpce", "wafv2"}  # AWS makes up these names, or has no resource for the action
    assert by_service == unlimited, by_service ^ unlimited
    for action in ("iam:DeleteRolePermissionsBoundary", "iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy", "sts:AssumeRole", "s3:PutBucketAcl"):
        assert not allowed(up, action), action
    for one in up["Statement"]:
        if "iam:CreateRole" in one["Action"]:
            assert "iam:PermissionsBoundary" in json.dumps(one["Condition"]), one
    assert allowed(up, "iam:PassRole") == [f"arn:aws:iam::*:role/{APP}-*"]


# ---- a release


VALUES = {"secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt"}  # lead to what a secret holds


def stays_small(name, calls, roles):
    """A role for releases allows what they call and no secret's value but channels' URLs, passes exactly these roles, and is below the ceiling."""
    document = policy(name)
    for action in make.actions_of(OPERATIONS, calls):
        assert allowed(document, action), f"a release calls {action}"
    every = {action for one in document["Statement"] for action in as_list(one["Action"])}
    values = {one["Sid"]: one for one in document["Statement"] if VALUES & set(as_list(one["Action"]))}
    assert sorted(values) == ["DecryptChannelUrls", "ReadChannelUrls"], sorted(values)
    assert all("/CHANNEL" in name for name in as_list(values["ReadChannelUrls"]["Resource"])), "no other secret"
    assert values["DecryptChannelUrls"]["Condition"]["StringLike"]["kms:ViaService"] == ["secretsmanager.*", "ssm.*"], "by way of the stores only"
    assert sorted(allowed(document, "iam:PassRole")) == [f"arn:aws:iam::*:role/{APP}-prod-{one}" for one in roles], allowed(document, "iam:PassRole")
    assert {action for action in every if action.startswith("iam:")} == {"iam:PassRole"}
    boundary = names.stack("ci")["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"]
    ceiling = [name for one in boundary if one["Effect"] == "Allow" for name in as_list(one["Action"])]
    every |= {action for one in policy("plan")["Statement"] for action in as_list(one["Action"])}
    above = {action for action in every if not any(fnmatch.fnmatchcase(action, name) for name in ceiling)}
    assert above == set(), f"the ceiling in stacks/ci.yaml does not allow {above}"


@test
def deploy_covers_a_release_and_stays_below_the_ceiling(_aws):
    """deploy.json and deploy-apprunner.json: what a release calls, no secret's value but channels' URLs, no role but theirs; the ceiling allows all of it and of the role for plans"""
    stays_small("deploy", make.RELEASE, ("execution", "migration", "ssr-execution", "ssr-task", "task"))
    stays_small("deploy-apprunner", make.RELEASE_ON_APP_RUNNER, ("apprunner-access", "apprunner-instance", "migration"))
    ecs = {"ecs:UpdateService", "ecs:StopServiceDeployment", "elasticloadbalancing:DescribeRules"}
    assert not any(allowed(policy("deploy-apprunner"), action) for action in ecs), "nothing of the service that is not there"


# ---- running under exactly this policy


class Held(Project):
    """A project whose golive runs as a user with exactly one policy; nobody else's rights are checked."""

    def hold(self, aws, document):
        iam = aws.client("iam")
        iam.create_user(UserName="engineer")
        iam.put_user_policy(UserName="engineer", PolicyName="only", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName="engineer")["AccessKey"]
        self.keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        aws.control("enforce", on=True)

    def environment(self):
        return super().environment() | getattr(self, "keys", {})


def in_the_open(aws):
    """Bucket policies admit HTTPS only, which the emulator does not speak."""
    aws.control("enforce", on=False)
    aws.client("s3").delete_bucket_policy(Bucket=f"{APP}-artifacts-123456789012-{REGION}")
    aws.control("enforce", on=True)


@test
def exactly_up_json(aws):
    """up, up with a change, plan --drift and down work under exactly policies/up.json"""
    with Held(aws.url) as project:
        project.hold(aws, policy())
        made = project.up().must(0)
        in_the_open(aws)
        assert project.up("--set", "network.vpc_endpoints.logs=interface", "--set", "observability.log_retention_days=30").must(0).outcome()["done"] >= 3
        project.run("plan", "--env", "prod", "--drift").must(0)
        aws.control("fail", stack=f"{APP}-prod-service", logical_id="AppLogs", operation="UPDATE", reason="a bad day")
        aws.control("fail", stack=f"{APP}-prod-service", logical_id="AppLogs", operation="ROLLBACK", reason="a bad day")
        project.up("--set", "observability.log_retention_days=60")
        aws.control("fail", "DELETE")
        project.up("--set", "observability.log_retention_days=60").must(0)
        gone = project.down().must(0)
        assert made.outcome()["done"] > 20 and gone.outcome()["gone"] > 15, (made.outcome(), gone.outcome())


def without(action):
    """up.json without one action; a pattern that contains it goes too."""
    copy = policy()
    for one in copy["Statement"]:
        one["Action"] = [name for name in as_list(one["Action"]) if not fnmatch.fnmatchcase(action, name)]
    copy["Statement"] = [one for one in copy["Statement"] if one["Action"]]
    return copy


UP_NEEDS = [  # an action and the stack that cannot be made without it
    ("cloudformation:CreateChangeSet", None), ("cloudformation:ExecuteChangeSet", None), ("cloudformation:DescribeStacks", None), ("s3:CreateBucket", "bootstrap"),
    ("iam:CreatePolicy", "ci"), ("iam:CreateRole", "ci"), ("ec2:CreateVpc", "network"), ("kms:CreateKey", "data"), ("rds:CreateDBInstance", "data"),
    ("wafv2:CreateWebACL", "edge"), ("elasticloadbalancing:CreateLoadBalancer", "service"), ("cloudfront:CreateDistribution", "frontend"),
    ("cloudwatch:PutMetricAlarm", "service"), ("sns:CreateTopic", "alerts"), ("secretsmanager:CreateSecret", "secrets"), ("ecr:CreateRepository", "registry"),
    ("cloudtrail:CreateTrail", "audit"), ("budgets:ModifyBudget", "budget"), ("iam:PutRolePolicy", "ci"),
]
DOWN_NEEDS = [("cloudformation:DeleteStack", "certificate-events"), ("rds:ModifyDBInstance", "data"), ("ec2:DeleteVpc", "network"),
              ("elasticloadbalancing:ModifyLoadBalancerAttributes", "service")]


@test
def a_missing_right_of_up_is_named(aws):
    """up without one right fails and names the action; each of several actions"""
    for action, stack in UP_NEEDS:
        aws.control("reset")
        with Held(aws.url) as project:
            project.hold(aws, without(action))
            result = project.up(*(["--stack", stack] if stack else []))
            told = result.error + " ".join(one.get("reason", "") for one in result.events)
            assert result.status != 0 and action in told, (action, result.status, told[-1500:])
            assert stack is None or result.states()[stack] in ("undone", "failed"), (action, result.states())


@test
def a_missing_right_of_down_is_named(aws):
    """down without one right fails and names the action"""
    for action, stack in DOWN_NEEDS:
        aws.control("reset")
        with Held(aws.url) as project:
            project.up("--stack", stack).must(0)
            project.hold(aws, without(action))
            result = project.down("--account")
            assert result.status != 0 and action in result.error, (action, result.status, result.error)


# ---- names


ARN = {  # of the resources whose names golive gives: type to ARN, from the physical id
    "AWS::Backup::BackupVault": "arn:aws:backup:R:A:backup-vault:{}", "AWS::CloudTrail::Trail": "arn:aws:cloudtrail:R:A:trail/{}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:R:A:alarm:{}", "AWS::CloudWatch::CompositeAlarm": "arn:aws:cloudwatch:R:A:alarm:{}",
    "AWS::CloudWatch::Dashboard": "arn:aws:cloudwatch::A:dashboard/{}", "AWS::ECR::Repository": "arn:aws:ecr:R:A:repository/{}",
    "AWS::ECS::Cluster": "arn:aws:ecs:R:A:cluster/{}", "AWS::Events::Rule": "arn:aws:events:R:A:rule/{}", "AWS::IAM::Role": "arn:aws:iam::A:role/{}",
    "AWS::IAM::ManagedPolicy": "{}", "AWS::IAM::OIDCProvider": "{}", "AWS::Logs::LogGroup": "arn:aws:logs:R:A:log-group:{}", "AWS::SNS::Topic": "{}",
    "AWS::KMS::Alias": "arn:aws:kms:R:A:{}", "AWS::RDS::DBInstance": "arn:aws:rds:R:A:db:{}", "AWS::RDS::DBSubnetGroup": "arn:aws:rds:R:A:subgrp:{}",
    "AWS::RDS::DBParameterGroup": "arn:aws:rds:R:A:pg:{}", "AWS::S3::Bucket": "arn:aws:s3:::{}", "AWS::SSM::Parameter": "arn:aws:ssm:R:A:parameter{}",
    "AWS::SecretsManager::Secret": "{}", "AWS::AccessAnalyzer::Analyzer": "{}", "AWS::Scheduler::Schedule": "arn:aws:scheduler:R:A:schedule/default/{}",
}


@test
def every_name_is_within_the_limits(aws):
    """what the stacks make is within the names that up.json is limited to"""
    with Project(aws.url) as project:
        project.up().must(0)
        project.up(env="dev").must(0)
        document, known, seen = policy(), make.facts(), set()
        for region, name in stacks(aws):
            for one in resources(aws, name, region).values():
                if one["ResourceType"] not in ARN:
                    continue
                seen.add(one["ResourceType"])
                arn = ARN[one["ResourceType"]].format(one["PhysicalResourceId"]).replace(":R:", f":{region}:").replace(":A:", ":123456789012:")
                for right in known["types"][one["ResourceType"]].get("delete", []):
                    patterns = allowed(document, right)
                    level = known["actions"].get(right, {}).get("level")
                    if patterns and ":Delete" in right and level not in ("Read", "List", None) and right.split(":")[0] == arn.split(":")[2]:
                        assert any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns), f"{right} is not allowed on {arn}: {patterns}"
        assert len(seen) >= len(ARN) - 2, set(ARN) - seen


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    raise SystemExit(main())
