#!/usr/bin/env python3
"""golive deploy, rollback, status, logs on AWS: the whole step table against the emulator; no database and no frontend."""
import copy
import json
import re
import shutil
import subprocess
import time

from support import Environment, main, until

SMOKE = """  smoke:
    - {name: answers, url: "https://{domain.api}/readyz", status: 200, timeout_ms: 5000}
"""


class Shop(Environment):
    """An environment with a project that can be built: one program, whose content is the version."""

    def __init__(self, aws, **more):
        more = {"backend__arch": "X86_64", "release__bake_seconds": 2, "backend__binary": "server", "build__backend": "./build.sh", **more}
        super().__init__(aws, **more)
        text = (self.project.path / "golive.yaml").read_text()
        text = text.replace("approval: {min: 1,", "approval: {min: 0,")  # one deployer, nobody who approves
        text = re.sub(r"  smoke:\n(    - .*\n)+", SMOKE, text)
        (self.project.path / "golive.yaml").write_text(text)
        backend = self.project.path / "backend"
        backend.mkdir()
        (backend / "build.sh").write_text("#!/bin/sh\ncp /bin/true server && cat version >> server\n")
        (backend / "build.sh").chmod(0o755)
        self.change("one")

    def change(self, content):
        (self.project.path / "backend" / "version").write_text(content + "\n")

    def golive(self, *words, status=0):
        settings = [word for one in self.settings for word in ("--set", one)]
        begun = time.monotonic()
        done = self.start(*words, *settings)
        done.wait(480)
        self.seconds = time.monotonic() - begun
        out, error = done.stdout.read(), done.stderr.read()
        assert done.returncode == status, f"exit status {done.returncode}, not {status}\n{out}\n{error}"
        return out + error

    def start(self, *words):
        from stage import GOLIVE
        edge = {"GOLIVE_EDGE_ENDPOINT": f"{self.edge['host']}:{self.edge['port']}", "GOLIVE_EDGE_CA": self.edge["ca_file"]}
        return subprocess.Popen([GOLIVE, words[0], "--env", self.env, *words[1:]], cwd=self.project.path, env=self.project.environment() | edge,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def image_of(self, number):
        return self.tags(self.definition_of(number))["golive:digest"]


def test_deploy(aws):
    """two releases, status, logs, and back"""
    with Shop(aws) as shop:
        shop.golive("deploy")
        assert shop.weights() == {1: 100}
        shop.change("two")
        shop.golive("deploy")
        assert shop.weights() == {2: 100} and shop.deployments()[0]["status"] == "SUCCESSFUL"
        said = json.loads(shop.golive("status", "--format", "json"))
        assert said["serving"] == 2 and said["versions"][0]["weight_pct"] == 100 and said["platform"]["services"][0]["running"] == 2, said
        assert "release 2" in shop.golive("status")
        said = shop.golive("logs", "--format", "json")  # nothing was written: it is said where and since when was looked
        assert "no line of backend yet; looked in the log group /glanceflow/prod/backend in ap-northeast-1, since 20" in said, said
        shop.golive("rollback")
        assert shop.weights() == {1: 100} and len(shop.definitions()) == 2


def test_deploy_linear(aws):
    """linear: 40, 80, all, each share watched; what dies of requests is undone at the share that it has"""
    with Shop(aws, strategy="linear", release__canary__percent=40, release__canary__seconds=4, release__limits__min_requests=5) as shop:
        shop.golive("deploy")
        shop.change("two")
        assert "40 % of new requests after 40 %" in shop.golive("deploy", "--dry-run")
        process = shop.start("deploy", *[word for one in shop.settings for word in ("--set", one)])
        for pct in (40, 80, 100):
            until(lambda: shop.weights().get(2), lambda weight, pct=pct: weight == pct, 60)
        out, error = process.communicate(timeout=480)
        assert process.returncode == 0 and shop.weights() == {2: 100} and shop.deployments()[0]["status"] == "SUCCESSFUL", out + error
        shop.change("three")
        process = shop.start("deploy", *[word for one in shop.settings for word in ("--set", one)])
        until(lambda: shop.weights().get(3), lambda weight: weight == 80, 60)
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-p95", StateValue="ALARM", StateReason="too slow")
        out, error = process.communicate(timeout=480)
        assert process.returncode == 4 and "glanceflow-prod-rollback-p95" in out + error and shop.weights() == {2: 100}, out + error


def test_deploy_tagged(aws):
    """a commit that is tagged with a version: the image has the commit's tag, the version's and latest; the next commit gets latest only with its own"""
    with Shop(aws) as shop:
        def git(*words):
            who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
            return subprocess.run(["git", *who, *words], cwd=shop.project.path, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

        def tags():
            found = aws.client("ecr").describe_images(repositoryName="glanceflow/backend")["imageDetails"]
            return {one["imageDigest"]: sorted(one.get("imageTags", [])) for one in found}
        (shop.project.path / ".gitignore").write_text(".golive/\nserver\n")
        git("init", "-q")
        git("add", ".")
        git("commit", "-qm", "one")
        git("tag", "v1.2.0")
        first = git("rev-parse", "--short=7", "HEAD")
        shop.golive("deploy")
        assert tags()[shop.image_of(1)] == sorted([first, "latest", "v1.2.0"]), tags()
        shop.change("two")
        git("commit", "-qam", "two")
        shop.golive("deploy")
        assert tags()[shop.image_of(1)] == sorted([first, "v1.2.0"]), tags()
        assert tags()[shop.image_of(2)] == sorted([git("rev-parse", "--short=7", "HEAD"), "latest"]), tags()


def test_deploy_breaks(aws):
    """a version that dies at its start is undone: exit status 4, the old one serves, the cause is said"""
    with Shop(aws) as shop:
        shop.golive("deploy")
        aws.control("image", family="glanceflow-prod-backend", behaviour={"start": "exit", "exit_code": 101, "log": ["panicked"]})
        shop.change("two")
        said = shop.golive("deploy", status=4)
        assert "its process ended (exit status 101)" in said and "panicked" in said, said
        assert shop.weights() == {1: 100} and shop.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL"


def test_deploy_alarm(aws):
    """an alarm while it bakes undoes the release: exit status 4, the old version serves, the alarm is named"""
    with Shop(aws) as shop:
        shop.golive("deploy")
        shop.settings = [one if one != "release.bake_seconds=2" else "release.bake_seconds=60" for one in shop.settings]
        shop.change("two")
        words = [word for one in shop.settings for word in ("--set", one)]
        process = shop.start("deploy", *words)
        until(lambda: shop.deployments()[0].get("lifecycleStage") if len(shop.deployments()) > 1 else None,
              lambda stage: stage == "POST_PRODUCTION_TRAFFIC_SHIFT", 60)
        assert "Under way in ECS (backend): " in shop.golive("status")
        aws.client("cloudwatch").set_alarm_state(AlarmName="glanceflow-prod-rollback-p95", StateValue="ALARM", StateReason="too slow")
        out, error = process.communicate(timeout=480)
        assert process.returncode == 4 and "glanceflow-prod-rollback-p95" in out + error, (process.returncode, out, error)
        assert shop.weights() == {1: 100} and shop.deployments()[0]["status"] == "ROLLBACK_SUCCESSFUL"


def test_deploy_despite_alarm(aws):
    """a release that mends what an alarm fires for is let through by the alarm's name; another alarm still undoes it"""
    fires, other = "glanceflow-prod-rollback-5xx", "glanceflow-prod-rollback-p95"
    words = ("deploy", "--despite-alarm", fires, "--reason", "mends release 1")
    with Shop(aws) as shop:
        shop.golive("deploy")
        aws.client("cloudwatch").set_alarm_state(AlarmName=fires, StateValue="ALARM", StateReason="3 of 5 minutes")
        shop.change("two")
        assert f"--despite-alarm {fires} --reason" in shop.golive("deploy", status=4)
        assert "--reason why" in shop.golive("deploy", "--despite-alarm", fires, status=2)
        aws.client("cloudwatch").set_alarm_state(AlarmName=other, StateValue="ALARM", StateReason="slow")
        assert other in shop.golive(*words, status=4)
        aws.client("cloudwatch").set_alarm_state(AlarmName=other, StateValue="OK", StateReason="quick")
        shop.golive(*words)
        assert list(shop.weights().values()) == [100], shop.weights()
        begun = [one for one in shop.project.ledger("--env", "prod") if one["kind"] == "release.begin"]
        assert begun[-1]["data"]["despite"] == {"alarm": fires, "reason": "mends release 1"}, begun[-1]


def test_deploy_killed(aws):
    """golive is killed while its version starts; golive deploy goes on, with one deployment"""
    with Shop(aws) as shop:
        shop.golive("deploy")
        shop.change("two")
        aws.control("settings", stage_s={"SCALE_UP": 3.0})
        words = [word for one in shop.settings for word in ("--set", one)]
        process = shop.start("deploy", *words)
        until(lambda: len(shop.deployments()) > 1 and shop.deployments()[0].get("lifecycleStage"), lambda stage: stage == "SCALE_UP", 60)
        process.kill()
        process.wait()
        shop.golive("deploy")
        assert shop.weights() == {2: 100} and len(shop.deployments()) == 2 and len(shop.definitions()) == 2


def test_promote(aws):
    """what passed staging goes to production by its digest, from a machine that did not build it; twice it does not go"""
    with Shop(aws, env="stg") as staging:
        staging.golive("deploy")
        production = copy.copy(staging)
        production.env = "prod"
        production.tools = []
        production.put_up()
        shutil.rmtree(staging.layout)
        said = production.golive("promote", "stg", "prod")
        assert "release 1 of stg" in said and production.weights() == {1: 100}, said
        assert production.image_of(1) == staging.image_of(1)
        assert "serves in prod already" in production.golive("promote", "stg", "prod", status=7)
        staging.change("two")
        assert "is not the source of release 1 of stg" in production.golive("promote", "stg", "prod", status=7)


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
