"""App Runner: services, their operations over time, and the instances that serve.

https://docs.aws.amazon.com/apprunner/latest/api/API_OperationSummary.html
https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
"""
import copy
import uuid

from botocore.exceptions import ClientError
from moto.core.utils import utcnow

from .. import moto_calls
from ..clock import CLOCK, pause
from ..stack import ACCOUNT
from . import behaviour, command, preparation

SERVICES = {}  # ARN: Service; deleted ones stay, as at AWS
ENDS = []  # how the next operations end, whatever their image is like: set by a test
OVER = ("SUCCEEDED", "FAILED", "ROLLBACK_SUCCEEDED", "ROLLBACK_FAILED")
SETTINGS = None  # set by install()


class Instance:
    """What answers requests: the image's behaviour, with what the edge's application wants to know of a task."""

    def __init__(self, service, repository):
        self.id, self.region, self.settings = uuid.uuid4().hex, service.region, SETTINGS
        self.image = repository["ImageIdentifier"]
        self.digest = self.image.partition("@")[2] or self.image
        self.environment = dict(repository.get("ImageConfiguration", {}).get("RuntimeEnvironmentVariables") or {})
        self.behaviour = behaviour.take(self.image, service.name)
        self.forward = self.behaviour.forward
        self.log = service.open_log("application", f"instance/{self.id}")

    def starts(self):
        """Whether it comes up: the image is there, the program stays, a health check succeeds. None, or why not."""
        rule = self.behaviour
        if rule.start in ("pull_error", "no_permission") or SETTINGS.check_images and preparation.missing(self, self.image):
            return "Failed to pull your application image. Be sure you configure your service with a valid access role to your ECR repository."
        command.write_log(self, rule.log)
        if rule.start != "ok":
            return "Your application stopped or failed to start."
        return None if rule.healthy else "Health check failed on port '8080'. Check your configured port number."


class Operation:
    """One operation on a service."""

    ended_at = None

    def __init__(self, service, kind, generator=None):
        self.id, self.service, self.kind, self.status = str(uuid.uuid4()), service, kind, "PENDING"
        self.started_at = self.updated_at = utcnow()
        self.end = ENDS.pop(0) if ENDS and kind in ("UPDATE_SERVICE", "CREATE_SERVICE") else None
        service.operations.insert(0, self)
        service.status = "OPERATION_IN_PROGRESS"

    @property
    def over(self):
        return self.status in OVER

    def set(self, status):
        self.status, self.updated_at = status, utcnow()
        if self.over:
            self.ended_at = self.updated_at

    def brief(self):
        shown = {"Id": self.id, "Type": self.kind, "Status": self.status, "TargetArn": self.service.arn, "StartedAt": self.started_at, "UpdatedAt": self.updated_at}
        return {**shown, "EndedAt": self.ended_at} if self.ended_at else shown


class Service:
    """One service. given: everything but the source, in the API's vocabulary; source: SourceConfiguration; serving: the Instance that answers."""

    deleted_at, serving = None, None

    def __init__(self, region, given, source):
        self.region, self.name, self.id = region, given["ServiceName"], uuid.uuid4().hex
        self.arn = f"arn:aws:apprunner:{region}:{ACCOUNT}:service/{self.name}/{self.id}"
        self.url = f"{self.id[:10]}.{region}.awsapprunner.com"
        self.given, self.source, self.operations, self.domains = given, source, [], {}
        self.created_at = self.updated_at = utcnow()
        self.events = self.open_log("service", "events")
        SERVICES[self.arn] = self

    @property
    def repository(self):
        return self.source["ImageRepository"]

    # -- logs

    def open_log(self, kind, stream):
        logs, group = moto_calls.client("logs", self.region), f"/aws/apprunner/{self.name}/{self.id}/{kind}"
        for make, names in ((logs.create_log_group, {"logGroupName": group}), (logs.create_log_stream, {"logGroupName": group, "logStreamName": stream})):
            try:
                make(**names)
            except ClientError as error:
                if "AlreadyExists" not in error.response["Error"]["Code"]:
                    raise
        return logs, group, stream

    def says(self, text):
        self.log = self.events
        command.write_log(self, [f"[AppRunner] {text}"])

    # -- operations

    def begin(self, kind, life, *arguments):
        operation = Operation(self, kind)
        self.updated_at = utcnow()
        CLOCK.run(life(operation, *arguments))
        return operation

    def settle(self, status):
        self.status, self.updated_at = status, utcnow()
        self.says(f"Service status is set to {status}.")

    def bring(self, operation):
        """A new instance of what is configured now, as a process of the clock; whether it may have the requests."""
        operation.set("IN_PROGRESS")
        fresh = Instance(self, self.repository)
        yield pause(SETTINGS.runner_s + fresh.behaviour.healthy_after_s)
        reason = fresh.starts()
        if reason:
            self.says(reason)
        if operation.end in (None, "SUCCEEDED") and not reason:
            self.serving = fresh
            return True
        return False

    def creating(self, operation):
        self.says("Service creation started.")
        good = yield from self.bring(operation)
        operation.set("SUCCEEDED" if good else "FAILED")
        self.settle("RUNNING" if good else "CREATE_FAILED")

    def updating(self, operation, source):
        """The new configuration is shown from the begin on; what failed is taken back with it."""
        before, self.source = self.source, source
        self.says("Service update started.")
        if (yield from self.bring(operation)):
            operation.set("SUCCEEDED")
        elif operation.end == "FAILED":
            self.source = before
            operation.set("FAILED")
        else:
            operation.set("ROLLBACK_IN_PROGRESS")
            self.says("Service update failed. Rolling back.")
            yield pause(SETTINGS.runner_rollback_s)
            if operation.end != "ROLLBACK_FAILED":
                self.source = before
            operation.set(operation.end if operation.end in OVER else "ROLLBACK_SUCCEEDED")
        self.settle("RUNNING")

    def stopping(self, operation):
        operation.set("IN_PROGRESS")
        yield pause(SETTINGS.runner_s)
        self.serving = None
        operation.set("SUCCEEDED")
        self.settle("PAUSED")

    def resuming(self, operation):
        good = yield from self.bring(operation)
        operation.set("SUCCEEDED" if good else "FAILED")
        self.settle("RUNNING" if good else "PAUSED")

    def delete(self):
        Operation(self, "DELETE_SERVICE").set("SUCCEEDED")
        self.serving, self.deleted_at = None, utcnow()
        self.status = "DELETED"

    # -- what is shown

    def describe(self):
        shown = {"ServiceName": self.name, "ServiceId": self.id, "ServiceArn": self.arn, "ServiceUrl": self.url, "CreatedAt": self.created_at,
                 "UpdatedAt": self.updated_at, "Status": self.status, "SourceConfiguration": copy.deepcopy(self.source),
                 "AutoScalingConfigurationSummary": {"AutoScalingConfigurationArn": self.given.get("AutoScalingConfigurationArn", "")}}
        rest = ("InstanceConfiguration", "HealthCheckConfiguration", "NetworkConfiguration", "EncryptionConfiguration", "ObservabilityConfiguration")
        return {**shown, **{name: self.given[name] for name in rest if name in self.given}, **({"DeletedAt": self.deleted_at} if self.deleted_at else {})}


def find(host):
    """The service that answers under a host: its own name, or one that is associated with it. None: nobody."""
    for one in SERVICES.values():
        if not one.deleted_at and (host == one.url or one.domains.get(host) == "active"):
            return one
    return None


def install(settings):
    global SETTINGS
    SETTINGS = settings


def reset():
    SERVICES.clear()
    ENDS.clear()
