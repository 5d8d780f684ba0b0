"""App Runner's service, on the emulator's own App Runner (compute/runner.py).

CloudFormation waits for a creation and for an update. It says of an update that App Runner took back that it came through:
https://github.com/aws/apprunner-roadmap/issues/209
"""
from moto.core.utils import get_service_model

from .. import iam, shapes
from ..clock import CLOCK
from ..compute import runner
from ..context import Refused, handler_message
from .kinds import Kind, without

MAPS = ("RuntimeEnvironmentVariables", "RuntimeEnvironmentSecrets")


def api(properties):
    """Properties in the API's vocabulary; variables are maps there."""
    found = shapes.to_api(get_service_model("apprunner").shape_for("CreateServiceRequest"), without(properties, "SourceConfiguration", "Tags"))
    source = properties["SourceConfiguration"]
    image = source["ImageRepository"].get("ImageConfiguration", {})
    maps = {name: {one["Name"]: one["Value"] for one in image[name]} for name in MAPS if name in image}
    plain = {**source, "ImageRepository": {**source["ImageRepository"], "ImageConfiguration": {**image, **maps}}}
    return found, shapes.to_api(get_service_model("apprunner").shape_for("SourceConfiguration"), plain)


def properties_of(source):
    image = source["ImageRepository"].get("ImageConfiguration", {})
    lists = {name: [{"Name": key, "Value": value} for key, value in image[name].items()] for name in MAPS if name in image}
    return {**source, "ImageRepository": {**source["ImageRepository"], "ImageConfiguration": {**image, **lists}}}


def allow(context, operation):
    if context.principal:
        iam.require(context.principal, "apprunner", operation)


def settle(context, service):
    CLOCK.wait_for(lambda: service.operations[0].over and service.status != "OPERATION_IN_PROGRESS" or context.stack.cancelled)


def create(context, p):
    allow(context, "CreateService")
    given, source = api(p)
    given.setdefault("ServiceName", context.name(40))
    service = runner.Service(context.region, given, source)
    service.begin("CREATE_SERVICE", service.creating)
    settle(context, service)
    if service.status == "CREATE_FAILED":
        service.delete()  # CloudFormation removes what it could not make
        raise Refused(handler_message(f"Service {service.arn} failed to create.", "GeneralServiceException"))
    return service.arn


def found(arn):
    service = runner.SERVICES.get(arn)
    return service if service and not service.deleted_at else None


def read(_context, arn, _p):
    service = found(arn)
    if service is None:
        return None
    return {**service.given, "SourceConfiguration": properties_of(service.source), "ServiceArn": service.arn, "ServiceId": service.id,
            "ServiceUrl": service.url, "Status": service.status}


def change(context, arn, _old, new):
    allow(context, "UpdateService")
    service, (given, source) = found(arn), api(new)
    if service.status != "RUNNING":
        raise Refused(handler_message(f"Service cannot be updated in the current state: {service.status}.", "InvalidRequest"))
    service.given.update(given)
    service.begin("UPDATE_SERVICE", service.updating, source)
    settle(context, service)


def remove(context, arn, _p):
    allow(context, "DeleteService")
    service = found(arn)
    if service:
        service.delete()


TABLE = [Kind("AWS::AppRunner::Service", create, read, change, remove, kept_by="emulator's API", note="its operations: compute/runner.py")]
