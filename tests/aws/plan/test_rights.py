"""golive plan with just the rights of policies/plan.json (and keep.json), without one of them, and over a bad line."""
import json
import os
import pathlib
import sys
import threading
import time
import traceback
import urllib.request

from support import ACCOUNT, REGION, ROOT, Emulator, Project, apply, leftovers, stacks_of, stand_up

import proxy  # noqa: E402 (found through support)
from harness import refused  # noqa: E402

POLICY = json.loads((ROOT / "policies" / "plan.json").read_text(encoding="utf-8"))
KEEP = json.loads((ROOT / "policies" / "keep.json").read_text(encoding="utf-8"))
BOTH = POLICY | {"Statement": POLICY["Statement"] + KEEP["Statement"]}
BY_CLOUDFORMATION = "ParametersThatCloudFormationChecks"  # called by CloudFormation, not by golive
ELSEWHERE = {"apprunner:DescribeService"}  # called with backend.platform apprunner only
IAM_NAMES = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadBucket": "s3:ListBucket", "monitoring:DescribeAlarms": "cloudwatch:DescribeAlarms"}
WITHIN = {"s3:PutObjectRetention"}  # asked of a PutObject that locks its object
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def user(aws, policy):
    """Keys of a new user who has exactly this policy; from now on rights are enforced."""
    iam = aws.client("iam")
    iam.create_user(UserName="planner")
    iam.put_user_policy(UserName="planner", PolicyName="plan", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="planner")["AccessKey"]
    aws.control("enforce", on=True)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def called(aws, name="planner"):
    """IAM actions that this user called."""
    found = {f"{one['service']}:{one['operation']}" for one in aws.control("calls", "GET")["calls"] if (one["principal"] or "").endswith(f"/{name}")}
    return {IAM_NAMES.get(one, one) for one in found} - {"sts:GetCallerIdentity"}


