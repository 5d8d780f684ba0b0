#!/usr/bin/env python3
"""The example goes to production on AWS: golive deploy builds its image, the tasks of ECS are processes of exactly that image, which they pull by its digest
from the registry behind ECR; the database is a PostgreSQL, which golive's own migration task prepares; users come by the load balancer. Then a release that
cannot start is undone, and one that can goes out, while somebody keeps asking.

What is not AWS: the emulator (tests/aws/README.md), and that a task's root directory and its addresses are of this machine (place/run_backend.py)."""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "aws" / "place"), str(HERE.parent / "aws" / "release")]
from database import OWNER, PASSWORD  # noqa: E402
from support import EXAMPLE, Tap, process_ids, process_text  # noqa: E402
from walk_stage import API, APP, BACKEND, CLUSTER, Connection, Inside, Load, need_root  # noqa: E402

ARCH = {"x86_64": "X86_64", "aarch64": "ARM64"}[os.uname().machine]
CHANGES = (
    (r"arch: ARM64", f"arch: {ARCH}"),
    (r"approval: \{min: 1, approvers: \[tanaka, suzuki\]\}", "approval: {min: 0, approvers: []}"),
    (r"bake_minutes: 15", "bake_minutes: 1\n  bake_seconds: 1"),
    # What scripts/check-example and the other tests built is taken as it is; cargo sees by itself.
    (r"^release:\n", "build: {frontend: 'test -d build || { test -d node_modules || npm ci; npm run build; }'}\n\nrelease:\n"),
)
NOT_SET = ("RUST_LOG", re.compile(r"^  - \{name: RUST_LOG,.*\n", re.M))
EXIT_CONFIG = 78  # examples/glanceflow/backend/src/main.rs


def changed(text):
    """The documented example as this project has it."""
    for old, new in CHANGES:
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        assert count >= 1, f"docs/golive.example.yaml has no {old}"
    return text


class Production(Inside):
    """Production of the example, of which everything stands but no release."""

    def __init__(self):
        super().__init__(change=changed)
        shutil.rmtree(self.project.path / "backend")
        for part in ("backend", "frontend"):
            (self.project.path / part).symlink_to(EXAMPLE / part)
        (self.project.path / ".gitignore").write_text(".golive/\n")
        self.git("init", "-q")
        self.commit("Begin")
        self.aws.control("settings", minute_s=1, check_images=True, grace_s=60)
        self.fill_secrets()
        self.run_backends()
        self.edge = self.aws.control("edge", "GET")

    def fill_secrets(self):
        host = self.outputs("glanceflow-prod-data")["DatabaseHost"]
        login = f"{OWNER}:{urllib.parse.quote(PASSWORD, safe='')}"
        values = {"DATABASE_URL": f"postgres://{login}@{host}:{self.database.port}/app?sslmode=require", "JWT_SECRET": "a long enough secret of tests " + "x" * 9,
                  "SENTRY_DSN": "https://nobody@127.0.0.1:9/1"}
        store = self.aws.client("secretsmanager")
        for one in store.list_secrets()["SecretList"]:
            if one["Name"].startswith("/glanceflow/prod/"):
                value = next((value for name, value in values.items() if one["Name"].endswith(name)), "https://nobody.example.com/1")
                store.put_secret_value(SecretId=one["ARN"], SecretString=value)

    def run_backends(self):
        """Tasks of the backend run their image, in which the database's name leads to the one here."""
        login = base64.b64decode(self.aws.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]).decode()
        name = self.outputs("glanceflow-prod-data")["DatabaseHost"]
        program = [sys.executable, str(HERE.parent / "aws" / "place" / "run_backend.py"), str(self.work), "{image}", f"{name}=127.0.0.1"]
        self.aws.control("image", family=BACKEND, behaviour={"command": program, "forward": "{loopback}:8080",
                                                             "environment": {"PULL_LOGIN": login, "BIND_ADDR": "{loopback}"}})

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=golive", "-c", "user.email=golive@example.com", *words], cwd=self.project.path, check=True)

    def commit(self, what):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", what)

    def golive(self, *words):
        """(exit status, all it said, seconds)."""
        environment = self.project.environment() | {"GOLIVE_EDGE_ENDPOINT": f"{self.edge['host']}:{self.edge['port']}", "GOLIVE_EDGE_CA": self.edge["ca_file"]}
        begun = time.monotonic()
        done = subprocess.run([os.environ["GOLIVE"], *words, "--env", "prod"], cwd=self.project.path, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        return done.returncode, done.stdout, time.monotonic() - begun

    def change(self, what, pattern, replacement):
        """A commit that changes golive.yaml."""
        path = self.project.path / "golive.yaml"
        text, count = pattern.subn(replacement, path.read_text(encoding="utf-8"))
        assert count == 1, pattern
        path.write_text(text, encoding="utf-8")
        self.commit(what)

    # -- what runs

    def definition(self):
        """The task definition that the service has."""
        service = self.aws.client("ecs").describe_services(cluster=CLUSTER, services=[BACKEND])["services"][0]
        return self.aws.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]

    def tasks(self):
        """Process ids of the image's program, with their environment, of this world's tasks."""
        found = {}
        for pid in process_ids():
            if process_text(pid, "cmdline").startswith("/app/server\0") and str(self.database.port) in process_text(pid, "environ"):
                found[pid] = dict(one.split("=", 1) for one in process_text(pid, "environ").split("\0") if "=" in one)
        return found

    def program_digests(self):
        """What runs: SHA-256 of each task's program, read from its own root; and of the one that was built."""
        digest = lambda path: subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
        return {digest(f"/proc/{pid}/root/app/server") for pid in self.tasks()}, digest(EXAMPLE / "backend" / "target" / "release" / "glanceflow")


