"""policies/deploy.json (= the role APP-ENV-deploy of stacks/ci-deploy.yaml) is what a release needs: enough, nothing missing unnoticed, nothing too much."""
import copy
import fnmatch
import json
import re
import sys

from release_world import APP, ENV, ROOT, ReleaseWorld, make, need_root, run

TESTS = []
TEXT = (ROOT / "policies" / "deploy.json").read_text(encoding="utf-8")
POLICY = json.loads(TEXT.replace("APP", APP).replace("ENV", ENV))
COMMANDS = [("status",), ("logs",), ("log", "verify"), ("migrate", "status"), ("rollback",)]
# In the policy, and not seen among the calls of the releases here.
UNSEEN = {
    "ecr:BatchCheckLayerAvailability": "the registry's own protocol: HEAD of a layer", "ecr:BatchGetImage": "the same: GET of a manifest",
    "ecr:CompleteLayerUpload": "the same: PUT of a layer", "ecr:GetDownloadUrlForLayer": "the same: GET of a layer",
    "ecr:InitiateLayerUpload": "the same: POST of a layer", "ecr:PutImage": "the same: PUT of a manifest", "ecr:UploadLayerPart": "the same: PATCH of a layer",
    "sts:AssumeRole": "what passed in another account: test_promotion.py",
    "secretsmanager:GetSecretValue": "a channel is told: below", "ssm:GetParameter": "the same with secrets.store: ssm", "kms:Decrypt": "the store's own, for both",
    "ecs:StopServiceDeployment": "a release that is undone: test_breach.py", "ecs:StopTask": "a migration that is interrupted: test_migration.py",
}


def test(function):
    TESTS.append(function)
    return function


def as_list(one):
    return one if isinstance(one, list) else [one]


def actions(policy):
    return {action for one in policy["Statement"] for action in as_list(one["Action"])}


def without(action):
    """The policy without one action."""
    policy = copy.deepcopy(POLICY)
    for one in policy["Statement"]:
        one["Action"] = [name for name in as_list(one["Action"]) if name != action]
    policy["Statement"] = [one for one in policy["Statement"] if one["Action"]]
    assert actions(policy) == actions(POLICY) - {action}
    return policy


def release(world, **more):
    world.change(**more)
    return world.golive("deploy", "--env", ENV)


# ---- enough


@test
def exactly_deploy_json(world):
    """releases, status, logs, log verify, migrate status and rollback work under exactly deploy.json, which allows nothing that they never ask for"""
    release(world).must(0)
    world.hold(POLICY)
    world.aws.control("needed", "DELETE")
    for _ in range(3):  # the later ones remove what release.keep no longer keeps
        release(world).must(0)
    for words in COMMANDS:
        world.golive(*words, "--env", ENV).must(0)
    asked = world.needed()
    assert asked <= actions(POLICY), f"asked for and not allowed: {sorted(asked - actions(POLICY))}"
    unseen = actions(POLICY) - asked
    assert unseen == set(UNSEEN), f"allowed and never asked for: {sorted(unseen - set(UNSEEN))}; excepted and seen: {sorted(set(UNSEEN) - unseen)}"


@test
def what_is_excepted_is_called(_world):
    """each exception is of the registry's protocol, or an operation that the platform's source calls, or taking on a role"""
    files = [*(ROOT / "src" / "platform" / "aws").glob("*.c"), ROOT / "src" / "aws" / "credentials_role.c"]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    for action in UNSEEN:
        service, _, operation = action.partition(":")
        assert service in ("ecr", "kms") or f'"{operation}"' in sources, action


# ---- nothing missing unnoticed


DEPLOY_NEEDS = ["cloudformation:DescribeStacks", "ecr:GetAuthorizationToken", "ecr:DescribeImages", "rds:CreateDBSnapshot", "rds:AddTagsToResource", "ecs:RunTask",
                "ecs:TagResource", "iam:PassRole", "ecs:UpdateService", "secretsmanager:DescribeSecret", "s3:PutObjectRetention"]
OTHERS_NEED = [("logs:FilterLogEvents", ("logs",)), ("s3:ListBucketVersions", ("log", "verify")), ("ecs:RunTask", ("migrate", "status")),
               ("ecs:UpdateService", ("rollback",))]


@test
def a_missing_right_of_deploy_is_named(world):
    """golive deploy without one right fails and names the action; each of several"""
    for action in DEPLOY_NEEDS:
        world.hold(without(action))
        said = release(world)
        world.hold(POLICY)
        told = said.out + said.error_text
        assert said.status != 0 and action in told, (action, said.status, told[-3000:])


@test
def a_missing_right_of_others_is_named(world):
    """the other commands without one right fail and name it"""
    for action, words in OTHERS_NEED:
        world.hold(without(action))
        said = world.golive(*words, "--env", ENV)
        world.hold(POLICY)
        assert said.status != 0 and action in said.out + said.error_text, (action, said.status, said.out[-1500:], said.error_text[-1500:])


# ---- channels that are told how releases end


CHANNEL = f"{APP.upper()}_COMMON_RELEASES_URL"
TOLD = f"    - {{kind: webhook, level: warning, owner: tanaka, endpoint_secret: {CHANNEL}, releases: true}}\n"


