"""Drift: what the services really have now, compared with what the stack made.

Only properties that the template sets are compared, as AWS does
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html). What moto did not keep when the
resource was made is its lie, not drift: those paths are noted then (baseline) and never reported.
"""
import json
import threading
import uuid

from . import schema
from .context import Context
from .diff import equal, text_of
from .errors import invalid
from .resources import TABLE
from .stack import now

CHECKABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "CREATE_FAILED", "UPDATE_FAILED")


def differences(expected, actual, path=""):
    """PropertyDifferences between what the template sets and what is there."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for name, value in expected.items():
            if name not in actual:
                found.append(difference(f"{path}/{name}", value, None))
            else:
                found += differences(value, actual[name], f"{path}/{name}")
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        return _list_differences(expected, actual, path)
    if isinstance(expected, str) and isinstance(actual, (dict, list)) or isinstance(expected, (dict, list)) and isinstance(actual, str):
        expected, actual = _parsed(expected), _parsed(actual)
    return [] if equal(expected, actual) else [difference(path, expected, actual)]


def _parsed(value):
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _list_differences(expected, actual, path):
    """Lists as sets: the services answer in their own order."""
    left, missing = list(actual), []
    for item in expected:
        match = next((i for i, other in enumerate(left) if not differences(item, other)), None)
        if match is None:
            missing.append(item)
        else:
            left.pop(match)
    if len(missing) == len(left) == 1:
        return differences(missing[0], left[0], f"{path}/{expected.index(missing[0])}")
    return [difference(f"{path}/{expected.index(item)}", item, None) for item in missing] + [
        difference(f"{path}/{len(expected) + i}", None, item) for i, item in enumerate(left)]


def difference(path, expected, actual):
    kind = "REMOVE" if actual is None else "ADD" if expected is None else "NOT_EQUAL"
    return {"PropertyPath": path, "ExpectedValue": "" if expected is None else text_of(expected),
            "ActualValue": "" if actual is None else text_of(actual), "DifferenceType": kind}


def against(stack, resource, actual):
    """Differences of one resource, without write-only properties and the stack's own tags."""
    hidden = schema.names(resource.type, "writeOnlyProperties")
    expected = {name: value for name, value in resource.properties.items() if name not in hidden}
    tag_name = schema.tag_property(resource.type)
    if tag_name and isinstance(actual.get(tag_name), list):
        own = {tag.get("Key") for tag in resource.properties.get(tag_name) or []}
        ours = {tag["Key"] for tag in stack.target.tags} - own
        actual = {**actual, tag_name: [tag for tag in actual[tag_name] if tag.get("Key") not in ours]}
    return differences(expected, actual)


def check(stack, resource):
    """The StackResourceDrift of one resource, as it is now."""
    found = {"StackId": stack.id, "LogicalResourceId": resource.logical_id, "PhysicalResourceId": resource.physical_id,
             "ResourceType": resource.type, "ExpectedProperties": json.dumps(resource.properties), "Timestamp": now()}
    if TABLE[resource.type].stored_only:
        resource.drift = {**found, "StackResourceDriftStatus": "NOT_CHECKED"}
        return resource.drift
    actual = TABLE[resource.type].read(Context(stack, resource.logical_id), resource.physical_id, resource.properties)
    if actual is None:
        resource.drift = {**found, "StackResourceDriftStatus": "DELETED", "PropertyDifferences": []}
        return resource.drift
    listed = [one for one in against(stack, resource, actual) if one["PropertyPath"] not in resource.baseline]
    shown = {name: actual[name] for name in resource.properties if name in actual}
    resource.drift = {**found, "ActualProperties": json.dumps(shown, default=str), "PropertyDifferences": listed,
                      "StackResourceDriftStatus": "MODIFIED" if listed else "IN_SYNC"}
    return resource.drift


def detect(stack, store, settings, only=()):
    """Starts a drift detection; its id is answered at once."""
    if stack.status not in CHECKABLE:
        raise invalid(f"Drift detection cannot be performed on stack [{stack.id}] while it is in status {stack.status}")
    if any(one["StackId"] == stack.id and one["DetectionStatus"] == "DETECTION_IN_PROGRESS" for one in store.drift_detections.values()):
        raise invalid(f"Drift detection is already in progress for stack [{stack.id}]")
    detection = {"StackId": stack.id, "StackDriftDetectionId": str(uuid.uuid4()), "DetectionStatus": "DETECTION_IN_PROGRESS",
                 "Timestamp": now()}
    store.drift_detections[detection["StackDriftDetectionId"]] = detection

    def work():
        with settings.changed:
            settings.changed.wait_for(lambda: False, timeout=settings.drift_s)
        try:
            drifts = [check(stack, r) for r in list(stack.resources.values()) if r.physical_id and (not only or r.logical_id in only)]
            count = sum(one["StackResourceDriftStatus"] in ("MODIFIED", "DELETED") for one in drifts)
            stack.drift_status, stack.drift_time = "DRIFTED" if count else "IN_SYNC", now()
            detection.update(DetectionStatus="DETECTION_COMPLETE", StackDriftStatus=stack.drift_status, DriftedStackResourceCount=count)
        except Exception as error:
            detection.update(DetectionStatus="DETECTION_FAILED", DetectionStatusReason=f"{type(error).__name__}: {error}")

    threading.Thread(target=work, name="drift " + stack.name, daemon=True).start()
    return detection["StackDriftDetectionId"]
