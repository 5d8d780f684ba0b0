"""The backup step on AWS: RDS snapshots of releases, their states, and which of them are deleted."""
import re
import sys

from place_stage import World, run, until

TESTS = []
DATABASE = "glanceflow-prod-database"


def test(function):
    TESTS.append(function)
    return function


def snapshots(world):
    """{name: tags} of all manual snapshots."""
    found = world.aws.client("rds").describe_db_snapshots(DBInstanceIdentifier=DATABASE, SnapshotType="manual")["DBSnapshots"]
    return {one["DBSnapshotIdentifier"]: {tag["Key"]: tag["Value"] for tag in one["TagList"]} for one in found}


def clear(world):
    world.aws.control("settings", snapshot_s=0)
    world.aws.control("snapshot", fail=0, quota=None)
    rds = world.aws.client("rds")
    until(lambda: {one["Status"] for one in rds.describe_db_snapshots()["DBSnapshots"]}, lambda found: "creating" not in found)
    for name in snapshots(world):
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)


def calls(world, operation):
    return [one for one in world.aws.control("calls", "GET")["calls"] if one["operation"] == operation]


@test
def a_release_takes_a_snapshot(world):
    """named for people, told apart by tags; the same release again finds its own"""
    clear(world)
    world.aws.control("calls", "DELETE")
    said = world.tool("backup", "release-7").must(0)
    name = "glanceflow-prod-release-7"
    assert said.result["id"] == name and said.result["location"].endswith(f":snapshot:{name}") and said.result["size_bytes"] >= 20 << 30, said.result
    assert snapshots(world)[name].items() >= {"golive:app": "glanceflow", "golive:env": "prod", "golive:release": "7"}.items(), snapshots(world)
    assert world.tool("backup", "release-7").must(0).result == said.result
    assert len(calls(world, "CreateDBSnapshot")) == 1


@test
def a_strangers_snapshot_is_left_alone(world):
    """one of the same name that is not this release's: another name is taken"""
    clear(world)
    world.aws.client("rds").create_db_snapshot(DBInstanceIdentifier=DATABASE, DBSnapshotIdentifier="glanceflow-prod-release-8")
    assert world.tool("backup", "release-8").must(0).result["id"] == "glanceflow-prod-release-8-2"
    assert set(snapshots(world)) == {"glanceflow-prod-release-8", "glanceflow-prod-release-8-2"}


@test
def progress_is_shown_until_it_can_be_used(world):
    """percent while it is made; a golive that was killed meanwhile finds its own again"""
    clear(world)
    world.aws.control("settings", snapshot_s=8)
    world.aws.control("calls", "DELETE")
    process = world.process("prod", "backup", "release-9")
    while "%" not in process.stdout.readline():
        assert process.poll() is None
    process.kill()
    process.communicate(timeout=120)
    said = world.tool("backup", "release-9").must(0)
    percents = [int(re.search(r"release-9: (\d+) %", text)[1]) for text in said.progress]
    assert percents and percents == sorted(percents) and percents[-1] <= 100, percents
    found = world.aws.client("rds").describe_db_snapshots(DBSnapshotIdentifier=said.result["id"])["DBSnapshots"][0]
    assert found["Status"] == "available" and len(calls(world, "CreateDBSnapshot")) == 1, found


@test
def a_failed_one_stops_and_the_next_run_takes_another(world):
    """the state and the name are said; the failed one is not mistaken for a backup later"""
    clear(world)
    world.aws.control("settings", snapshot_s=1)
    world.aws.control("snapshot", fail=1)
    said = world.tool("backup", "release-10").must(14)
    assert "glanceflow-prod-release-10 is failed" in said.message and "describe-events" in said.hint, said.lines
    assert world.tool("backup", "release-10").must(0).result["id"] == "glanceflow-prod-release-10-2"


@test
def a_full_quota_is_said(world):
    """which quota, and what can be done"""
    clear(world)
    world.aws.control("snapshot", quota=0)
    said = world.tool("backup", "release-11").must(7)
    assert "SnapshotQuotaExceeded" in said.message and "Manual DB instance snapshots" in said.hint, said.lines
    assert snapshots(world) == {}


@test
def a_busy_database_is_waited_for(world):
    """while the instance is being changed, RDS takes no snapshot: golive waits and says for what"""
    clear(world)
    world.aws.control("database", id=DATABASE, status="modifying")
    process = world.process("prod", "backup", "release-12")
    line = ""
    while "waiting for the database" not in line:
        line = process.stdout.readline()
        assert line, process.stderr.read()
    world.aws.control("database", id=DATABASE, status="")
    assert world.end(process).must(0).result["id"] == "glanceflow-prod-release-12"


@test
def only_unneeded_ones_of_releases_are_deleted(world):
    """kept releases keep theirs; snapshots of people, of other environments and of other applications stay"""
    clear(world)
    rds = world.aws.client("rds")
    for number in (1, 2, 3):
        world.tool("backup", f"release-{number}").must(0)
    others = {"by-hand": [], "other-env": [("golive:app", "glanceflow"), ("golive:env", "stg"), ("golive:release", "1")],
              "other-app": [("golive:app", "shop"), ("golive:env", "prod"), ("golive:release", "1")],
              "glanceflow-prod-release-1-copy": [("golive:app", "glanceflow"), ("golive:env", "prod"), ("golive:release", "one")]}
    for name, tags in others.items():
        rds.create_db_snapshot(DBInstanceIdentifier=DATABASE, DBSnapshotIdentifier=name, Tags=[{"Key": key, "Value": value} for key, value in tags])
    world.tool("prune-backups", "3", "2").must(0)
    assert set(snapshots(world)) == {*others, "glanceflow-prod-release-2", "glanceflow-prod-release-3"}, snapshots(world)
    world.tool("prune-backups", "3", "2").must(0)


@test
def a_label_is_that_of_a_release(world):
    """anything else is refused"""
    for label in ("release-", "release-x", "nightly"):
        world.tool("backup", label).must(2)


if __name__ == "__main__":
    THERE = World()
    try:
        STATUS = run(TESTS, THERE)
    finally:
        THERE.close()
    sys.exit(STATUS)
