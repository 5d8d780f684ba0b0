#!/usr/bin/env python3
"""golive deploy, rollback, status, logs of a backend on App Runner: the whole step table against the emulator, and under exactly deploy-apprunner.json."""
import json
import re
import threading

from apprunner_stage import Runner, until
from support import ROOT, main
from test_deploy import SMOKE, Shop

PROBE = '    - {name: works, url: "https://{domain.api}/x", status: 200, timeout_ms: 5000}\n'
ACCOUNT = "123456789012"


class RunnerShop(Shop, Runner):
    """A project that can be built, whose backend runs on App Runner."""

    def __init__(self, aws, **more):
        super().__init__(aws, **more)
        file = self.project.path / "golive.yaml"
        file.write_text(file.read_text().replace(SMOKE, SMOKE + PROBE))

    def number(self):
        return int(self.variables()["GOLIVE_RELEASE"])

    def next_instance(self, **behaviour):
        """What the next instance is like, whatever its image."""
        self.aws.control("image", family=self.name, behaviour={**behaviour, "times": 1})

    def hold(self, policy):
        """From now on golive may do exactly this."""
        iam = self.aws.client("iam")
        iam.create_user(UserName="releaser")
        iam.put_user_policy(UserName="releaser", PolicyName="only", PolicyDocument=policy)
        key = iam.create_access_key(UserName="releaser")["AccessKey"]
        environment = self.project.environment
        self.project.environment = lambda: environment() | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        self.aws.control("enforce", on=True)


def test_deploy(aws):
    """two releases, the same once more, status, logs, and back; what is planned is told in App Runner's words"""
    with RunnerShop(aws) as shop:
        said = shop.golive("deploy", "--dry-run")
        assert "App Runner update the service" in said and shop.service() is None, said
        shop.golive("deploy")
        assert shop.number() == 1
        first = shop.serving()
        shop.change("two")
        shop.next_instance(log=["two is here"])
        shop.golive("deploy")
        assert shop.number() == 2 and shop.operations() == [("UPDATE_SERVICE", "SUCCEEDED"), ("CREATE_SERVICE", "SUCCEEDED")]
        said = json.loads(shop.golive("status", "--format", "json"))
        assert said["serving"] == 2 and said["versions"][0]["weight_pct"] == 100 and said["platform"]["services"][0]["up"], said
        assert "two is here" in shop.golive("logs", "backend")
        shop.golive("rollback")
        assert shop.number() == 1 and json.loads(shop.serving())["digest"] == json.loads(first)["digest"]
        assert "release 1" in shop.golive("status")
        aws.control("settings", runner_s=600.0)
        shop.update(BY="hand")
        until(lambda: shop.operations()[0], lambda found: found == ("UPDATE_SERVICE", "IN_PROGRESS"))
        assert "Under way in App Runner (backend): IN_PROGRESS, UPDATE_SERVICE" in shop.golive("status")


def test_taken_back(aws):
    """a version that is never healthy: App Runner takes it back, golive says it failed (exit status 4), the old one serves; the next release is whole"""
    with RunnerShop(aws) as shop:
        shop.golive("deploy")
        shop.change("two")
        shop.next_instance(healthy=False, log=["no database"])
        said = shop.golive("deploy", status=4)
        assert "ROLLBACK_SUCCEEDED" in said and "no database" in said, said
        assert shop.number() == 1 and shop.operations()[0] == ("UPDATE_SERVICE", "ROLLBACK_SUCCEEDED")
        shop.change("three")
        shop.golive("deploy")
        assert shop.number() == 3


def test_smoke_fails(aws):
    """a version that runs and does not work has all requests by then: it is undone by another update, with the variables that served"""
    with RunnerShop(aws) as shop:
        shop.golive("deploy")
        variables = shop.variables()
        shop.change("two")
        shop.next_instance(error_share=1.0)
        said = shop.golive("deploy", status=4)
        assert "works" in said and shop.number() == 1 and shop.variables() == variables, said
        assert [status for _, status in shop.operations()] == ["SUCCEEDED"] * 3


def test_first_smoke_fails(aws):
    """a first release that does not work leaves no service; the next one makes it"""
    with RunnerShop(aws) as shop:
        shop.next_instance(error_share=1.0)
        assert "nothing serves yet" in shop.golive("deploy", status=14)
        assert shop.service() is None
        shop.change("two")
        shop.golive("deploy")
        assert shop.number() == 2


