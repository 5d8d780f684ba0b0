"""RDS snapshots that take time, fail or exceed the quota, and instances in the state that a test wants.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
"""
import time

from moto.rds.exceptions import RDSClientError, SnapshotQuotaExceededFault
from moto.rds.models import DBInstance, DBSnapshot, RDSBackend

STATES = {}  # DB instance identifier: the status that a test wants to see
QUOTA = 100  # manual snapshots per region, unless AWS gave more
WANTED = {"fail": 0, "quota": None}  # how many of the next snapshots fail; how many manual ones there may be


def progress(snapshot):
    """Percent that are done, by the time that it takes."""
    if not snapshot.seconds:
        return 100
    return min(100, int(100 * (time.monotonic() - snapshot.begun) / snapshot.seconds))


def status(snapshot):
    if progress(snapshot) < 100:
        return "creating"
    return "failed" if snapshot.fails else "available"


def backing_up(database):
    """Whether a snapshot of the instance is being made."""
    listed = database.backend.database_snapshots.values()
    return any(one.db_instance_identifier == database.db_instance_identifier and status(one) == "creating" for one in listed)


def install(settings):
    original_init, original_create, original_delete = DBSnapshot.__init__, RDSBackend.create_db_snapshot, RDSBackend.delete_db_snapshot

    def init(snapshot, *arguments, **named):
        original_init(snapshot, *arguments, **named)
        snapshot.begun, snapshot.seconds = time.monotonic(), settings.snapshot_s if snapshot.snapshot_type == "manual" else 0.0
        snapshot.fails, WANTED["fail"] = WANTED["fail"] > 0, max(0, WANTED["fail"] - 1)

    def create(backend, db_instance_identifier, db_snapshot_identifier, *arguments, **named):
        database = backend.databases.get(db_instance_identifier)
        if database and database.status != "available":
            raise RDSClientError("InvalidDBInstanceState", f"Cannot create a snapshot because the database instance {db_instance_identifier} is not "
                                 f"currently in the available state.")
        manual = [one for one in backend.database_snapshots.values() if one.snapshot_type == "manual"]
        if len(manual) >= (QUOTA if WANTED["quota"] is None else WANTED["quota"]):
            raise SnapshotQuotaExceededFault()
        return original_create(backend, db_instance_identifier, db_snapshot_identifier, *arguments, **named)

    def delete(backend, db_snapshot_identifier):
        found = backend.database_snapshots.get(db_snapshot_identifier)
        if found and status(found) == "creating":
            raise RDSClientError("InvalidDBSnapshotState", f"Cannot delete the snapshot {db_snapshot_identifier} because it is not currently in the "
                                 "available or failed state.")
        return original_delete(backend, db_snapshot_identifier)

    def instance_status(database):
        return STATES.get(database.db_instance_identifier) or ("backing-up" if backing_up(database) else database.__dict__["own_status"])

    DBSnapshot.__init__, RDSBackend.create_db_snapshot, RDSBackend.delete_db_snapshot = init, create, delete
    DBSnapshot.status = property(status, lambda snapshot, _value: None)
    DBSnapshot.percent_progress = property(progress)
    DBInstance.status = property(instance_status, lambda database, value: database.__dict__.update(own_status=value))


def reset():
    STATES.clear()
    WANTED.update(fail=0, quota=None)
