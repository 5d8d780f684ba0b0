"""The world of place_stage.py with a database that only tasks reach, which run their very image."""
import json
import os
import pathlib
import shutil
import sys

from database import OWNER, PASSWORD, Database
from place_stage import GOLIVE, HERE, World, temporary, until

FAMILY, CLUSTER = "glanceflow-prod-migration", "glanceflow-prod-cluster"


def need_root():
    if os.geteuid() != 0:
        print("1..0 # SKIP the task's image is run in a root directory of its own, which needs root")
        sys.exit(0)


class Inside(World):
    """The world with a database and with the task's image in place of its container."""

    def __init__(self, **world):
        super().__init__(**world)
        self.database = Database(self.outputs("glanceflow-prod-data")["DatabaseHost"])
        self.work = temporary("golive-task-")
        secret = self.outputs("glanceflow-prod-data")["MasterSecretArn"]
        self.aws.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps({"username": OWNER, "password": PASSWORD}))
        self.migrations = self.project.path / "backend" / "migrations"
        self.migrations.mkdir(parents=True)
        self.contain()

    def contain(self, keys=None, **more):
        """From now on tasks run their image, which whoever has these keys pulls; or behave as given."""
        command = [sys.executable, str(HERE / "run_image.py"), FAMILY, str(self.work), str(self.database.authority), "PGHOSTADDR=127.0.0.1",
                   f"PGPORT={self.database.port}"]
        behaviour = more or {"command": command, "environment": {"EMULATOR": self.aws.url, "CLUSTER": CLUSTER, **(keys or {})}}
        self.aws.control("image", family=FAMILY, behaviour=behaviour)

    def files(self, **texts):
        """A directory of exactly these migrations, and a database without any."""
        for old in self.migrations.iterdir():
            old.unlink()
        self.database.empty()
        self.add(**texts)

    def add(self, **texts):
        for name, text in texts.items():
            (self.migrations / f"{name.lstrip('m')}.sql").write_text(text, encoding="utf-8")

    def migrate(self, what, *words):
        return self.golive("migrate", what, "--env", "prod", "--format", "json", *words)

    def up(self, *words):
        """golive migrate up with the backup that production wants once there is something to lose."""
        return self.migrate("up", "--backup", *words)

    def begin(self, *words):
        """golive migrate up as a process, as text."""
        return self.process("migrate", "up", "--env", "prod", "--backup", *words, program=GOLIVE)

    def calls(self, operation):
        return [one for one in self.aws.control("calls", "GET")["calls"] if one["operation"] == operation]

    def stopped(self):
        """The task that ended last."""
        ecs = self.aws.client("ecs")
        arns = ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
        return max(ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"], key=lambda task: task["createdAt"])

    def applied(self):
        return [int(row[0]) for row in self.database.sql("select version from _sqlx_migrations where success order by 1")]

    def task_process(self):
        """The process id of golive in the running task's container."""
        def find():
            for entry in pathlib.Path("/proc").iterdir():
                try:
                    if (entry / "cmdline").read_bytes() == b"/app/golive\0internal\0migrate-task\0" and \
                            f"PGPORT={self.database.port}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                        return int(entry.name)
                except OSError:
                    continue
            return None
        return until(find, lambda pid: pid is not None, 60)

    def close(self):
        self.database.close()
        shutil.rmtree(self.work)
        super().close()
