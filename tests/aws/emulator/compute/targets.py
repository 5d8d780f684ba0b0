"""Tasks as targets of a load balancer: registered in moto's target groups, with the health that DescribeTargetHealth shows."""
import http.client
import threading
import time

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends

from .. import moto_calls
from ..clock import CLOCK
from ..stack import ACCOUNT

REGISTERED = {}  # (target group ARN, address): the task
PROBE_S = 0.2  # between two health checks of a process that stands behind a task
CHECK_TIMEOUT_S = 5
UNHEALTHY_AFTER = 2  # checks in a row that fail
STATES = {  # health of a task: (state, reason code, description)
    "initial": ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
    "healthy": ("healthy", None, None),
    "unhealthy": ("unhealthy", "Target.ResponseCodeMismatch", None),
}


def group_of(arn):
    return elbv2_backends[ACCOUNT][arn.split(":")[3]].target_groups.get(arn)


def register(task):
    """In every group of its service; a group that is gone is passed over."""
    for arn, port in task.target_groups:
        group = group_of(arn)
        if group is not None:
            group.register([{"Id": task.address, "Port": port}])
            REGISTERED[arn, task.address] = task


def deregister(task):
    for arn, _port in task.target_groups:
        group = group_of(arn)
        if REGISTERED.pop((arn, task.address), None) and group is not None and task.address in group.targets:
            group.deregister([{"Id": task.address}])


def of_group(arn):
    """The tasks that are registered in a group, in the order of their registration."""
    group = group_of(arn)
    return [REGISTERED[arn, address] for address in list(group.targets) if (arn, address) in REGISTERED] if group else []


def show_health():
    """Makes moto's DescribeTargetHealth tell the health of tasks."""
    original = FakeTargetGroup.health_for

    def health_for(group, target, ec2_backend):
        task = REGISTERED.get((group.arn, target["Id"]))
        if task is None:
            return original(group, target, ec2_backend)
        state, code, words = STATES[task.health]
        port = group.targets[target["Id"]]["Port"]
        return FakeHealthStatus(task.address, port, str(port), state, code, words or task.health_reason)

    FakeTargetGroup.health_for = health_for


def check_path(task):
    """The path of the health check of the task's first group."""
    group = group_of(task.target_groups[0][0]) if task.target_groups else None
    return group.health_check_path or "/" if group else "/"


def ask(task):
    """(health, reason) by one health check of the process behind a task."""
    host, _, port = task.forward.rpartition(":")
    with moto_calls.LOCK:
        path = check_path(task)
    connection = http.client.HTTPConnection(host, int(port), timeout=CHECK_TIMEOUT_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return "unhealthy", "Health checks failed"
    finally:
        connection.close()
    return ("healthy", None) if status == 200 else ("unhealthy", f"Health checks failed with these codes: [{status}]")


def probe(task):
    """Health checks of the process behind a task, for as long as the task lives; in a thread of their own. It has grace_s to start."""
    begun, failures, between = time.monotonic(), 0, threading.Event()
    while task.live:
        found = ask(task)
        failures = 0 if found[0] == "healthy" else failures + 1
        grace = task.health == "initial" and time.monotonic() < begun + task.settings.grace_s
        counts = failures == 0 or failures >= UNHEALTHY_AFTER and not grace
        if counts and found != (task.health, task.health_reason):
            with moto_calls.LOCK:
                task.health, task.health_reason = found
            CLOCK.poke()
        between.wait(PROBE_S)  # never set: the time between two checks


def begin_probing(task):
    threading.Thread(target=probe, args=(task,), name=f"probe {task.id}", daemon=True).start()