@test
def the_url_of_a_channel_is_read(world):
    """with a channel that wants releases, its stored URL is read under deploy.json; without that right the release succeeds, and the warning names the right"""
    path = world.project.path / "golive.yaml"
    before = path.read_text(encoding="utf-8")
    world.hold(None)
    release(world).must(0)  # the first one of an environment wants more
    world.aws.client("secretsmanager").create_secret(Name=f"/{APP}/{ENV}/{CHANNEL}", SecretString="http://127.0.0.1:9/a-token")
    path.write_text(before.replace("  notify:\n", "  notify:\n" + TOLD), encoding="utf-8")
    try:
        world.hold(POLICY)
        said = release(world).must(0)
        assert f"{CHANNEL} (127.0.0.1:9) was not told" in said.out and "a-token" not in said.out + said.error_text, said.out[-2000:]
        world.hold(without("secretsmanager:GetSecretValue"))
        said = release(world).must(0)
        assert f"{CHANNEL} was not told" in said.out and "secretsmanager:GetSecretValue" in said.out, said.out[-2000:]
    finally:
        path.write_text(before, encoding="utf-8")
        world.hold(POLICY)


@test
def no_other_secret_can_be_read(_world):
    """the patterns of what may be read, with a channel's name in place, fit that name only (the emulator does not know what a call to the store is about)"""
    told = json.loads(json.dumps(POLICY).replace("CHANNEL", CHANNEL))
    for action, service, own, other in (
            ("secretsmanager:GetSecretValue", "secretsmanager", f"secret:/{APP}/{ENV}/{CHANNEL}-AbCdEf", f"secret:/{APP}/{ENV}/{APP.upper()}_BACKEND_JWT_SECRET-AbCdEf"),
            ("ssm:GetParameter", "ssm", f"parameter/{APP}/{ENV}/{CHANNEL}", f"parameter/{APP}/{ENV}/{APP.upper()}_BACKEND_JWT_SECRET")):
        patterns = [pattern for one in told["Statement"] if action in as_list(one["Action"]) for pattern in as_list(one["Resource"])]
        begin = f"arn:aws:{service}:ap-northeast-1:123456789012:"
        assert any(fnmatch.fnmatchcase(begin + own, pattern) for pattern in patterns), action
        assert not any(fnmatch.fnmatchcase(begin + other, pattern) for pattern in patterns), action


# ---- nothing too much


FORBIDDEN = [
    ("s3", "delete_object", {"Bucket": "ledger", "Key": "events/00000000000000000002.json"}), ("s3", "delete_object", {"Bucket": "ledger", "Key": "leases/prod"}),
    ("s3", "delete_bucket_policy", {"Bucket": "ledger"}), ("s3", "put_object", {"Bucket": "artifacts", "Key": "templates/x"}),
    ("s3", "get_object", {"Bucket": "artifacts", "Key": "templates/x"}),
]


@test
def the_ledger_cannot_be_thinned(world):
    """the role deletes nothing of the ledger and locks nothing but events"""
    world.hold(POLICY)
    for service, operation, given in FORBIDDEN:
        bucket = f"{APP}-{given['Bucket']}-123456789012-{world.region}"
        error = world.refusal(service, operation, **given | {"Bucket": bucket})
        assert "AccessDenied" in error, (operation, given, error)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2099-01-01T00:00:00Z"}
    error = world.refusal("s3", "put_object", Bucket=f"{APP}-ledger-123456789012-{world.region}", Key="leases/prod", Body=b"x", **lock)
    assert "s3:PutObjectRetention" in error, error


@test
def events_stay_for_everybody(world):
    """the bucket's own policy refuses to delete an event, even to who may do everything"""
    world.hold({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    bucket = f"{APP}-ledger-123456789012-{world.region}"
    error = world.refusal("s3", "delete_object", Bucket=bucket, Key="events/00000000000000000002.json")
    assert "403" in error, error


# ---- the other role of the stack


@test
def the_plan_role_is_plan_json(_world):
    """the role APP-ENV-plan allows the actions of plan.json, on resources within its patterns, under its conditions"""
    wanted = json.loads((ROOT / "policies" / "plan.json").read_text(encoding="utf-8"))
    given = {"Statement": make.role("Plan")}
    assert actions(given) == actions(wanted), actions(given) ^ actions(wanted)
    for one in given["Statement"]:
        for action in as_list(one["Action"]):
            like = [other for other in wanted["Statement"] if action in as_list(other["Action"]) and ("Condition" in other) == ("Condition" in one)]
            patterns = [pattern for other in like for pattern in as_list(other["Resource"])]
            for resource in as_list(one["Resource"]):
                own = service_of(resource) == "*" or service_of(resource) == action.partition(":")[0]
                assert not own or any(fnmatch.fnmatchcase(resource, pattern) for pattern in patterns), (action, resource, patterns)
            assert "Condition" not in one or one["Condition"] in [other["Condition"] for other in like], one["Sid"]


def service_of(resource):
    found = re.match(r"arn:[^:]*:([^:]+):", resource)
    return found.group(1) if found else "*"


if __name__ == "__main__":
    need_root()
    THERE = ReleaseWorld()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