def test_breach(aws):
    """errors that CloudWatch counts while it bakes undo the release: exit status 4, the old version serves"""
    with RunnerShop(aws, release__limits__min_requests="5") as shop:
        shop.golive("deploy")
        shop.settings = [one if one != "release.bake_seconds=2" else "release.bake_seconds=120" for one in shop.settings]
        shop.change("two")
        shop.next_instance(error_share=0.5)  # the first request, the smoke test's, is good
        process = shop.start("deploy", *[word for one in shop.settings for word in ("--set", one)])
        said = []
        reader = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
        reader.start()
        until(lambda: process.poll() is not None or any("smoke new" in line for line in said), bool, 120)
        while process.poll() is None:
            shop.serving()
        reader.join(30)
        out = "".join(said)
        assert process.returncode == 4 and re.search(r"bake .*5xx", out), (process.returncode, out[-2000:], process.stderr.read())
        assert shop.number() == 1


def test_alarm(aws):
    """an alarm of release.rollback.when that fires while it bakes undoes the release: exit status 4, the alarm is named, the old version serves"""
    with RunnerShop(aws) as shop:
        shop.golive("deploy")
        shop.settings = [one if one != "release.bake_seconds=2" else "release.bake_seconds=120" for one in shop.settings]
        shop.change("two")
        process = shop.start("deploy", *[word for one in shop.settings for word in ("--set", one)])
        until(lambda: (shop.number(), shop.operations()[0]), lambda found: found == (2, ("UPDATE_SERVICE", "SUCCEEDED")), 120)
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-5xx", StateValue="ALARM", StateReason="3 of 5 minutes")
        out, error = process.communicate(timeout=480)
        assert process.returncode == 4 and "alarm glanceflow-prod-rollback-5xx: 3 of 5 minutes" in out + error, (process.returncode, out, error)
        assert shop.number() == 1


def test_killed(aws):
    """golive is killed while App Runner works; golive deploy goes on with the same operation, golive rollback waits for its end and goes back"""
    with RunnerShop(aws) as shop:
        shop.golive("deploy")
        words = [word for one in shop.settings for word in ("--set", one)]
        for number, command, serving in ((2, "deploy", 2), (3, "rollback", 2)):
            shop.change(str(number))
            aws.control("settings", runner_s=4.0)
            process = shop.start("deploy", *words)
            until(lambda number=number: shop.number() == number and shop.operations()[0][1] == "IN_PROGRESS", bool, 120)
            process.kill()
            process.wait()
            aws.control("settings", runner_s=0.0)
            shop.golive(command)
            assert shop.number() == serving, (command, shop.number())
        assert [status for _, status in shop.operations()] == ["SUCCEEDED"] * 4


def test_rights(aws):
    """under exactly deploy-apprunner.json: releases, status, logs, rollback; nothing is asked for that it does not allow, and without one right golive names it"""
    with RunnerShop(aws) as shop:
        shop.golive("deploy")
        text = (ROOT / "policies" / "deploy-apprunner.json").read_text(encoding="utf-8").replace("APP", "glanceflow").replace("ENV", "prod")
        shop.hold(text)
        aws.control("needed", "DELETE")
        for content in ("two", "three"):
            shop.change(content)
            shop.golive("deploy")
        for words in (("status",), ("logs", "backend"), ("rollback",)):
            shop.golive(*words)
        allowed = {action for one in json.loads(text)["Statement"] for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])}
        asked = {one["action"] for one in aws.control("needed", "GET")["needed"] if one["principal"].endswith("/releaser")}
        assert {"apprunner:UpdateService", "apprunner:ListOperations", "iam:PassRole", "ecs:RegisterTaskDefinition"} <= asked <= allowed, asked - allowed
        aws.control("enforce", on=False)
        aws.client("iam").put_user_policy(UserName="releaser", PolicyName="only", PolicyDocument=text.replace('"apprunner:UpdateService"', '"apprunner:ListTagsForResource"'))
        aws.control("enforce", on=True)
        shop.change("four")
        assert "apprunner:UpdateService" in shop.golive("deploy", status=4)


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
