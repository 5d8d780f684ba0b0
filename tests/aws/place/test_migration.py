"""golive migrate against a database inside the network: the task's own image runs against a real PostgreSQL."""
import json
import os
import signal
import sys

from database import OWNER, PASSWORD
from inside import CLUSTER, FAMILY, Inside, need_root
from place_stage import HERE, run, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def states(said):
    return {one["version"]: one["state"] for one in json.loads(said.must(0).out)["migrations"]}


def sleeping(world):
    """Waits until a migration sleeps in the database."""
    until(lambda: world.database.sql("select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"),
          lambda rows: rows == [["1"]], 90)


@test
def applies_what_is_pending(world):
    """status, up and status again: the files reach the database, which no connection from here does"""
    world.files(m1_users="create table users (id int primary key);", m2_names="alter table users add name text;")
    assert states(world.migrate("status")) == {1: "pending", 2: "pending"}
    done = json.loads(world.migrate("up").must(0).out)
    assert done["applied"] == 2 and done["held"] == 0, done
    assert world.applied() == [1, 2] and states(world.migrate("status")) == {1: "applied", 2: "applied"}
    assert world.database.sql("select tableowner from pg_tables where tablename = 'users'") == [[OWNER]]
    kinds = [one["kind"] for one in world.project.ledger("--env", "prod")]
    assert kinds[-4:] == ["migrate.begin", "migrate.applied", "migrate.applied", "migrate.done"], kinds


@test
def the_image_is_reproducible_and_small(world):
    """the same files give the same digest: nothing is pushed or registered again; no root, RDS's own certificate, only what is needed"""
    world.files(m1_users="create table users (id int primary key);")
    world.migrate("status").must(0)
    world.aws.control("calls", "DELETE")
    world.migrate("status").must(0)
    assert world.calls("RegisterTaskDefinition") == [] and len(world.calls("RunTask")) == 1
    definition = world.aws.client("ecs").describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]
    container = definition["containerDefinitions"][0]
    image, _, digest = container["image"].partition("@")
    raw = json.loads(world.skopeo("inspect", "--raw", f"docker://{world.registry}/{image.partition('/')[2]}@{digest}"))
    config = json.loads(world.skopeo("inspect", "--config", f"docker://{world.registry}/{image.partition('/')[2]}@{digest}"))
    size = sum(layer["size"] for layer in raw["layers"])
    print(f"# image of migrations: {size / 1e6:.1f} MB in {len(raw['layers'])} layers", flush=True)
    assert config["config"]["User"] == "65532:65532" and config["architecture"] in ("amd64", "arm64") and size < 40e6, config
    environment = {one["name"]: one["value"] for one in container["environment"]}
    assert environment["PGSSLMODE"] == "verify-full" and environment["PGHOST"] == world.outputs("glanceflow-prod-data")["DatabaseHost"]
    assert "password" not in json.dumps(environment).lower() and PASSWORD not in json.dumps(definition, ensure_ascii=False)
    pem = (world.work / "rds-ca.pem").read_text()
    shipped = (HERE.parents[2] / "data" / "rds-ca.pem").read_text()
    assert pem.count("BEGIN CERTIFICATE") == 1 and pem.strip() in shipped.partition("# ap-northeast-1, ")[2].partition("\n# ")[0], pem
    world.add(m2_more="select 1;")
    world.migrate("status").must(0)
    newer = world.aws.client("ecs").describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]
    assert newer["containerDefinitions"][0]["image"] != container["image"] and newer["revision"] == definition["revision"] + 1


@test
def runs_inside_the_network_with_its_own_role(world):
    """private subnets, the group of migrations, no public address; the role that alone reads the master password"""
    world.files(m1_users="select 1;")
    world.aws.control("calls", "DELETE")
    world.migrate("status").must(0)
    task = world.stopped()
    definition = world.aws.client("ecs").describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    assert definition["executionRoleArn"].endswith(":role/glanceflow-prod-migration") and "taskRoleArn" not in definition, definition
    subnet = next(one["value"] for one in task["attachments"][0]["details"] if one["name"] == "subnetId")
    assert subnet in world.outputs("glanceflow-prod-network")["PrivateSubnets"].split(","), subnet


@test
def a_failing_file_keeps_its_place(world):
    """PostgreSQL's message with the file and line here; what was applied before stays, nothing of the file"""
    world.files(m1_users="create table users (id int primary key);", m2_wrong="alter table users add a int;\n\nalter table users\n  add b imt;\n")
    said = world.up().must(12)
    error = json.loads(said.error_text.splitlines()[-1])
    assert error["file"].endswith("backend/migrations/2_wrong.sql") and os.path.exists(error["file"]) and error["line"] == 4, error
    assert "imt" in error["message"] and "42704" in error["message"], error
    assert world.applied() == [1] and world.database.sql("select count(*) from pg_attribute where attrelid = 'users'::regclass and attname = 'a'") == [["0"]]
    world.add(m2_wrong="alter table users add a int;")
    assert json.loads(world.up().must(0).out)["applied"] == 1
    assert world.applied() == [1, 2]


