"""Change sets: made in the background, described in pages, executed once.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""
import json
import threading
import uuid

from . import checks, engine, importing, lifecycle, template
from .diff import Differ
from .errors import AwsError, invalid
from .parameters import shown
from .stack import ACCOUNT, now

EARLY = "AWS::EarlyValidation::PropertyValidation"  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
EARLY_FAILED = (f"The following hook(s)/validation failed: [{EARLY}]. To troubleshoot Early Validation errors, use the DescribeEvents API "
                "for detailed failure information.")
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class ChangeSet:
    """One change set of one stack."""

    def __init__(self, name, stack, kind, target, request):
        self.name, self.stack, self.kind, self.target = name, stack, kind, target
        self.id = f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:changeSet/{name}/{uuid.uuid4()}"
        self.description = request.get("Description")
        self.on_failure = request.get("OnStackFailure")
        self.imports = request.get("ResourcesToImport") or []
        self.created = now()
        self.status, self.execution_status, self.reason = "CREATE_PENDING", "UNAVAILABLE", None
        self.changes = []
        self.overtaken = False  # another one was executed while this was being made
        self.work = str(uuid.uuid4())  # its operation's id

    def fail(self, reason):
        self.status, self.execution_status, self.reason = "FAILED", "UNAVAILABLE", reason

    def compute(self, collection_values):
        """Expands the template, compares and settles the status. Runs in the background."""
        try:
            extended = template.extended(self.target.tree)
            self.target.tree = template.processed(self.target.tree, collection_values)
            template.check(self.target.tree, self.stack.region, extended)
            if self.kind == "IMPORT":
                return self.compare_imports()
            self.compare()
            if self.status == "CREATE_COMPLETE" and self.validate():
                self.changes = []
                self.fail(EARLY_FAILED)
        except Exception as error:  # what a template says wrong is the reason of the change set
            self.fail(getattr(error, "message", None) or f"{type(error).__name__}: {error}")
        return None

    def compare_imports(self):
        importing.check(self)
        self.changes = importing.changes(self)
        self.status, self.execution_status = "CREATE_COMPLETE", "OBSOLETE" if self.overtaken else "AVAILABLE"

    def compare(self):
        """Settles what the processed template would change."""
        stack, target, updates = self.stack, self.target, self.kind == "UPDATE"
        if updates:
            target.changed_parameters = {name for name, text in target.parameters.items() if stack.target.parameters.get(name) != text}
        differ = Differ(stack, target, lambda refs, attributes: engine.evaluator(stack, target, refs, attributes),
                        updates and stack.target.tags != target.tags)
        self.changes = differ.changes()
        if not self.changes and not self.outputs_change(differ):
            self.fail(NO_CHANGES)
        else:
            self.status, self.execution_status = "CREATE_COMPLETE", "OBSOLETE" if self.overtaken else "AVAILABLE"

    def validate(self):
        """Notes what is wrong with the properties of added and modified resources, for DescribeEvents; whether anything is."""
        found = []
        for change in self.changes:
            if change["Action"] == "Remove":
                continue
            given = json.loads(change["AfterContext"])["Properties"]
            for path, words in checks.faults(change["ResourceType"], given):
                name = change["LogicalResourceId"]
                found.append({"EventId": str(uuid.uuid4()), "StackId": self.stack.id, "OperationId": self.work, "OperationType": "CREATE_CHANGESET",
                              "EventType": "VALIDATION_ERROR", "LogicalResourceId": name, "ResourceType": change["ResourceType"],
                              "Timestamp": now(), "ValidationName": "PROPERTY_VALIDATION", "ValidationStatus": "FAILED",
                              "ValidationFailureMode": "FAIL", "ValidationStatusReason": words, "ValidationPath": f"/Resources/{name}{path}"})
        self.stack.validations += found
        return bool(found)

    def outputs_change(self, differ):
        """Whether outputs, their conditions or the set of them differ: a change without a resource."""
        wanted = {name: differ.evaluator.value(one["Value"]) for name, one in (self.target.tree.get("Outputs") or {}).items()
                  if differ.evaluator.exists(one)}
        return {name: str(value) for name, value in wanted.items()} != {o["OutputKey"]: o["OutputValue"] for o in self.stack.outputs}

    def summary(self):
        return {"StackId": self.stack.id, "StackName": self.stack.name, "ChangeSetId": self.id, "ChangeSetName": self.name,
                "ExecutionStatus": self.execution_status, "Status": self.status, "StatusReason": self.reason,
                "CreationTime": self.created, "Description": self.description, "IncludeNestedStacks": False}

    def full(self):
        target = self.target
        return {**self.summary(), "Parameters": shown(target.tree, target.parameters), "Capabilities": target.capabilities,
                "Tags": target.tags, "NotificationARNs": target.notification_arns, "RollbackConfiguration": target.rollback or {},
                "OnStackFailure": self.on_failure}


def find(store, name, stack_name=None):
    """A change set by ARN, or by its name and its stack's."""
    with store.lock:
        for stack in reversed(store.stacks):
            if stack_name and stack_name not in (stack.name, stack.id):
                continue
            for change_set in stack.change_sets.values():
                if name == change_set.id or stack_name and name == change_set.name:
                    return change_set
    if not name.startswith("arn:") and stack_name is None:
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    if stack_name and store.live(stack_name) is None and not stack_name.startswith("arn:"):
        raise invalid(f"Stack [{stack_name}] does not exist")
    raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)


