"""golive plan against the emulator: a project, the program, and an account in which all its stacks exist."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
from harness import REGION, Emulator, die_with_parent, run, until  # noqa: E402,F401

ACCOUNT = "123456789012"  # the emulator's
GLOBAL = "us-east-1"


class Project:
    """A directory with golive.yaml (the documented example, in the emulator's account) and the program that works on it."""

    def __init__(self, golive, url):
        self.golive, self.url = str(pathlib.Path(golive).resolve()), url
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="golive-plan-"))
        text = (ROOT / "docs" / "golive.example.yaml").read_text(encoding="utf-8")
        (self.path / "golive.yaml").write_text(text.replace("333333333333", ACCOUNT), encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.path)

    def environment(self, **more):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "LC_", "LANG"))}
        return clean | {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_CONFIG_FILE": "/dev/null",
                        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "LANG": "C.UTF-8"} | more

    def start(self, *words, **more):
        return subprocess.Popen([self.golive, *words], cwd=self.path, env=self.environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, status=0, **more):
        """Runs golive; the exit status must be as said. Returns (standard output, standard error)."""
        process = self.start(*words, **more)
        out, error = process.communicate(timeout=480)
        assert process.returncode == status, f"golive {' '.join(words)}: exit status {process.returncode}, not {status}\n{out}\n{error}"
        assert "AddressSanitizer" not in error and "runtime error" not in error, error
        return out, error

    def plan(self, *words, **more):
        """A plan of prod as JSON."""
        return json.loads(self.run("plan", "--env", "prod", "--format", "json", *words, **more)[0])


def stacks_of(plan):
    return {one["stack"]: one for one in plan["stacks"]}


def resource(plan, stack, logical_id):
    """One resource of a plan's change, which must be there."""
    found = [one for one in stacks_of(plan)[stack]["change"]["resources"] if one["id"] == logical_id]
    assert len(found) == 1, f"{stack} changes {[one['id'] for one in stacks_of(plan)[stack]['change']['resources']]}"
    return found[0]


def settled(aws, name, region):
    cf = aws.client("cloudformation", region)
    return until(lambda: cf.describe_stacks(StackName=name)["Stacks"][0], lambda one: not one["StackStatus"].endswith("_IN_PROGRESS"), 300)


def apply(aws, plan):
    """Executes the change sets of a kept plan; every stack must end well. How many there were."""
    ready = [one for one in plan["stacks"] if one["change"].get("change_set")]
    for one in ready:
        aws.client("cloudformation", one["region"]).execute_change_set(ChangeSetName=one["change"]["change_set"])
    for one in ready:
        stack = settled(aws, one["stack_name"], one["region"])
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (one["stack"], stack["StackStatus"], stack.get("StackStatusReason"))
    return len(ready)


def stand_up(aws, project, rounds=12):
    """All stacks of prod, made wave by wave through golive's own change sets."""
    for _ in range(rounds):
        if not apply(aws, project.plan("--keep")):
            return
    raise AssertionError(f"there is still something to change after {rounds} plans")


def leftovers(aws):
    """Change sets that could be executed, and stacks that are nothing but a plan."""
    found = []
    for region in (REGION, GLOBAL):
        cf = aws.client("cloudformation", region)
        for stack in cf.get_paginator("list_stacks").paginate().search("StackSummaries[]"):
            if stack["StackStatus"] == "DELETE_COMPLETE":
                continue
            if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
                found.append(stack["StackName"])
            listed = cf.list_change_sets(StackName=stack["StackId"])["Summaries"]
            found += [one["ChangeSetName"] for one in listed if one["ExecutionStatus"] in ("AVAILABLE", "UNAVAILABLE")]
    return found
