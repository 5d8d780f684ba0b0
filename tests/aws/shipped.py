"""Puts up the shipped stacks the way golive does (Metadata.golive of each), for tests of the emulator and of the stacks.

This is not golive: values of golive.yaml come from SAMPLE below, and what golive reads or computes is left at the template's
default unless SAMPLE names it. What it shares with golive is the order, the outputs that become parameters, and the placements.
"""
import pathlib
import sys
import time

from botocore.exceptions import ClientError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from emulator import template  # noqa: E402
from harness import pauses  # noqa: E402

STACKS = pathlib.Path(__file__).resolve().parents[2] / "stacks"
HOME, GLOBAL = "ap-northeast-1", "us-east-1"
SAMPLE = {  # values of golive.yaml, of computed and live parameters
    "app.repo": "owner/shop", "domain.zone": "example.com", "domain.app": "www.example.com", "domain.api": "api.example.com",
    "backend.platform": "ecs", "frontend.mode": "static", "edge.api_path": "alb", "network.azs": "3", "sizing.multi_az": "true",
    "secret_names": "JWT_SECRET,DATABASE_URL", "plain_names": "RUST_LOG,CORS_ORIGIN", "plain_values": "\nRUST_LOG=info\nCORS_ORIGIN=https://www.example.com\n",
    "notify_critical_emails": "oncall@example.com", "notify_warning_emails": "team@example.com", "monthly_budget_usd": "100",
    "cost.notify.0": "team@example.com", "dns_published": "true", "cloudfront_prefix_list_id": "pl-58a04531", "s3_prefix_list_id": "pl-61a54008",
    "egress_https": "true",
}
TASK = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/shop-prod-backend:1"
SAMPLES = {  # other shapes of the same application, and what they exercise beside the first
    "static behind an open load balancer": SAMPLE,
    "ssr behind cloudfront, after a release": {
        **SAMPLE, "ci.provider": "github_actions", "promoting_account": "999999999999", "edge.api_path": "cloudfront", "frontend.mode": "ssr", "release.strategy": "canary", "network.nat.mode": "single",
        "network.nat.schedule": "office_hours", "secrets.store": "ssm", "edge.waf.bot_control": "common", "task_definition_arn": TASK},
    "small": {**SAMPLE, "release.strategy": "rolling", "network.azs": "2", "network.nat.mode": "regional", "task_definition_arn": TASK,
              "edge.waf.log.destination": "s3"},
}
INSTANCE = {"app": "shop", "env": "prod", "region": HOME, "account_id": "123456789012"}
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class Placed:
    """One stack in one place."""

    def __init__(self, name, placement, body):
        self.name, self.placement, self.body = name, placement, body
        self.tree = template.load(body)
        self.golive = self.tree["Metadata"]["golive"]
        self.region = GLOBAL if placement == "global" else HOME
        scope = "shop-prod" if self.golive["scope"] == "env" else "shop"
        self.stack = f"{scope}-{name}" + ("-global" if placement == "global" else "")
        self.outputs = {}

    @property
    def key(self):
        return self.name + ("@global" if self.placement == "global" else "")


def load(directory=STACKS, sample=SAMPLE):
    """Every stack in every place where its conditions hold."""
    found = []
    for path in sorted(directory.glob("*.yaml")):
        body = path.read_text()
        golive = template.load(body)["Metadata"]["golive"]
        if all(_holds(one, sample) for one in golive["when"]):
            found += [Placed(path.stem, placement, body) for placement in golive["placements"]]
    return found


def _holds(condition, sample):
    key, word, value = condition.split()
    return (sample.get(key.removeprefix("computed."), "null") == value) == (word == "==")


def parameters(placed, by_key, sample):
    """Parameters as CreateChangeSet takes them; what has no value is left to its default."""
    found = {}
    for name, source in placed.golive["parameters"].items():
        (kind, key), = source.items()
        if kind == "instance":
            value = placed.placement if key == "placement" else INSTANCE[key]
        elif kind == "output":
            other, output = key.split(".")
            value = by_key[other].outputs.get(output) if other in by_key else None
        else:
            value = sample.get(key)
        if value is not None:
            found[name] = value
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in found.items()]