def start(change_set, settings, collection_values):
    """Computes in the background, with the delay that settings say."""
    def work():
        with settings.changed:
            change_set.status = "CREATE_IN_PROGRESS"
            settings.changed.wait_for(lambda: change_set.status != "CREATE_IN_PROGRESS", timeout=settings.change_set_s)
        with change_set.stack.lock:  # not while another one begins to change the stack
            if change_set.status == "CREATE_IN_PROGRESS":
                change_set.compute(collection_values)

    threading.Thread(target=work, name="change set " + change_set.name, daemon=True).start()


def execute(change_set, settings, request):
    """Starts what the change set says; all others of the stack become obsolete."""
    stack = change_set.stack
    allowed = {"CREATE": ("REVIEW_IN_PROGRESS",), "IMPORT": ("REVIEW_IN_PROGRESS", *lifecycle.UPDATABLE)}.get(change_set.kind, lifecycle.UPDATABLE)
    with stack.lock:
        if change_set.status != "CREATE_COMPLETE":
            raise AwsError("InvalidChangeSetStatus",
                           f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]")
        if change_set.execution_status != "AVAILABLE":
            raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{change_set.id}] cannot be executed in its current execution status of "
                           f"[{change_set.execution_status}]")
        lifecycle.refuse_unless(stack, allowed)
        obsolete(stack, change_set)
        change_set.execution_status = "EXECUTE_IN_PROGRESS"

        def done(succeeded):
            change_set.execution_status = "EXECUTE_COMPLETE" if succeeded else "EXECUTE_FAILED"

        disable = str(request.get("DisableRollback", False)).lower() == "true"
        token = request.get("ClientRequestToken")
        if change_set.kind == "IMPORT":
            importing.execute(change_set, settings, token, done)
        elif change_set.kind == "CREATE":
            failure = change_set.on_failure or ("DO_NOTHING" if disable else "ROLLBACK")
            keep = bool(request.get("RetainExceptOnCreate"))
            lifecycle.create(stack, change_set.target, settings, failure, token, keep, done)
        else:
            lifecycle.update(stack, change_set.target, settings, disable or change_set.on_failure == "DO_NOTHING", token, done)


def obsolete(stack, but=None):
    """Change sets that were made for a stack as it was before."""
    for other in stack.change_sets.values():
        other.overtaken = other is not but
        if other is not but and other.execution_status == "AVAILABLE":
            other.execution_status = "OBSOLETE"
