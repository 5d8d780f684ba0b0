"""/golive-test/: what a test may do to the emulator beside calling AWS. Bodies and answers are JSON."""
import dataclasses
import datetime
import json

from moto.moto_api._internal.models import moto_api_backend

from . import iam, moto_calls, snapshots
from .clock import CLOCK
from .compute import backend, behaviour, runner
from .edge import counts, distributions, site
from .errors import AwsError
from .context import Context
from .registry import front, images
from .resources import KNOWN, STORED, TABLE
from .settings import Fault, Settings
from .stack import STORES, store

REGION = "ap-northeast-1"


def _where(request):
    return request["stack"], request["logical_id"]


def _when(request):
    return (*_where(request), request.get("operation", "ANY"))


def fail(app, request):
    """POST {stack, logical_id, operation, reason, times}: the next such operation fails for that reason."""
    app.settings.faults.append(Fault(*_where(request), request.get("operation", "ANY"), request["reason"], request.get("times", 1)))


def unfail(app, _request):
    """DELETE: forget all faults."""
    app.settings.faults.clear()


def slow(app, request):
    """POST {stack, logical_id, operation, seconds} or {type, seconds}: how long a resource stays in progress."""
    if "type" in request:
        app.settings.type_s[request["type"]] = float(request["seconds"])
    else:
        app.settings.slow_s[_when(request)] = float(request["seconds"])


def freeze(app, request):
    """POST {stack, logical_id, operation}: the resource stays in progress until it is released."""
    app.settings.frozen.add(_when(request))


def release(app, request):
    """POST {stack, logical_id}: lets a frozen resource finish."""
    app.settings.frozen = {one for one in app.settings.frozen if one[:2] != _where(request)}


SETTINGS = ("change_set_s", "resource_s", "drift_s", "minute_s", "page_size", "stage_s", "task_start_s", "task_stop_s", "health_check_s", "retry_s",
            "distribution_s", "invalidation_s", "snapshot_s", "scan_s", "check_images", "grace_s", "runner_s", "runner_rollback_s")


def settings(app, request):
    """POST {name: value} for names of SETTINGS: the delays; GET shows them."""
    for name in SETTINGS:
        if name in request:
            setattr(app.settings, name, type(getattr(app.settings, name))(request[name]))
    return {name: getattr(app.settings, name) for name in SETTINGS}


def edge(app, _request):
    """GET: where load balancers and CloudFront answer: host, port, ca_file; the Host decides which."""
    return app.edge.where()


def distribution(_app, request):
    """POST {id, status}: shows a CloudFront distribution as InProgress or Deployed, whatever happens; an empty status ends that."""
    distributions.force(request["id"], request["status"])


def database(_app, request):
    """POST {id, status}: shows an RDS instance in that status, whatever happens; an empty status ends that."""
    snapshots.STATES[request["id"]] = request["status"]


def snapshot(_app, request):
    """POST {fail, quota}: so many of the next snapshots fail; so many manual ones there may be, null for AWS's quota."""
    snapshots.WANTED.update({name: request[name] for name in ("fail", "quota") if name in request})


def scan(_app, request):
    """POST {digest, status, findings}: the result of ECR's scan of an image; findings as ECR's, or {severity: number}."""
    images.set_scan(request["digest"], request.get("status", "COMPLETE"), request.get("findings", []))


def requests(_app, _request):
    """GET: how many requests each task answered, by task id."""
    return {"tasks": dict(counts.PER_TASK)}


def image(_app, request):
    """POST {digest or family, behaviour}: how tasks of it behave from now on (compute/behaviour.py); digest may be a whole image reference."""
    behaviour.put(request.get("digest") or request["family"], request["behaviour"])


def apprunner(_app, request):
    """POST {ends: [STATUS]}: how the next operations that bring an image end, whatever it is like; {name, status}: shows a service in that status."""
    runner.ENDS.extend(request.get("ends", []))
    for one in runner.SERVICES.values():
        if one.name == request.get("name"):
            one.status = request["status"]


def change(_app, request):
    """POST {stack, logical_id, properties, region}: changes a resource behind its stack's back, as by hand in the console."""
    stack = store(request.get("region", REGION)).find(request["stack"])
    resource = stack.resources[request["logical_id"]]
    kind = TABLE[resource.type]
    kind.update(Context(stack, resource.logical_id), resource.physical_id, resource.properties, {**resource.properties, **request["properties"]})


def remove(_app, request):
    """POST {stack, logical_id, region}: removes a resource behind its stack's back."""
    stack = store(request.get("region", REGION)).find(request["stack"])
    resource = stack.resources[request["logical_id"]]
    TABLE[resource.type].remove(Context(stack, resource.logical_id), resource.physical_id, resource.properties)


def age(_app, request):
    """POST {stack, region, seconds}: its change sets were made so much earlier."""
    for one in store(request.get("region", REGION)).find(request["stack"]).change_sets.values():
        one.created -= datetime.timedelta(seconds=request["seconds"])