def allowed(policy):
    found = set()
    for one in policy["Statement"]:
        if one["Sid"] != BY_CLOUDFORMATION:
            found |= {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
    return found


def without(action):
    """The policy without one action."""
    copy = json.loads(json.dumps(POLICY))
    for one in copy["Statement"]:
        one["Action"] = [name for name in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"]) if name != action]
    copy["Statement"] = [one for one in copy["Statement"] if one["Action"]]
    return copy


@test
def exactly_these_rights(aws, project):
    """plan and plan --drift work with policies/plan.json, plan --keep with keep.json beside it; they allow nothing that is never called"""
    seen = set()
    keys = user(aws, POLICY)
    project.run("plan", "--env", "prod", **keys)
    seen |= called(aws)
    aws.control("enforce", on=False)
    assert leftovers(aws) == []
    stand_up(aws, project)
    aws.client("s3").delete_bucket_policy(Bucket=f"glanceflow-artifacts-{ACCOUNT}-{REGION}")  # it admits HTTPS only, which the emulator does not speak
    aws.control("enforce", on=True)
    (project.path / "stacks").mkdir()
    text = (ROOT / "stacks" / "registry.yaml").read_text(encoding="utf-8")
    (project.path / "stacks" / "registry.yaml").write_text(text.replace("Resources:\n", "Resources:\n" + ("  # " + "x" * 100 + "\n") * 500), encoding="utf-8")
    project.run("plan", "--env", "prod", "--set", "cost.monthly_budget_usd.prod=900", **keys)
    project.run("plan", "--env", "prod", "--drift", **keys)
    seen |= called(aws)
    assert seen - allowed(POLICY) == set(), f"called but not allowed: {sorted(seen - allowed(POLICY))}"
    aws.control("enforce", on=False)  # the test itself has no policy
    aws.client("iam").put_user_policy(UserName="planner", PolicyName="plan", PolicyDocument=json.dumps(BOTH))
    aws.control("enforce", on=True)
    project.run("plan", "--env", "prod", "--keep", **keys)
    broken = text.replace("ImageTagMutability:", "ImageTagMutabilty:")
    (project.path / "stacks" / "registry.yaml").write_text(broken, encoding="utf-8")
    project.run("plan", "--env", "prod", status=3, **keys)
    seen |= called(aws)
    assert seen - allowed(BOTH) == set(), f"called but not allowed: {sorted(seen - allowed(BOTH))}"
    never = allowed(BOTH) - seen - ELSEWHERE - WITHIN - {"s3:GetObject"}  # CloudFormation reads the template with its caller's rights
    assert never == set(), f"allowed but never called: {sorted(never)}"


@test
def pull_requests_leave_the_ledger_alone(aws, project):
    """with plan.json, which pull requests have, no event can be read or added, and plan --keep says which right is missing; nothing is left"""
    stand_up(aws, project)
    keys = user(aws, POLICY)
    project.run("plan", "--env", "prod", **keys)
    store = aws.client("s3", key=keys["AWS_ACCESS_KEY_ID"], secret=keys["AWS_SECRET_ACCESS_KEY"])
    bucket = f"glanceflow-ledger-{ACCOUNT}-{REGION}"
    for operation, given in (("put_object", {"Key": "events/00000000000000000099.json", "Body": b"{}"}), ("put_object", {"Key": "leases/prod", "Body": b"{}"}),
                             ("get_object", {"Key": "events/00000000000000000001.json"}), ("list_objects_v2", {})):
        with refused("AccessDenied"):
            getattr(store, operation)(Bucket=bucket, **given)
    _out, error = project.run("plan", "--env", "prod", "--keep", status=7, **keys)
    assert "s3:ListBucket" in error and bucket in error, error
    aws.control("enforce", on=False)
    assert leftovers(aws) == [], leftovers(aws)


@test
def a_missing_right_is_named(aws, project):
    """Without one right the error names it and who lacks it; nothing is left"""
    for action in ("rds:DescribeDBEngineVersions", "ec2:DescribeManagedPrefixLists", "guardduty:ListDetectors", "cloudformation:CreateChangeSet",
                   "cloudformation:DescribeStacks", "cloudformation:DescribeChangeSet"):
        aws.control("reset")
        keys = user(aws, without(action))
        _out, error = project.run("plan", "--env", "prod", status=7, **keys)
        assert action in error and ":user/planner" in error and "policies/" in error, error
        aws.control("enforce", on=False)
        assert leftovers(aws) == [], (action, leftovers(aws))


class Injector:
    """The proxy before the emulator, in this process."""

    def __init__(self, upstream):
        self.server = proxy.Proxy(upstream, seed=11)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        asked = urllib.request.Request(f"{self.url}/golive-proxy/{path}", data=data, method=method)
        return json.loads(urllib.request.urlopen(asked, timeout=120).read() or b"null")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


FAULTS = [
    {"fault": "throttle", "probability": 0.15}, {"fault": "error", "status": 503, "body": "html", "probability": 0.1},
    {"fault": "error", "status": 500, "probability": 0.1}, {"fault": "drop-before", "probability": 0.1},
    {"fault": "drop-after", "probability": 0.1}, {"fault": "cut", "probability": 0.1},
    {"fault": "drop-after", "operation": "CreateChangeSet"} | {"count": 4}, {"fault": "expired-token", "operation": "Describe*", "count": 0},
]


@test
def over_a_bad_line(aws, project):
    """Throttling, errors of the server and broken connections change nothing of the plan, and nothing is left"""
    keys = ("stacks",)
    wanted = {key: project.plan()[key] for key in keys}
    wanted = {name: (one["change"]["action"], len(one["change"]["resources"])) for name, one in stacks_of(wanted).items()}
    injector = Injector(aws.url)
    try:
        for fault in FAULTS[:-1]:
            injector.control("POST", "reset")
            injector.control("PUT", "rules", [fault])
            found = stacks_of(project.plan(AWS_ENDPOINT_URL=injector.url, AWS_MAX_ATTEMPTS="12"))
            injected = injector.control("GET", "state")["faults"].get(fault["fault"], 0)
            assert injected > 2, f"{fault}: only {injected} injected"
            assert {name: (one["change"]["action"], len(one["change"]["resources"])) for name, one in found.items()} == wanted, fault
            assert leftovers(aws) == [], (fault, leftovers(aws))
    finally:
        injector.stop()


@test
def an_expired_session(aws, project):
    """A session that has ended: what to do is said, and what was made until then is removed with new credentials only"""
    injector = Injector(aws.url)
    try:
        injector.control("PUT", "rules", [{"fault": "expired-token"}])
        _out, error = project.run("plan", "--env", "prod", status=3, AWS_ENDPOINT_URL=injector.url, AWS_SESSION_TOKEN="old")
        assert "Expired" in error and "aws sso login" in error, error
        assert aws.control("calls", "GET")["calls"] == []
    finally:
        injector.stop()


def main():
    golive = sys.argv[1]
    aws = Emulator()
    tests = [one for one in TESTS if os.environ.get("TESTS", "") in one.__name__]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    try:
        for number, one in enumerate(tests, 1):
            begun = time.monotonic()
            try:
                aws.control("reset")
                with Project(golive, aws.url) as project:
                    one(aws, project)
                print(f"ok {number} - {one.__doc__.splitlines()[0]} # {time.monotonic() - begun:.2f} s", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {number} - {one.__name__}: {one.__doc__.splitlines()[0]}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line[:1500], flush=True)
    finally:
        aws.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
