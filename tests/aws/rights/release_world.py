"""An environment with every stack, a backend, a site and a database, and golive as a user who may do what one policy says."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "place"), str(HERE.parent / "up"), str(ROOT / "policies" / "make")]
import boto3  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
import make  # noqa: E402,F401
from inside import GOLIVE, Inside, need_root  # noqa: E402,F401
from place_stage import run  # noqa: E402,F401
from stage import REGION  # noqa: E402

APP, ENV, USER = "glanceflow", "prod", "releaser"


def allow(*actions):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


SETTINGS = ["backend.arch=X86_64", "backend.binary=server", "build.backend=./build.sh", "build.frontend=./build.sh", "release.strategy=blue_green",
            "release.bake_seconds=1", "release.keep=2"]
SMOKE = """  smoke:
    - {name: answers, url: "https://{domain.api}/readyz", status: 200, timeout_ms: 5000}
"""
BACKEND = "#!/bin/sh\ncp /bin/true server && cat version >> server\n"
FRONTEND = """#!/bin/sh
mkdir -p build/_app/immutable
echo "export default 1" > build/_app/immutable/app.$(cat version).js
for page in build/index.html build/login.html; do echo "<html><head><title>$(cat version)</title></head></html>" > $page; done
"""


def with_smoke(text):
    """The documented example with a smoke test that the emulator's application passes, and nobody who approves."""
    text = text.replace("approval: {min: 1,", "approval: {min: 0,")
    begin = text.index("  smoke:\n")
    end = text.index("  rollback:\n", begin)
    return text[:begin] + SMOKE + text[end:]


class ReleaseWorld(Inside):
    """Releases of an environment of which everything stands. hold() gives golive a user with exactly this policy."""

    def __init__(self):
        super().__init__(change=with_smoke, settings=SETTINGS)
        edge = self.aws.control("edge", "GET")
        self.edge = {"GOLIVE_EDGE_ENDPOINT": f"{edge['host']}:{edge['port']}", "GOLIVE_EDGE_CA": edge["ca_file"]}
        self.aws.control("settings", minute_s=0.5)
        self.fill_secrets()
        self.sources()
        keys = self.new_user("puller", allow("ecr:*", "ecs:*"))
        self.contain(keys={"PULL_KEY": keys["AccessKeyId"]})
        self.number = 0
        self.hold(None)

    def fill_secrets(self):
        store = self.aws.client("secretsmanager")
        for one in store.list_secrets()["SecretList"]:
            if one["Name"].startswith(f"/{APP}/{ENV}/"):
                store.put_secret_value(SecretId=one["ARN"], SecretString="a value that tests made up")

    def sources(self):
        for name, script in (("backend", BACKEND), ("frontend", FRONTEND)):
            directory = self.project.path / name
            directory.mkdir(exist_ok=True)
            (directory / "build.sh").write_text(script)
            (directory / "build.sh").chmod(0o755)

    def change(self, migration=True):
        """A next version of everything."""
        self.number += 1
        for name in ("backend", "frontend"):
            (self.project.path / name / "version").write_text(f"v{self.number}\n")
        if migration:
            self.add(**{f"m{self.number}_table": f"create table t{self.number} (id int primary key);"})

    def new_user(self, name, policy):
        iam = self.aws.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=json.dumps(policy))
        return iam.create_access_key(UserName=name)["AccessKey"]

    def hold(self, policy):
        """From now on golive may do exactly this; None: everything."""
        iam = self.aws.client("iam")
        if not self.keys:
            key = self.new_user(USER, allow("*"))
            self.keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        self.aws.control("enforce", on=False)  # the test itself has no policy
        if policy is not None:
            iam.put_user_policy(UserName=USER, PolicyName="only", PolicyDocument=json.dumps(policy))
            self.aws.control("enforce", on=True)

    def golive(self, *words):
        """golive with the test's settings; words begin with the command (`log verify` and `migrate status` are two)."""
        environment = self.project.environment() | self.keys | self.edge
        settings = [word for one in SETTINGS for word in ("--set", one)]
        self.keys, kept = {**self.keys, **self.edge}, self.keys
        try:
            return self.end(self.process(*words, *settings, program=GOLIVE))
        finally:
            self.keys = kept

    region = REGION

    def needed(self):
        """Every right that golive's calls as the user were asked for."""
        return {one["action"] for one in self.aws.control("needed", "GET")["needed"] if one["principal"].endswith(f"/{USER}")}

    def refusal(self, service, operation, **given):
        """What a call of the user's own is refused with; an empty text when it is not."""
        client = boto3.client(service, region_name=REGION, endpoint_url=self.aws.url, aws_access_key_id=self.keys["AWS_ACCESS_KEY_ID"],
                              aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"])
        try:
            getattr(client, operation)(**given)
        except ClientError as error:
            return str(error)
        return ""