def drop(_app, request):
    """POST {stack, region}: forgets a stack without touching its resources."""
    store(request.get("region", REGION)).drop(request["stack"])


def enforce(_app, request):
    """POST {on}: whether policies are applied to callers and, for a stack's resources, to whoever made the stack."""
    iam.enforced = bool(request.get("on", True))


def may(_app, request):
    """POST {access_key, service, operation, resource}: who that is (as aws:PrincipalArn says it) and whether they may, as another account asks."""
    principal = iam.by_access_key(request["access_key"])
    try:
        iam.require(principal, request["service"], request["operation"], request["resource"])
    except AwsError as error:
        return {"caller": principal.source, "refusal": error.message}
    return {"caller": principal.source}


def needed(_app, _request):
    """GET: every right that was asked for while policies were applied: principal, action. DELETE empties the list."""
    return {"needed": [{"principal": arn, "action": action} for arn, action in sorted(iam.needed)]}


def forget_needed(_app, _request):
    """DELETE: empties the list of rights asked for."""
    iam.needed.clear()


def calls(app, _request):
    """GET: every AWS call received, with service, operation, region, principal, time. DELETE empties the list."""
    return {"calls": list(app.calls)}


def forget_calls(app, _request):
    """DELETE: empties the list of calls."""
    app.calls.clear()


def lost(_app, _request):
    """GET: what moto did not keep of the resources that exist: type to property paths, for every type that there is one of."""
    found = {}
    for one in STORES.values():
        for stack in one.stacks:
            for resource in stack.resources.values():
                found.setdefault(resource.type, set()).update(resource.baseline)
    return {"not_kept": {name: sorted(paths) for name, paths in sorted(found.items())}, "known": list(KNOWN)}


def held(_app, _request):
    """GET: resources that only the emulator stores, with their properties."""
    return {"stored": [{"region": region, "type": kind, "id": found, "properties": value} for (region, kind, found), value in STORED.items()]}


def reset(app, _request):
    """POST: everything as when the emulator started. Operations that still run are cancelled first."""
    for one in STORES.values():
        for stack in one.stacks:
            stack.cancelled = True
    with app.settings.changed:
        app.settings.changed.notify_all()
    backend.reset()
    counts.reset()
    site.reset()
    distributions.FORCED.clear()
    snapshots.reset()
    front.reset()
    for one in STORES.values():
        for stack in one.stacks:
            running = stack.operation
            if running:
                running.join(10)
    with moto_calls.LOCK:
        moto_api_backend.reset()
    CLOCK.run(counts.watch())
    STORES.clear()
    STORED.clear()
    app.calls.clear()
    iam.enforced = False
    iam.needed.clear()
    fresh = Settings()
    for field in dataclasses.fields(Settings):
        setattr(app.settings, field.name, getattr(fresh, field.name))


def keep(app, request):
    """POST {name}: keeps everything as it is now, to be gone back to; what runs meanwhile must be over."""
    app.keeper.ask("keep", request["name"])


def restore(app, request):
    """POST {name}: everything as it was when it was kept."""
    app.keeper.ask("restore", request["name"])


ROUTES = {
    ("POST", "keep"): keep, ("POST", "restore"): restore,
    ("POST", "fail"): fail, ("DELETE", "fail"): unfail, ("POST", "slow"): slow, ("POST", "freeze"): freeze, ("POST", "release"): release,
    ("POST", "image"): image, ("POST", "apprunner"): apprunner, ("GET", "edge"): edge, ("POST", "distribution"): distribution, ("POST", "database"): database,
    ("POST", "snapshot"): snapshot, ("POST", "scan"): scan, ("GET", "requests"): requests, ("POST", "settings"): settings, ("GET", "settings"): settings, ("POST", "change"): change, ("POST", "remove"): remove,
    ("POST", "drop"): drop, ("POST", "age"): age, ("POST", "enforce"): enforce, ("GET", "calls"): calls, ("DELETE", "calls"): forget_calls,
    ("POST", "may"): may, ("GET", "needed"): needed, ("DELETE", "needed"): forget_needed, ("GET", "lost"): lost, ("GET", "stored"): held, ("POST", "reset"): reset,
}


def perform(app, method, path, body):
    """(status, content type, answer) of a control request."""
    route = ROUTES.get((method, path.removeprefix("/golive-test/").strip("/")))
    if route is None:
        return 404, "application/json", {"error": f"no {method} {path}", "routes": sorted(f"{m} {p}" for m, p in ROUTES)}
    try:
        answer = route(app, json.loads(body or b"{}"))
    except Exception as error:
        return 400, "application/json", {"error": f"{type(error).__name__}: {error}"}
    with app.settings.changed:
        app.settings.changed.notify_all()
    CLOCK.poke()
    return 200, "application/json", answer or {}
