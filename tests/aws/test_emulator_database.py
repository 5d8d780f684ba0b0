"""RDS in the emulator: snapshots that take time and fail, the quota, instances that are not available."""
import sys

from harness import Emulator, refused, run, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def database(aws):
    """A client, with an instance db in place."""
    rds = aws.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", MasterUsername="root", MasterUserPassword="12345678",
                           AllocatedStorage=20)
    until(lambda: status(rds), lambda found: found == "available")
    return rds


def status(rds):
    return rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]["DBInstanceStatus"]


def snapshot(rds, name="before"):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


@test
def takes_time(aws):
    """a snapshot is creating, with its progress, and then available; meanwhile its instance is backing up"""
    rds, seen = database(aws), []
    aws.control("settings", snapshot_s=1)
    made = rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="before", Tags=[{"Key": "golive:release", "Value": "r1"}])["DBSnapshot"]
    assert made["Status"] == "creating" and made["PercentProgress"] < 100 and status(rds) == "backing-up"
    with refused("InvalidDBInstanceState", "not currently in the available state"):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="another")
    with refused("InvalidDBSnapshotState"):
        rds.delete_db_snapshot(DBSnapshotIdentifier="before")

    def look():
        found = snapshot(rds)
        seen.append(found["PercentProgress"])
        return found
    found = until(look, lambda one: one["Status"] == "available")
    assert seen == sorted(seen) and seen[-1] == 100 and found["TagList"] == [{"Key": "golive:release", "Value": "r1"}] and status(rds) == "available"
    rds.delete_db_snapshot(DBSnapshotIdentifier="before")
    with refused("DBSnapshotNotFound"):
        snapshot(rds)


@test
def fails(aws):
    """a snapshot fails when a test wants it; the next one does not; the quota; a name that exists"""
    rds = database(aws)
    aws.control("snapshot", fail=1)
    for name in ("first", "second"):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier=name)
    assert (snapshot(rds, "first")["Status"], snapshot(rds, "second")["Status"]) == ("failed", "available")
    with refused("DBSnapshotAlreadyExists"):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="second")
    aws.control("snapshot", quota=2)
    with refused("SnapshotQuotaExceeded"):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="third")


@test
def instance_state(aws):
    """an instance in another state, as long as a test wants"""
    rds = database(aws)
    aws.control("database", id="db", status="storage-full")
    assert status(rds) == "storage-full"
    with refused("InvalidDBInstanceState"):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="before")
    aws.control("database", id="db", status="")
    assert status(rds) == "available"


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
