"""golive promote between two accounts, each of which enforces its policies: by the role that stacks/promotion.yaml makes, with exactly its rights."""
import copy
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("", "up", "place", "release")]
from place_stage import run  # noqa: E402
from stage import GOLIVE  # noqa: E402
from test_deploy import Shop  # noqa: E402
from two_accounts import TwoAccounts  # noqa: E402

STAGING, PRODUCTION = "222222222222", "123456789012"
ROLE = f"arn:aws:iam::{STAGING}:role/glanceflow-stg-promote"
TESTS = []
# Rights that the emulator's registry does not ask for, as it is not AWS's API: GET of a manifest, GET of a layer.
REGISTRY = {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}


def test(function):
    TESTS.append(function)
    return function


class Behind:
    """One account: asked directly by the test, behind the common address for golive."""

    def __init__(self, emulator, url):
        self.client, self.control, self.url = emulator.client, emulator.control, url


def keys(found):
    return {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"]} | (
        {"AWS_SESSION_TOKEN": found["SessionToken"]} if "SessionToken" in found else {})


class World:
    """Release 2 serves in staging, 1 in production (whose service is then there), which lies in another account."""

    def __init__(self):
        self.accounts = TwoAccounts(PRODUCTION, STAGING)
        self.there, self.here = (Behind(one, self.accounts.url) for one in (self.accounts.second, self.accounts.first))
        self.staging = Shop(self.there, env="stg")
        self.plain = self.staging.project.environment()
        self.as_staging()
        self.place_accounts()
        self.staging.put_up()
        self.staging.golive("deploy")
        self.production = self.make_production()
        self.be(None)
        assert self.promote()[0] == 0
        self.as_staging()
        self.staging.change("two")
        self.staging.golive("deploy")

    def as_staging(self):
        self.staging.project.environment = lambda: self.plain | {"AWS_ACCESS_KEY_ID": "second"}

    def place_accounts(self):
        file = self.staging.project.path / "golive.yaml"
        text = file.read_text(encoding="utf-8").replace("layout: single", "layout: account_per_env")
        for env, number in (("dev", "111111111111"), ("stg", STAGING)):
            text = text.replace(f'  {env}:\n    account_id: "{PRODUCTION}"', f'  {env}:\n    account_id: "{number}"')
        file.write_text(text, encoding="utf-8")

    def make_production(self):
        made = copy.copy(self.staging)
        made.aws, made.env, made.tools, made.edge = self.here, "prod", [], self.here.control("edge", "GET")
        self.here.control("settings", minute_s=0.5)
        self.be(None)
        made.put_up()
        made.project.up("--stack", "ci-deploy", *(word for one in made.settings for word in ("--set", one))).must(0)
        return made

    def be(self, found, **more):
        """From now on golive has these keys; None: those for which nothing is refused."""
        self.staging.project.environment = lambda: self.plain | (keys(found) if found else {}) | more
        self.accounts.enforce(found is not None)

    def be_the_workflow(self, **more):
        """From now on golive is what GitHub's workflow of production signs in as."""
        self.accounts.enforce(False)
        role = f"arn:aws:iam::{PRODUCTION}:role/glanceflow-prod-deploy"
        self.be(self.here.client("sts").assume_role(RoleArn=role, RoleSessionName="workflow")["Credentials"], **more)

    def promote(self, *words):
        """golive promote on a machine that did not build it: (exit status, all that it said)."""
        shutil.rmtree(self.staging.layout, ignore_errors=True)
        settings = [word for one in self.production.settings for word in ("--set", one)]
        edge = {"GOLIVE_EDGE_ENDPOINT": f"{self.production.edge['host']}:{self.production.edge['port']}", "GOLIVE_EDGE_CA": self.production.edge["ca_file"]}
        done = subprocess.run([GOLIVE, "promote", "stg", "prod", *words, *settings], cwd=self.staging.project.path, stdin=subprocess.DEVNULL,
                              env=self.staging.project.environment() | edge, capture_output=True, text=True, timeout=240)
        assert "Sanitizer" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def refused(self, *told, words=("--dry-run",)):
        status, said = self.promote(*words)
        assert status == 7 and all(one in said for one in told), (status, said[-3000:])

    def make_role(self):
        self.accounts.enforce(False)
        if ROLE not in [one["Arn"] for one in self.there.client("iam").list_roles()["Roles"]]:
            self.as_staging()
            self.staging.project.up("--stack", "promotion", env="stg").must(0)

    def policy(self):
        """The policy of the role in staging's account."""
        self.make_role()
        return self.there.client("iam").get_role_policy(RoleName="glanceflow-stg-promote", PolicyName="read")["PolicyDocument"]

    def put_policy(self, document):
        self.accounts.enforce(False)
        self.there.client("iam").put_role_policy(RoleName="glanceflow-stg-promote", PolicyName="read", PolicyDocument=json.dumps(document))

    def close(self):
        self.staging.__exit__(None)
        self.accounts.stop()


