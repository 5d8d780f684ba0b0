#!/usr/bin/env python3
"""Whole releases by golive deploy while AWS throttles everything, loses answers, and no longer takes the session's token."""
import re
import stat

from site_stage import through
from support import ROOT, main
from test_deploy import Shop

SERVICES = ("cloudformation", "ecs", "elbv2", "ecr", "cloudwatch", "sts")


class Fragile(Shop):
    """A project whose golive reaches AWS through a proxy, with keys of a credential process that notes each time that it is asked."""

    def __init__(self, aws, url, **more):
        super().__init__(aws, **more)
        self.asked = self.project.path / "asked"
        self.asked.touch()
        script = self.project.path / "keys"
        script.write_text(f"""#!/bin/sh
echo asked >> {self.asked}
echo '{{"Version": 1, "AccessKeyId": "testing", "SecretAccessKey": "testing", "SessionToken": "session", "Expiration": "2099-01-01T00:00:00Z"}}'
""")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        config = self.project.path / "aws.config"
        config.write_text(f"[default]\ncredential_process = {script}\n")
        environment = self.project.environment
        self.project.environment = lambda: {key: value for key, value in environment().items() if not key.startswith("AWS_ACCESS_KEY") and key != "AWS_SECRET_ACCESS_KEY"} | {
            "AWS_ENDPOINT_URL": url, "AWS_CONFIG_FILE": str(config)}

    def renewed(self):
        return len(self.asked.read_text().splitlines())


def settled(shop, aws, number):
    """What is there once, whatever was asked how often."""
    assert list(shop.weights().values()) == [100] and shop.definition_of(number) in shop.service()["taskDefinition"], shop.weights()
    assert len(shop.definitions()) == number and len(shop.deployments()) == number, (shop.definitions(), shop.deployments())
    assert shop.deployments()[0]["status"] == "SUCCESSFUL"


def test_throttled(aws):
    """every operation of every service is throttled at first, and a share of all later ones: the release comes through, nothing is done twice"""
    with through(aws.url) as proxy, Fragile(aws, proxy.url) as shop:
        shop.golive("deploy")
        seen = {(one["service"], one["operation"]) for one in proxy.log() if one["operation"]}
        assert {service for service, _ in seen} >= set(SERVICES) - {"sts"}, seen
        seen |= {("ecs", "UpdateService"), ("ecs", "ContinueServiceDeployment")}  # the stack made the first one
        proxy.rules(*({"fault": "throttle", "service": service, "operation": operation, "count": 1} for service, operation in sorted(seen)),
                    {"fault": "throttle", "probability": 0.1})
        shop.change("two")
        shop.golive("deploy")
        throttled = {(one["service"], one["operation"]) for one in proxy.log() if one["fault"] == "throttle"}
        assert {"UpdateService", "RegisterTaskDefinition", "DescribeServiceDeployments", "DescribeStacks", "DescribeRules"} <= {name for _, name in throttled}, throttled
        proxy.rules()
        settled(shop, aws, 2)


def test_expired_token(aws):
    """the session's token is no longer taken in the middle of the release: new keys are asked for, and it goes on; twice in one request it is said"""
    with through(aws.url) as proxy, Fragile(aws, proxy.url) as shop:
        shop.golive("deploy")
        shop.change("two")
        before = shop.renewed()
        proxy.rules(*({"fault": "expired-token", "operation": name, "count": 1} for name in ("UpdateService", "ContinueServiceDeployment", "DescribeTargetHealth")))
        shop.golive("deploy")
        assert sum(one["fault"] == "expired-token" for one in proxy.log()) == 3
        assert shop.renewed() >= before + 1 + 3, (before, shop.renewed())
        settled(shop, aws, 2)
        proxy.rules({"fault": "expired-token", "operation": "UpdateService"})
        shop.change("three")
        said = shop.golive("deploy", status=4)
        assert "UpdateService" in said and "expired" in said, said
        proxy.rules()
        assert shop.weights() == {2: 100}


def test_lost_answers(aws):
    """the answer to each request that changes something is lost once: what it did is found again, and not done twice"""
    with through(aws.url) as proxy, Fragile(aws, proxy.url) as shop:
        shop.golive("deploy")
        proxy.rules(*({"fault": "drop-after", "operation": name, "count": 1} for name in ("RegisterTaskDefinition", "UpdateService", "ContinueServiceDeployment", "PutImage")))
        shop.change("two")
        shop.golive("deploy")
        lost = {one["operation"] for one in proxy.log() if one["fault"] == "drop-after"}
        assert {"RegisterTaskDefinition", "UpdateService", "ContinueServiceDeployment"} <= lost, lost
        proxy.rules()
        settled(shop, aws, 2)


def test_every_word(aws):
    """golive's table has exactly the statuses of service deployments that botocore's model has, and calls one of them success"""
    text = (ROOT / "src" / "platform" / "aws" / "deployment_status.c").read_text(encoding="utf-8")
    rows = re.findall(r'^    \{"(\w+)",\s+(GL_ECS_\w+)', text, re.M)
    assert sorted(name for name, _ in rows) == sorted(aws.client("ecs").meta.service_model.shape_for("ServiceDeploymentStatus").enum), rows
    assert [name for name, phase in rows if phase == "GL_ECS_GOOD"] == ["SUCCESSFUL"], rows


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
