"""A stack, its resources and its events, and the store of all stacks of a region."""
import datetime
import os
import threading
import uuid
from dataclasses import dataclass, field

from .errors import invalid

ACCOUNT = os.environ.get("MOTO_ACCOUNT_ID", "123456789012")  # moto's variable
STACK_TYPE = "AWS::CloudFormation::Stack"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@dataclass
class Resource:
    """One resource of a stack: what was asked for (definition, properties) and what it became."""
    logical_id: str
    type: str
    definition: dict  # its part of the template
    properties: dict = field(default_factory=dict)  # evaluated
    physical_id: str = None
    status: str = "CREATE_IN_PROGRESS"
    reason: str = None
    time: datetime.datetime = field(default_factory=now)
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    depends: set = field(default_factory=set)
    attributes: dict = None  # read-only attributes, read once after every change
    baseline: set = field(default_factory=set)  # paths that the service did not keep when it was made
    drift: dict = None  # the last StackResourceDrift

    def clone(self):
        return Resource(**{**self.__dict__, "depends": set(self.depends)})


@dataclass
class Target:
    """What an operation is to make of a stack."""
    tree: dict  # the processed template
    body: str  # as it was sent
    parameters: dict  # text of every parameter
    tags: list
    capabilities: list
    changed_parameters: set = field(default_factory=set)
    description: str = None
    notification_arns: list = field(default_factory=list)
    rollback: dict = None  # RollbackConfiguration
    role: str = None  # service role that CloudFormation uses
    principal: object = None  # who asked


class Stack:
    """Everything that DescribeStacks and its neighbours tell about one stack."""

    def __init__(self, name, region, target):
        self.name, self.region, self.uuid = name, region, str(uuid.uuid4())
        self.id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{self.uuid}"
        self.status, self.reason = "REVIEW_IN_PROGRESS", None
        self.created, self.updated, self.deleted = now(), None, None
        self.target = target  # of the last operation that succeeded
        self.resources, self.outputs = {}, []
        self.events, self.change_sets = [], {}
        self.work = (str(uuid.uuid4()), "CREATE_STACK")  # id and type of the operation that events belong to
        self.validations = []  # what change sets found wrong, for DescribeEvents
        self.termination_protection = False
        self.disable_rollback = False
        self.policy = None
        self.drift_status, self.drift_time = "NOT_CHECKED", None
        self.operation = None  # the running one
        self.undo = None  # what an operation that failed left to take back
        self.replaced = []  # resources that replacements have made superfluous, to be deleted when the update is over
        self.cancelled = False
        self.reader = None  # reads attributes of a resource; set by the engine
        self.lock = threading.RLock()

    def begin(self, kind):
        """Starts an operation: the events that follow carry its id."""
        self.work = (str(uuid.uuid4()), kind)

    def event(self, logical_id, physical_id, resource_type, status, reason=None, properties=None, token=None):
        with self.lock:
            self.events.append({
                "StackId": self.id, "EventId": f"{logical_id}-{status}-{uuid.uuid4()}" if resource_type != STACK_TYPE
                else str(uuid.uuid4()), "StackName": self.name, "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical_id or "", "ResourceType": resource_type, "Timestamp": now(),
                "ResourceStatus": status, "ResourceStatusReason": reason, "ResourceProperties": properties,
                "ClientRequestToken": token, "OperationId": self.work[0], "OperationType": self.work[1]})

    def set_status(self, status, reason=None):
        with self.lock:
            self.status, self.reason = status, reason
            self.event(self.name, self.id, STACK_TYPE, status, reason)

    def attribute_of(self, resource, name):
        """The value of Fn::GetAtt."""
        if resource.attributes is None:
            resource.attributes = self.reader(self, resource)
        value = resource.attributes
        for step in [name] if name in value else name.split("."):
            if not isinstance(value, dict) or step not in value:
                raise invalid(f"Requested attribute {name} does not exist in schema for {resource.type}")
            value = value[step]
        return value

    def description(self):
        """One entry of DescribeStacks."""
        target = self.target
        drift = {"StackDriftStatus": self.drift_status, "LastCheckTimestamp": self.drift_time}
        from .parameters import shown
        return {"StackId": self.id, "StackName": self.name, "Description": target.description,
                "Parameters": shown(target.tree, target.parameters), "CreationTime": self.created,
                "LastUpdatedTime": self.updated, "DeletionTime": self.deleted,
                "RollbackConfiguration": target.rollback or {}, "StackStatus": self.status, "StackStatusReason": self.reason,
                "DisableRollback": self.disable_rollback, "NotificationARNs": target.notification_arns,
                "Capabilities": target.capabilities, "Outputs": self.outputs, "RoleARN": target.role, "Tags": target.tags,
                "EnableTerminationProtection": self.termination_protection, "DriftInformation": drift}


class Store:
    """The stacks of one region; deleted ones stay to be described by their id, as AWS keeps them for 90 days."""

    def __init__(self, region):
        self.region, self.stacks, self.lock = region, [], threading.RLock()
        self.drift_detections = {}

    def find(self, name, deleted=False):
        """The stack of a name or id, or ValidationError."""
        with self.lock:
            for stack in reversed(self.stacks):
                if stack.id == name or stack.name == name and stack.status != "DELETE_COMPLETE":
                    return stack
            if deleted:
                for stack in reversed(self.stacks):
                    if stack.name == name:
                        return stack
        raise invalid(f"Stack with id {name} does not exist")

    def live(self, name):
        with self.lock:
            return next((s for s in self.stacks if s.name == name and s.status != "DELETE_COMPLETE"), None)

    def add(self, stack):
        with self.lock:
            self.stacks.append(stack)

    def drop(self, name):
        with self.lock:
            self.stacks = [s for s in self.stacks if s.name != name and s.id != name]


STORES = {}
_LOCK = threading.Lock()


def store(region):
    with _LOCK:
        return STORES.setdefault(region, Store(region))