@test
def who_holds_a_lock_is_named(world):
    """what a migration waits for is told while it waits"""
    world.files(m1_users="create table users (id int primary key);")
    world.up().must(0)
    holder = world.database.session("set application_name = 'nightly'", "begin", "select * from users")
    world.add(m2_names="alter table users add name text;")
    process = world.begin()
    seen = []
    while not any("nightly" in line for line in seen):
        line = process.stdout.readline()
        assert line, "".join(seen) + process.stderr.read()
        seen.append(line)
    holder.communicate("rollback;\n", timeout=120)
    said = world.end(process).must(0)
    assert "2_names.sql" in "".join(seen) + said.out and world.applied() == [1, 2], seen


@test
def a_killed_task_is_said_and_leaves_nothing(world):
    """SIGKILL in the middle of a file: exit code 137, nothing half-applied; the next run applies it"""
    world.files(m1_users="create table users (id int primary key);", m2_slow="alter table users add a int; select pg_sleep(600);")
    process = world.begin("--set", "migrations.statement_timeout_ms=900000")
    sleeping(world)
    os.kill(world.task_process(), signal.SIGKILL)
    said = world.end(process).must(13)
    assert "killed (exit code 137" in said.error_text and "Run it again" in said.error_text, said.error_text
    assert world.applied() == [1]
    world.add(m2_slow="alter table users add a int;")
    world.up().must(0)
    assert world.applied() == [1, 2]


@test
def a_stopped_task_is_said(world):
    """somebody stops the task: its statement is ended, its file rolled back"""
    world.files(m1_users="create table users (id int primary key);", m2_slow="alter table users add a int; select pg_sleep(600);")
    process = world.begin("--set", "migrations.statement_timeout_ms=900000")
    sleeping(world)
    ecs = world.aws.client("ecs")
    for arn in ecs.list_tasks(cluster=CLUSTER, family=FAMILY)["taskArns"]:
        ecs.stop_task(cluster=CLUSTER, task=arn, reason="maintenance")
    said = world.end(process)
    assert said.status in (6, 13) and world.applied() == [1], said.error_text
    assert world.database.sql("select count(*) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()") == [["0"]]


@test
def a_killed_golive_finds_its_task_again(world):
    """golive is killed while the task works: the next one follows the same task and starts no second one"""
    world.files(m1_users="create table users (id int primary key);")
    world.up().must(0)
    world.add(m2_slow="alter table users add a int; select pg_sleep(8);")
    world.aws.control("calls", "DELETE")
    words = ("--set", "migrations.statement_timeout_ms=900000")
    process = world.begin(*words)
    sleeping(world)
    process.kill()
    process.communicate(timeout=120)
    assert len(world.calls("RunTask")) == 2  # one that asked, one that applies
    said = world.end(world.begin(*words)).must(0)
    assert len(world.calls("RunTask")) == 3 and "runs already" in said.error_text, said.error_text  # one more that asked
    assert "1 applied" in said.out and world.applied() == [1, 2], said.out


@test
def what_keeps_a_task_from_starting_is_said(world):
    """a secret that cannot be read, an image that cannot be pulled: AWS's words and the way out"""
    world.files(m1_users="select 1;")
    for start, words, hint in (("no_permission", "a right is missing to the role that starts tasks", "golive up"),
                               ("pull_error", "the image cannot be pulled (CannotPullContainerError", "golive up")):
        world.contain(start=start)
        said = world.golive("migrate", "status", "--env", "prod").must(13)
        assert words in said.error_text and hint in said.error_text, said.error_text
    world.contain()
    world.migrate("status").must(0)


@test
def only_a_result_and_exit_code_0_are_success(world):
    """a result line of a task that failed, and exit code 0 without a result line, are failures"""
    world.files(m1_users="select 1;")
    result = '{"golive":"result","applied":1,"held":0,"longest_lock_us":0,"lock_retries":0}'
    lines = ['{"golive":"state","version":1,"state":"applied"}', '{"golive":"status","fresh":false,"missing":0,"first_missing":0}', result]
    world.contain(start="exit", exit_code=1, log=lines)
    assert "exit code 1" in world.golive("migrate", "status", "--env", "prod").must(13).error_text
    world.contain(command=["/bin/sh", "-c", "echo libfoo.so: cannot open; exit 1"])
    assert "libfoo.so: cannot open" in world.golive("migrate", "status", "--env", "prod").must(13).error_text
    world.contain(command=["/bin/true"])
    assert "incomplete" in world.golive("migrate", "status", "--env", "prod").must(15).error_text
    world.contain()


if __name__ == "__main__":
    need_root()
    THERE = Inside()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