def as_list(one):
    return one if isinstance(one, list) else [one]


def actions(document):
    return {action for one in document["Statement"] for action in as_list(one["Action"])}


def without(document, action):
    left = copy.deepcopy(document)
    for one in left["Statement"]:
        one["Action"] = [name for name in as_list(one["Action"]) if name != action]
    left["Statement"] = [one for one in left["Statement"] if one["Action"]]
    return left


@test
def without_the_stack(world):
    """as long as staging's account has no such role, promote names it and what makes it; nothing has happened"""
    world.be_the_workflow()
    world.refused(ROLE, "golive up --env stg", "promotion", "sts:AssumeRole", "--from-profile", words=())
    world.be(None)
    assert world.production.weights() == {1: 100}


@test
def only_releases_of_production(world):
    """with the stack: a user of production's account who may do everything is not trusted, nor is staging's own role for releases"""
    world.make_role()
    iam = world.here.client("iam")
    iam.create_user(UserName="administrator")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=json.dumps(everything))
    world.be(iam.create_access_key(UserName="administrator")["AccessKey"])
    world.refused(ROLE, "trusts only glanceflow-prod-deploy")


@test
def production_must_be_allowed_to(world):
    """without sts:AssumeRole in the role of production's releases promote names the action and the stacks"""
    world.be(None)
    iam = world.here.client("iam")
    kept = iam.get_role_policy(RoleName="glanceflow-prod-deploy", PolicyName="release")["PolicyDocument"]
    iam.put_role_policy(RoleName="glanceflow-prod-deploy", PolicyName="release", PolicyDocument=json.dumps(without(kept, "sts:AssumeRole")))
    world.be_the_workflow()
    world.refused(ROLE, "sts:AssumeRole", "golive up --env prod")
    world.be(None)
    iam.put_role_policy(RoleName="glanceflow-prod-deploy", PolicyName="release", PolicyDocument=json.dumps(kept))


@test
def each_right_is_needed_and_named(world):
    """without one of the role's rights promote fails and names it"""
    whole = world.policy()
    for action in sorted(actions(whole) - REGISTRY):
        world.put_policy(without(whole, action))
        world.be_the_workflow()
        status, said = world.promote()
        world.put_policy(whole)
        assert status != 0 and action in said, (action, status, said[-3000:])


@test
def the_variable_names_another_role(world):
    """GOLIVE_PROMOTE_ROLE is taken on instead; one that is not there is named"""
    other = f"arn:aws:iam::{STAGING}:role/reader"
    world.be_the_workflow(GOLIVE_PROMOTE_ROLE=other)
    world.refused(other)
    whole = world.policy()
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "Action": "sts:AssumeRole"}]}
    iam = world.there.client("iam")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=json.dumps(whole))
    deploy = world.here.client("iam")
    deploy.create_user(UserName="person")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    deploy.put_user_policy(UserName="person", PolicyName="all", PolicyDocument=json.dumps(allowed))
    world.be(deploy.create_access_key(UserName="person")["AccessKey"], GOLIVE_PROMOTE_ROLE=other)
    status, said = world.promote("--dry-run")
    assert status == 0, said


@test
def promote_has_exactly_these_rights(world):
    """what passed staging goes to production by its digest, with the two stacks' roles and nothing else; the role allows nothing that is not asked for"""
    whole = world.policy()
    world.be_the_workflow()
    world.there.control("needed", "DELETE")
    status, said = world.promote()
    assert status == 0 and "release 2 of stg" in said, (status, said[-3000:])
    asked = {one["action"] for one in world.there.control("needed", "GET")["needed"]} - {"sts:GetCallerIdentity"}  # which needs no right
    assert asked == actions(whole) - REGISTRY, (asked, actions(whole))
    world.be(None)
    (serving, share), = world.production.weights().items()
    assert share == 100 and world.production.image_of(serving) == world.staging.image_of(2)


if __name__ == "__main__":
    THERE = World()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
