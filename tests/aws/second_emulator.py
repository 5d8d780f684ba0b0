"""Puts the shipped stacks up in MiniStack, an emulator that shares nothing with ours, and says what came of each.

    tests/aws/python tests/aws/second_emulator.py

A second opinion on the templates, not on AWS: what it makes of them is listed in README.md; no test depends on it. It listens on 127.0.0.1 and ends with
this program.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import shipped
from emulator import template
from harness import die_with_parent

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "123456789012"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class MiniStack:
    """The emulator as a process, in a directory of its own."""

    def __init__(self):
        venv = subprocess.run([HERE.parents[1] / "scripts" / "venv", HERE / "second_emulator.txt"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        self.port, self.home = free_port(), tempfile.mkdtemp(prefix="golive-ministack-")
        environment = os.environ | {"GATEWAY_PORT": str(self.port), "MINISTACK_ACCOUNT_ID": ACCOUNT, "LOG_LEVEL": "ERROR", "HOME": self.home,
                                    "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x", "DOCKER_HOST": "tcp://127.0.0.1:1"}
        self.log = open(pathlib.Path(self.home) / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([f"{venv}/bin/ministack"], cwd=self.home, env=environment, stdout=self.log, stderr=subprocess.STDOUT,
                                        preexec_fn=die_with_parent)
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"MiniStack does not start: {(pathlib.Path(self.home) / 'log').read_text()[-1000:]}")
            time.sleep(0.05)

    def client(self, service, region=shipped.HOME):
        made = boto3.client(service, region_name=region, endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=ACCOUNT, aws_secret_access_key="x",
                            config=Config(retries={"max_attempts": 0}, read_timeout=60, s3={"addressing_style": "path"}))
        return Tried(made) if service == "cloudformation" else made

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.home)


# Stands in for outputs of stacks that do not go up there, so that those which need them are tried all the same.
LOAD_BALANCING, RDS = f"arn:aws:elasticloadbalancing:{shipped.HOME}:{ACCOUNT}", f"arn:aws:rds:{shipped.HOME}:{ACCOUNT}"
STAND_INS = {"BoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/shop-boundary", "WebAclArn": f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/shop/1",
             "DistributionId": "E1", "SiteDistributionDomain": "d1.cloudfront.net", "DatabaseArn": f"{RDS}:db:shop-prod-database",
             "DatabaseIdentifier": "shop-prod-database", "MasterSecretArn": f"arn:aws:secretsmanager:{shipped.HOME}:{ACCOUNT}:secret:rds!db-1",
             "DatabaseKeyArn": f"arn:aws:kms:{shipped.HOME}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000001", "DatabaseLogGroup": "/aws/rds/instance/shop",
             "SecretsKeyArn": f"arn:aws:kms:{shipped.HOME}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000002", "AlbFullName": "app/shop-prod/1",
             "BlueFullName": "targetgroup/shop-prod-blue/1", "GreenFullName": "targetgroup/shop-prod-green/1", "ClusterName": "shop-prod-cluster",
             "ServiceName": "shop-prod-backend", "AppLogGroup": "/shop/prod/backend", "ApiProbeId": "00000000-0000-0000-0000-000000000003",
             "AppProbeId": "00000000-0000-0000-0000-000000000004"}


def ground(client):
    """A network made call by call, in place of the stack's: what STAND_INS needs to say about it."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{shipped.HOME}{zone}")["Subnet"]["SubnetId"]
               for number, zone in enumerate("acd")]
    group = ec2.create_security_group(VpcId=vpc, GroupName="stand-in", Description="stand-in")["GroupId"]
    groups = {f"{name}SecurityGroup": group for name in ("Endpoint", "Database", "Alb", "App", "Migration")}
    return groups | {"VpcId": vpc, "VpcCidr": "10.0.0.0/16"} | {name: ",".join(subnets) for name in ("SubnetIds", "PublicSubnets", "PrivateSubnets")}


refused = {}  # resource type: stacks that have it


def type_of(one):
    """Type of a resource, or of what a loop makes."""
    return (one if isinstance(one, dict) else next(iter(one[2].values()))).get("Type")


def without(body, types):
    """The template without resources of some types, and without the outputs that speak of them."""
    tree = template.load(body)
    gone = [name for name, one in tree["Resources"].items() if type_of(one) in types]
    for name in gone:
        del tree["Resources"][name]
    outputs = tree.get("Outputs", {})
    for name in [name for name, one in outputs.items() if any(f'"{one_gone}"' in json.dumps(one) or f'"{one_gone}.' in json.dumps(one) for one_gone in gone)]:
        del outputs[name]
    return json.dumps(tree)


class Tried:
    """CloudFormation that is asked once more without the types that it refused."""

    def __init__(self, client):
        self.inner = client

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def create_change_set(self, **request):
        try:
            return self.inner.create_change_set(**request)
        except ClientError as error:
            types = re.findall(r"AWS::[A-Za-z0-9:]+", error.response["Error"]["Message"])
            if "Unrecognized resource types" not in error.response["Error"]["Message"]:
                raise
            for one in types:
                refused.setdefault(one, set()).add(request["StackName"])
            return self.inner.create_change_set(**{**request, "TemplateBody": without(request["TemplateBody"], types)})


def one_line(text, most=150):
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[:most] + "..."


def stand_ins(placed, given):
    """Stand-ins for the parameters without a value and without a default."""
    known = {one["ParameterKey"] for one in given}
    wanted = [name for name, one in placed.tree["Parameters"].items() if name not in known and "Default" not in one]
    return [{"ParameterKey": name, "ParameterValue": STAND_INS[name]} for name in wanted if name in STAND_INS]


def main():
    emulator = MiniStack()
    try:
        stacks = shipped.load()
        STAND_INS.update(ground(emulator.client))
        given = shipped.parameters
        shipped.parameters = lambda placed, by_key, sample: given(placed, by_key, sample) + stand_ins(placed, given(placed, by_key, sample))
        found = shipped.put_up(emulator.client, stacks, source=shipped.by_body)  # it knows no bucket by its address
        good = [key for key, status in found.items() if status == "CREATE_COMPLETE"]
        whole = [one.key for one in stacks if one.key in good and not any(one.stack in names for names in refused.values())]
        print(f"{len(whole)} of {len(found)} stacks whole: {', '.join(sorted(whole))}")
        print(f"{len(good) - len(whole)} without what it does not know: {', '.join(sorted(set(good) - set(whole)))}")
        print(f"types that it does not know: {', '.join(sorted(refused))}")
        for stack in stacks:
            if found[stack.key] == "CREATE_COMPLETE":
                continue
            try:
                reasons = shipped.failures(emulator.client, stack)
            except Exception as error:  # it may not know the events of what it never made
                reasons = [str(error)]
            print(f"{stack.key}: {one_line(found[stack.key])}" + "".join(f"\n    {one_line(reason)}" for reason in reasons[:3]))
    finally:
        emulator.stop()


if __name__ == "__main__":
    main()
