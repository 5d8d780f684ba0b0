"""/golive-test/: what a test may do to the emulator beside calling AWS. Bodies and answers are JSON."""
import dataclasses
import datetime
import json

from moto.moto_api._internal.models import moto_api_backend

from . import iam, moto_calls
from .context import Context
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


def settings(app, request):
    """POST {change_set_s, resource_s, drift_s, minute_s, page_size}: the delays; GET shows them."""
    for name in ("change_set_s", "resource_s", "drift_s", "minute_s", "page_size"):
        if name in request:
            setattr(app.settings, name, type(getattr(app.settings, name))(request[name]))
    return {name: getattr(app.settings, name) for name in ("change_set_s", "resource_s", "drift_s", "minute_s", "page_size")}


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
    for one in STORES.values():
        for stack in one.stacks:
            running = stack.operation
            if running:
                running.join(10)
    with moto_calls.LOCK:
        moto_api_backend.reset()
    STORES.clear()
    STORED.clear()
    app.calls.clear()
    iam.enforced = False
    fresh = Settings()
    for field in dataclasses.fields(Settings):
        setattr(app.settings, field.name, getattr(fresh, field.name))


ROUTES = {
    ("POST", "fail"): fail, ("DELETE", "fail"): unfail, ("POST", "slow"): slow, ("POST", "freeze"): freeze, ("POST", "release"): release,
    ("POST", "settings"): settings, ("GET", "settings"): settings, ("POST", "change"): change, ("POST", "remove"): remove,
    ("POST", "drop"): drop, ("POST", "age"): age, ("POST", "enforce"): enforce, ("GET", "calls"): calls, ("DELETE", "calls"): forget_calls,
    ("GET", "lost"): lost, ("GET", "stored"): held, ("POST", "reset"): reset,
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
    return 200, "application/json", answer or {}