def in_order(stacks):
    """Stacks after those whose outputs they take."""
    by_key, done, order = {one.key: one for one in stacks}, set(), []

    def visit(one):
        if one.key in done:
            return
        done.add(one.key)
        for source in one.golive["parameters"].values():
            if "output" in source and source["output"].split(".")[0] in by_key:
                visit(by_key[source["output"].split(".")[0]])
        order.append(one)

    for one in stacks:
        visit(one)
    return order


def wait(describe, unsettled):
    """Asks until the answer is settled; raises after five minutes."""
    end = time.monotonic() + 300
    for pause in pauses(0.2):
        answer = describe()
        if not unsettled(answer):
            return answer
        if time.monotonic() > end:
            raise TimeoutError("not settled within five minutes")
        time.sleep(pause)


def by_url(placed, bucket, client):
    """The template through a bucket, as golive sends large ones."""
    client("s3", HOME).put_object(Bucket=bucket, Key=placed.key + ".yaml", Body=placed.body.encode())
    return {"TemplateURL": f"https://{bucket}.s3.{HOME}.amazonaws.com/{placed.key}.yaml"}


def by_body(placed, _bucket, _client):
    return {"TemplateBody": placed.body}


def prepare(placed, bucket, client, values, source=by_url):
    """Makes a change set; the settled DescribeChangeSet."""
    cloudformation = client("cloudformation", placed.region)
    exists = any(s["StackName"] == placed.stack and s["StackStatus"] != "REVIEW_IN_PROGRESS" for s in cloudformation.describe_stacks()["Stacks"])
    made = cloudformation.create_change_set(
        StackName=placed.stack, ChangeSetName=f"golive-{time.monotonic_ns()}", ChangeSetType="UPDATE" if exists else "CREATE",
        **source(placed, bucket, client), Parameters=values, Capabilities=CAPABILITIES,
        Tags=[{"Key": "golive:app", "Value": "shop"}])
    return wait(lambda: cloudformation.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True),
                lambda answer: answer["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"))


def release(client):
    """Registers a task definition, as a release does before the service can be made."""
    client("ecs", HOME).register_task_definition(
        family="shop-prod-backend", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="512", memory="1024", containerDefinitions=[
            {"name": "backend", "image": "shop@sha256:" + "0" * 64, "portMappings": [{"containerPort": 8080}]}])


def put_up(client, stacks, sample=SAMPLE, bucket="shop-templates", source=by_url):
    """Creates or updates all stacks one after the other. Returns {key: final status}."""
    by_key, found = {one.key: one for one in stacks}, {}
    client("s3", HOME).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    if "task_definition_arn" in sample:
        release(client)
    for one in in_order(stacks):
        cloudformation = client("cloudformation", one.region)
        try:
            change_set = prepare(one, bucket, client, parameters(one, by_key, sample), source)
        except ClientError as error:
            found[one.key] = str(error)
            continue
        if change_set["Status"] != "CREATE_COMPLETE":
            found[one.key] = f"change set {change_set['Status']}: {change_set['StatusReason']}"
            continue
        cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        stack = wait(lambda: cloudformation.describe_stacks(StackName=one.stack)["Stacks"][0],
                     lambda answer: answer["StackStatus"].endswith("_IN_PROGRESS"))
        one.outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
        found[one.key] = stack["StackStatus"]
    return found


def failures(client, placed):
    """Reasons of the resources of a stack that failed."""
    events = client("cloudformation", placed.region).describe_stack_events(StackName=placed.stack)["StackEvents"]
    return [f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in events if e["ResourceStatus"].endswith("FAILED")
            and "cancelled" not in e.get("ResourceStatusReason", "")]
