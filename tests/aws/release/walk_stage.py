"""The world of a walk: every stack up, a backend, a site and migrations of which each release has something new, runners that share only the account."""
import contextlib
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "place")]
from edge_client import Connection  # noqa: E402
from inside import CLUSTER, Inside, need_root  # noqa: E402,F401
from place_stage import GOLIVE, until  # noqa: E402,F401

APP, API = "app.example.com", "api.example.com"
SERVICE, BACKEND, MIGRATION = "glanceflow-prod-backend", "glanceflow-prod-backend", "glanceflow-prod-migration"
BACKEND_BUILD = "#!/bin/sh\ncp /bin/true server && cat version >> server\n"
SITE_BUILD = """#!/bin/sh
release=$(cat version) && rm -rf build && mkdir -p build/_app/immutable
echo "export const release = $release" > "build/_app/immutable/start.$release.js"
echo "<title>release $release</title><script type=module src=/_app/immutable/start.$release.js></script>" > build/index.html
"""
BUILT = (".golive", "server", "build")  # what a checkout does not have
CHANGES = (
    (r"arch: ARM64", "arch: X86_64\n  binary: server"),
    (r"approval: \{min: 1, approvers: \[tanaka, suzuki\]\}", "approval: {min: 0, approvers: []}"),
    (r"bake_minutes: 15", "bake_minutes: 1\n  bake_seconds: 1\n  keep: 3"),
    (r"smoke_pages: .*", 'smoke_pages: [{path: /, marker: "<title>"}]'),
    (r"  smoke:\n(    - .*\n)+", '  smoke:\n    - {name: answers, url: "https://{domain.api}/readyz", status: 200, timeout_ms: 5000}\n'),
    (r"^release:\n", "build: {backend: ./build.sh, frontend: ./build.sh}\n\nrelease:\n"),
)


def changed(text):
    """The documented example as this project has it."""
    for old, new in CHANGES:
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        assert count >= 1, f"docs/golive.example.yaml has no {old}"
    return text


class Load(threading.Thread):
    """One who asks the API over a kept connection, all the time."""

    def __init__(self, aws):
        super().__init__(daemon=True)
        self.aws, self.answers, self.lost, self.ended = aws, 0, [], threading.Event()
        self.start()

    def run(self):
        connection = Connection(self.aws, API)
        while not self.ended.wait(0.02):
            try:
                status, _, body = connection.ask("/readyz")
                self.answers += 1
                if status != 200:
                    self.lost.append((time.strftime("%T"), status, body[:100]))
            except OSError as error:
                self.lost.append((time.strftime("%T"), repr(error)))
                connection.close()

    def end(self):
        self.ended.set()
        self.join(30)


class Runner:
    """A machine that releases: a checkout of its own, without what another one built or noted."""

    def __init__(self, world):
        self.world = world
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="golive-runner-"))
        self.take_source()

    def take_source(self):
        """The newest source; what was built and noted here stays."""
        shutil.copytree(self.world.project.path, self.path, ignore=shutil.ignore_patterns(*BUILT), dirs_exist_ok=True)

    def run(self, *words, program=GOLIVE, before=(), **environment):
        return subprocess.run([*before, program, *words, "--env", "prod"], cwd=self.path, env=self.world.environment() | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

    @contextlib.contextmanager
    def switched_off(self):
        """Nothing of it can be read meanwhile."""
        hidden = self.path.with_name(self.path.name + "-off")
        self.path.rename(hidden)
        try:
            yield
        finally:
            hidden.rename(self.path)

    def close(self):
        shutil.rmtree(self.path)


class Walk(Inside):
    """The world, and what AWS has of releases."""

    def __init__(self):
        super().__init__(change=changed)
        self.numbers = itertools.count(1)
        store = self.aws.client("secretsmanager")
        for one in store.list_secrets()["SecretList"]:
            if one["Name"].startswith("/glanceflow/prod/"):
                store.put_secret_value(SecretId=one["ARN"], SecretString="a value that tests made up")
        self.aws.control("settings", minute_s=1)
        for part, script in (("backend", BACKEND_BUILD), ("frontend", SITE_BUILD)):
            (self.project.path / part).mkdir(exist_ok=True)
            (self.project.path / part / "build.sh").write_text(script)
            (self.project.path / part / "build.sh").chmod(0o755)
        self.files()

    def environment(self):
        place = self.aws.control("edge", "GET")
        return self.project.environment() | {"GOLIVE_EDGE_ENDPOINT": f"{place['host']}:{place['port']}", "GOLIVE_EDGE_CA": place["ca_file"]}

    def change(self):
        """A new source, with a migration; its number."""
        number = next(self.numbers)
        for part in ("backend", "frontend"):
            (self.project.path / part / "version").write_text(f"{number}\n")
        self.add(**{f"m{number}_more": f"create table made_{number} (id int primary key);"})
        return number

    def runner(self):
        return Runner(self)

    # -- what AWS has

    @property
    def ecs(self):
        return self.aws.client("ecs")

    def release_of(self, definition):
        tags = self.ecs.describe_task_definition(taskDefinition=definition, include=["TAGS"])["tags"]
        return next((int(one["value"]) for one in tags if one["key"] == "golive:release"), None)

    def weights(self):
        """Release to its share by the production rule."""
        rule = self.outputs("glanceflow-prod-service")["ProductionRuleArn"]
        action = self.aws.client("elbv2").describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
        shares = {one["TargetGroupArn"]: one["Weight"] for one in action["ForwardConfig"]["TargetGroups"]}
        service = self.ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
        found = {}
        for one in service["currentServiceRevisions"]:
            revision = self.ecs.describe_service_revisions(serviceRevisionArns=[one["arn"]])["serviceRevisions"][0]
            found[self.release_of(revision["taskDefinition"])] = shares[revision["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"]]
        return found

    def under_way(self):
        """Deployments of the service that have not ended."""
        listed = self.ecs.list_service_deployments(cluster=CLUSTER, service=SERVICE)["serviceDeployments"]
        return [one for one in listed if one["status"] in ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")]

    def definitions(self):
        """The release of each task definition of the backend, doubles included."""
        arns = self.ecs.list_task_definitions(familyPrefix=BACKEND, status="ACTIVE")["taskDefinitionArns"]
        return sorted(self.release_of(arn) for arn in arns)

    def migration_tasks(self):
        """Tasks of migrations so far, each (from, to), in order; to is None while it runs."""
        arns = [arn for status in ("RUNNING", "STOPPED")
                for arn in self.ecs.list_tasks(cluster=CLUSTER, family=MIGRATION, desiredStatus=status)["taskArns"]]
        tasks = [task for at in range(0, len(arns), 100) for task in self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns[at:at + 100])["tasks"]]
        return sorted((task["createdAt"], task.get("stoppedAt")) for task in tasks)

    def page(self):
        """(the release that the site's page is of, whether what it loads is there)."""
        connection = Connection(self.aws, APP)
        status, _, body = connection.ask("/")
        number = int(re.search(r"release (\d+)", body.decode()).group(1)) if status == 200 else None
        return number, connection.ask(f"/_app/immutable/start.{number}.js")[0] == 200

    def tables(self):
        return sorted(int(row[0].partition("_")[2]) for row in self.database.sql("select tablename from pg_tables where tablename like 'made%'"))

    def status(self, runner):
        return json.loads(runner.run("status", "--format", "json").stdout)
