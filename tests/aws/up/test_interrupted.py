"""golive up that is killed, interrupted, run twice at once, or has a bad line: it converges all the same."""
import json
import pathlib
import random
import signal
import subprocess
import sys
import time
import urllib.request

from stage import GLOBAL, HERE, REGION, Emulator, Project, calls, resources, run, stacks, status, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def converged(aws):
    """All stacks complete, no change set left, no stack that is only a plan."""
    wrong = {name: one for name, one in stacks(aws).items() if one not in ("CREATE_COMPLETE", "UPDATE_COMPLETE")}
    assert not wrong, wrong
    for region, name in stacks(aws):
        left = aws.client("cloudformation", region).list_change_sets(StackName=name)["Summaries"]
        assert [one for one in left if one["ExecutionStatus"] == "AVAILABLE"] == [], (name, left)


@test
def killed_at_random_instants(aws):
    """SIGKILL again and again at random instants, then up once more: everything stands"""
    chance = random.Random(20261126)
    aws.control("settings", change_set_s=0.05, resource_s=0.03)
    with Project(aws.url) as project:
        killed, seen = 0, set()
        for _ in range(10):
            process = project.start("up", "--env", "prod", "--yes", "--format", "json")
            try:
                process.process.wait(chance.uniform(0.2, 2.0))
                break  # it was through before it was to be killed
            except subprocess.TimeoutExpired:
                process.signal(signal.SIGKILL)
                process.process.wait()
                killed += 1
                seen |= set(stacks(aws).values())
        aws.control("settings", change_set_s=0, resource_s=0)
        last = project.up().must(0)
        assert killed >= 3, killed
        assert last.outcome()["failed"] == 0
        project.up().must(0)
        converged(aws)
        print(f"# killed {killed} times; states it left: {', '.join(sorted(seen))}", flush=True)


@test
def two_in_one_project(aws):
    """a second up in the same project is told who is at work"""
    aws.control("freeze", stack="glanceflow-prod-network", logical_id="Vpc", operation="CREATE")
    with Project(aws.url) as project:
        first = project.start("up", "--env", "prod", "--yes", "--format", "json")
        until(lambda: status(aws, "glanceflow-prod-network"), lambda one: one == "CREATE_IN_PROGRESS", 240)
        second = project.up().must(5)
        assert str(first.pid) in second.error and "up" in second.error, second.error
        aws.control("release", stack="glanceflow-prod-network", logical_id="Vpc")
        first.end().must(0)


@test
def two_in_two_checkouts(aws):
    """two checkouts of the project, whose leases do not know of each other: both end well"""
    aws.control("settings", change_set_s=0.05, resource_s=0.02)
    with Project(aws.url) as one, Project(aws.url) as other:
        first = one.start("up", "--env", "prod", "--yes", "--format", "json")
        second = other.start("up", "--env", "prod", "--yes", "--format", "json")
        results = [first.end(), second.end()]
        for at, result in zip((one, other), results):
            if result.status != 0:  # each may have been in the other's way; none is lost
                at.up().must(0)
        assert any(result.status == 0 for result in results), [result.error for result in results]
        aws.control("settings", change_set_s=0, resource_s=0)
        one.up().must(0)
        converged(aws)