class Visitor:
    """A user of the application, by the load balancer."""

    def __init__(self, world):
        self.world = world
        self.token = self.ask("POST", "/auth/register", {"email": f"e2e-{os.urandom(4).hex()}@example.com", "password": "a long enough password",
                                                         "display_name": "e2e"})["token"]

    def ask(self, method, path, body=None):
        more = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api") else {}
        status, _, answer = Connection(self.world.aws, API).ask(path, method, json.dumps(body) if body else None, Content_Type="application/json", **more)
        assert status in (200, 201), (method, path, status, answer)
        return json.loads(answer)

    def says(self, text):
        self.ask("POST", "/api/statuses", {"body": text, "mood": "focused"})

    def reads(self):
        return json.dumps(self.ask("GET", "/api/statuses?limit=10"))


def first_release(world, tap):
    """Everything for the first time; returns who then uses it."""
    status, said, seconds = world.golive("deploy")
    tap.check(status == 0, f"the example goes to production # {seconds:.1f} s", said)
    if status:
        return None
    running, tasks = world.definition()["containerDefinitions"][0], world.tasks()
    digests, built = world.program_digests()
    tap.check(len(tasks) == 2 and digests == {built}, "two tasks run the very program that was built", tasks.keys(), digests, built)
    names = {one["name"] for one in running["environment"] + running["secrets"]} | {"BIND_ADDR"}
    tap.check(all(set(one) == names for one in tasks.values()), "with the variables of the task definition and no other",
              names, *map(sorted, tasks.values()))
    mounts = [process_text(pid, "mountinfo").splitlines()[0].split()[4:6] + [process_text(pid, "status")] for pid in tasks]
    tap.check(all(place == "/" and "ro" in how.split(",") and "\nUid:\t65532\t65532" in of for place, how, of in mounts),
              "as an ordinary user, on a root that cannot be written", mounts)
    files = sorted(int(one.name.partition("_")[0]) for one in (EXAMPLE / "backend" / "migrations").glob("*.sql"))
    tap.check(world.applied() == files, "golive's migration task has applied every migration", world.applied(), files)
    status, _, page = Connection(world.aws, APP).ask("/")
    tap.check(status == 200 and b"<title>" in page, "the site is served by CloudFront", status, page[:300])
    visitor = Visitor(world)
    visitor.says("the first release serves")
    tap.check("the first release serves" in visitor.reads(), "a user registers, writes and reads")
    return visitor


def broken_release(world, tap, visitor):
    """A required variable is forgotten: the new tasks end at once."""
    before = world.tasks().keys(), world.definition()["containerDefinitions"][0]["image"]
    name, line = NOT_SET
    world.change("Forget a variable", line, "")
    status, said, seconds = world.golive("deploy")
    tap.check(status == 4, f"a release without {name} is undone # {seconds:.1f} s", status, said)
    tap.check(f"exit status {EXIT_CONFIG}" in said and "configuration refused" in said and name in said, "it says how the task ended and what the task said", said)
    after = world.tasks().keys(), world.definition()["containerDefinitions"][0]["image"]
    tap.check(before == after, "the same processes as before serve", before, after)
    visitor.says("after the undone release")
    tap.check("after the undone release" in visitor.reads(), "the user goes on with the login from before")


def good_release(world, tap, visitor):
    """The variable is there again, with another value."""
    before = set(world.tasks())
    world.change("Set it otherwise", re.compile(r"^env_vars:\n", re.M), "env_vars:\n  - {name: RUST_LOG, scope: backend, kind: plain, required: true, values: "
                 "{dev: debug, stg: info, prod: debug}}\n")
    status, said, seconds = world.golive("deploy")
    tap.check(status == 0, f"the release that can start goes out # {seconds:.1f} s", said)
    after = world.tasks()
    serving = {pid for pid, one in after.items() if one["RUST_LOG"] == "debug"}
    tap.check(len(serving) == 2 and not serving & before, "other processes serve, with the new value", before, after.keys())
    visitor.says("after the next release")
    tap.check("the first release serves" in visitor.reads() and "after the next release" in visitor.reads(), "what was written stays")


def main():
    need_root()
    begun, tap, world = time.monotonic(), Tap(), Production()
    print(f"# production stands after {time.monotonic() - begun:.1f} s", flush=True)
    try:
        visitor = first_release(world, tap)
        if not tap.failed:
            load = Load(world.aws)
            broken_release(world, tap, visitor)
            good_release(world, tap, visitor)
            load.end()
            tap.check(load.answers > 100 and not load.lost, f"nobody who asked meanwhile went without an answer # {load.answers} answers", load.lost[:10])
    finally:
        world.close()
    left = world.tasks()
    tap.check(not left, "nothing is left running", left.keys())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
