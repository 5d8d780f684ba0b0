"""ECS's operations on service deployments and revisions, which moto lacks."""
import datetime

from ..clock import CLOCK
from ..errors import AwsError
from .backend import SERVICES
from .deployment import STOPPABLE, STOP_TYPES

EPOCH = datetime.datetime(1970, 1, 1)
PAGE = 20  # what ListServiceDeployments answers at most unless asked for more


def _all(kind):
    return {one.arn: one for kept in SERVICES.values() for one in getattr(kept, kind)}


def _service(request):
    name, cluster = request["service"].rpartition("/")[2], (request.get("cluster") or "default").rpartition("/")[2]
    if request["service"].count("/") == 2:
        cluster = request["service"].split("/")[1]
    for kept in SERVICES.values():
        if kept.model.name == name and kept.model.cluster_name == cluster:
            return kept
    raise AwsError("ServiceNotFoundException", "Service not found.")


def _within(one, limits):
    made = (one.created_at - EPOCH).total_seconds()
    return float(limits.get("after", 0)) <= made <= float(limits.get("before", made))


def list_deployments(_region, request):
    """Newest first."""
    found = [one for one in reversed(_service(request).deployments) if one.status in (request.get("status") or [one.status])
             and _within(one, request.get("createdAt") or {})]
    begin, size = int(request.get("nextToken") or 0), int(request.get("maxResults") or PAGE)
    more = {"nextToken": str(begin + size)} if begin + size < len(found) else {}
    return {"serviceDeployments": [one.brief() for one in found[begin:begin + size]], **more}


def _described(kind, key, arns):
    known = _all(kind)
    return {key: [known[arn].describe() for arn in arns if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]}


def describe_deployments(_region, request):
    return _described("deployments", "serviceDeployments", request["serviceDeploymentArns"])


def describe_revisions(_region, request):
    return _described("revisions", "serviceRevisions", request["serviceRevisionArns"])


def _deployment(request):
    found = _all("deployments").get(request["serviceDeploymentArn"])
    if found is None:
        raise AwsError("ServiceDeploymentNotFoundException", "The service deployment was not found.")
    return found


def stop(_region, request):
    found, kind = _deployment(request), request.get("stopType") or "ROLLBACK"
    if kind not in STOP_TYPES:
        raise AwsError("InvalidParameterException", f"Invalid stopType {kind}.")
    if found.status not in STOPPABLE:
        raise AwsError("ConflictException", f"The service deployment cannot be stopped in the status {found.status}.")
    found.ask(kind)
    CLOCK.poke()
    return {"serviceDeploymentArn": found.arn}


def go_on(_region, request):
    found = _deployment(request)
    hook = next((one for one in found.hooks if one.id == request["hookId"]), None)
    if hook is None or hook.status != "AWAITING_ACTION" or found.over:
        raise AwsError("InvalidParameterException", f"The service deployment does not wait at the lifecycle hook {request['hookId']}.")
    hook.answer = request.get("action") or "CONTINUE"
    CLOCK.poke()
    return {"serviceDeploymentArn": found.arn}


OPERATIONS = {"ListServiceDeployments": list_deployments, "DescribeServiceDeployments": describe_deployments,
              "DescribeServiceRevisions": describe_revisions, "StopServiceDeployment": stop, "ContinueServiceDeployment": go_on}