@test
def waits_for_somebody_elses_operation(aws):
    """a stack that somebody else changes right now is waited for"""
    with Project(aws.url) as project:
        project.up("--stack", "network").must(0)
        aws.control("freeze", stack="glanceflow-prod-network", logical_id="FlowLogGroup", operation="UPDATE")
        cf = aws.client("cloudformation")
        template = cf.get_template(StackName="glanceflow-prod-network", TemplateStage="Original")["TemplateBody"]
        kept = [{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in
                cf.describe_stacks(StackName="glanceflow-prod-network")["Stacks"][0]["Parameters"] if p["ParameterKey"] != "FlowLogDays"]
        cf.update_stack(StackName="glanceflow-prod-network", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                        Parameters=kept + [{"ParameterKey": "FlowLogDays", "ParameterValue": "30"}])
        process = project.start("up", "--env", "prod", "--yes", "--format", "json", "--stack", "network")
        process.says('"watching"')
        aws.control("release", stack="glanceflow-prod-network", logical_id="FlowLogGroup")
        result = process.end().must(0)
        assert '"done":1' in result.out, result.out[-500:]


@test
def one_signal_then_another(aws):
    """Ctrl-C: nothing new begins, what runs is watched; a second one leaves at once; up goes on"""
    aws.control("freeze", stack="glanceflow-prod-network", logical_id="Vpc", operation="CREATE")
    with Project(aws.url) as project:
        process = project.start("up", "--env", "prod", "--yes", "--format", "json")
        until(lambda: status(aws, "glanceflow-prod-network"), lambda one: one == "CREATE_IN_PROGRESS", 240)
        process.signal(signal.SIGINT)
        line = process.says('"stopping"')
        assert "golive up --env prod" in line and process.process.poll() is None, line
        process.signal(signal.SIGINT)
        process.end(120).must(6)
        assert status(aws, "glanceflow-prod-network") == "CREATE_IN_PROGRESS"
        process = project.start("up", "--env", "prod", "--yes", "--format", "json")
        process.says('"watching"')
        process.signal(signal.SIGINT)
        process.says('"stopping"')
        aws.control("release", stack="glanceflow-prod-network", logical_id="Vpc")
        process.end(240).must(6)
        project.up().must(0)
        converged(aws)


class Proxy:
    """The proxy that injects faults, as a process."""

    def __init__(self, upstream, seed):
        self.process = subprocess.Popen([sys.executable, str(HERE.parent / "proxy.py"), "--upstream", upstream, "--seed", str(seed)],
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline().split()[-1])}"

    def rules(self, rules):
        asked = urllib.request.Request(f"{self.url}/golive-proxy/rules", json.dumps(rules).encode(), method="PUT")
        urllib.request.urlopen(asked, timeout=60).read()

    def state(self):
        return json.load(urllib.request.urlopen(f"{self.url}/golive-proxy/state", timeout=60))

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait(60)


def effects(aws):
    """How often each stack's creation was begun."""
    begun = {}
    for region in (REGION, GLOBAL):
        for page in aws.client("cloudformation", region).get_paginator("list_stacks").paginate():
            for one in page["StackSummaries"]:
                begun[one["StackName"]] = begun.get(one["StackName"], 0) + 1
    return begun


STORMS = [
    ("throttling and 5xx", [{"fault": "throttle", "probability": 0.015}, {"fault": "error", "status": 503, "probability": 0.03, "body": "html"}]),
    ("connections dropped after the request was applied", [{"fault": "drop-after", "service": "cloudformation", "probability": 0.05},
                                                           {"fault": "cut", "probability": 0.02}, {"fault": "drop-before", "probability": 0.03}]),
    ("every execution's answer lost", [{"fault": "drop-after", "operation": "ExecuteChangeSet", "probability": 0.5}]),
    ("slow answers and an expired token", [{"fault": "slow", "delay_ms": 200, "probability": 0.05},
                                           {"fault": "expired-token", "operation": "DescribeStackEvents", "skip": 5, "count": 1}]),
]


@test
def through_a_bad_line(aws):
    """throttling, 5xx, lost answers, slow answers, an expired token: up converges, each stack made once"""
    for seed, (name, rules) in enumerate(STORMS):
        aws.control("reset")
        with Proxy(aws.url, seed) as proxy, Project(proxy.url) as project:
            proxy.rules(rules)
            result = project.up()
            faults = proxy.state()["faults"]
            proxy.rules([])
            result.must(0)
            converged(aws)
            again = {stack: count for stack, count in effects(aws).items() if count > 1}
            assert not again and sum(faults.values()) >= 1, (again, faults)
            print(f"# {name}: {faults}, {result.outcome()['elapsed_ms']} ms", flush=True)


def main():
    aws = Emulator()
    try:
        return run(TESTS, aws)
    finally:
        aws.stop()


if __name__ == "__main__":
    raise SystemExit(main())
