"""CloudFormation's API: one function for every operation golive calls, in one table.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
"""
import json
import re
import urllib.parse

from . import changeset, drift, engine, functions, iam, importing, lifecycle, moto_calls, template
from .diff import without_values
from .errors import AwsError, invalid
from .parameters import chosen, evaluated
from .stack import ACCOUNT, STACK_TYPE, Stack, Target, store

STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")


class Call:
    """One request: its members, region, principal and the emulator's settings."""

    def __init__(self, request, region, principal, settings):
        self.request, self.region, self.principal, self.settings = request, region, principal, settings
        self.store = store(region)

    def get(self, name, default=None):
        return self.request.get(name, default)

    def stack(self, deleted=False):
        return self.store.find(self.request["StackName"], deleted)

    def page(self, items, key):
        """One page of a listing, with NextToken when there is more."""
        start = int(self.get("NextToken") or 0)
        end = start + self.settings.page_size
        more = {"NextToken": str(end)} if end < len(items) else {}
        return {key: items[start:end], **more}


# -- templates

def template_body(call, previous=None):
    """The template text of a request: given, from S3, or the one the stack has."""
    if call.get("UsePreviousTemplate"):
        if previous is None:
            raise invalid("UsePreviousTemplate cannot be specified for a stack that does not exist")
        return previous.target.body
    if call.get("TemplateURL"):
        return _from_s3(call, call.get("TemplateURL"))
    body = call.get("TemplateBody")
    if not body:
        raise invalid("Either Template URL or Template Body must be specified.")
    if len(body.encode()) > template.BODY_BYTES:
        raise invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                      f"Member must have length less than or equal to {template.BODY_BYTES}")
    return body


def _from_s3(call, url):
    parts = urllib.parse.urlsplit(url)
    host, path = parts.hostname or "", urllib.parse.unquote(parts.path.lstrip("/"))
    virtual = re.match(r"(.+)\.s3[.-].*amazonaws\.com", host)
    bucket, key = (virtual.group(1), path) if virtual else path.partition("/")[::2]
    iam.require(call.principal, "s3", "GetObject", f"arn:aws:s3:::{bucket}/{key}")
    try:
        body = moto_calls.client("s3", call.region).get_object(Bucket=bucket, Key=key)["Body"].read()
    except Exception as error:
        raise invalid(f"S3 error: {getattr(error, 'response', {}).get('Error', {}).get('Message', error)}") from error
    if len(body) > template.URL_BYTES:
        raise invalid(f"Template may not exceed {template.URL_BYTES} bytes in size.")
    return body.decode()


def collections(call, tree, texts, stack):
    """A function that resolves the collection of a Fn::ForEach."""
    parameters = evaluated(tree, texts, engine.client_of(call.region))
    pseudo = {"AWS::Region": call.region, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws",
              "AWS::StackName": stack.name if stack else call.get("StackName", "")}
    found = functions.Evaluator(tree, parameters, pseudo)

    def values(node):
        result = found.value(node)
        if isinstance(result, str):
            result = [item for item in result.split(",") if item]
        if not isinstance(result, list):
            raise invalid("Transform AWS::LanguageExtensions failed with: Fn::ForEach collection is not a list")
        return [functions.as_text(item) for item in result]
    return values


def target_of(call, stack, previous):
    """What the request wants the stack to be; checked as CloudFormation checks before it answers."""
    body = template_body(call, previous)
    tree = template.load(body)
    before = previous.target.parameters if previous else {}
    texts = chosen(tree, call.get("Parameters", []), before)
    if not template.extended(tree):
        template.check(tree, call.region, False)
    capabilities = call.get("Capabilities", [])
    needed, _kinds = template.capabilities_needed(tree)
    if needed and needed not in capabilities and not (needed == "CAPABILITY_IAM" and "CAPABILITY_NAMED_IAM" in capabilities):
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
    role = call.get("RoleARN") or (previous.target.role if previous else None)
    tags = call.get("Tags") if call.get("Tags") is not None else previous.target.tags if previous else []
    rollback = call.get("RollbackConfiguration") if call.get("RollbackConfiguration") is not None else (
        previous.target.rollback if previous else None)
    if role:
        iam.require(call.principal, "iam", "PassRole", role)
    return Target(tree, body, texts, tags, capabilities, description=tree.get("Description"),
                  notification_arns=call.get("NotificationARNs", []), rollback=rollback, role=role,
                  principal=iam.by_role(role) if role else call.principal)


def check_name(name):
    if not STACK_NAME.fullmatch(name) or len(name) > 128:
        raise invalid(f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy "
                      "regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*")


def new_stack(call, target):
    stack = Stack(call.get("StackName"), call.region, target)
    stack.reader = engine.read_attributes
    return stack


# -- change sets

def create_change_set(call):
    name, kind = call.get("StackName"), call.get("ChangeSetType", "UPDATE")
    with call.store.lock:  # two callers must not each make the stack
        old = call.store.live(name) or next((s for s in call.store.stacks if s.id == name and s.status != "DELETE_COMPLETE"), None)
        stack, previous = _stack_for_change_set(call, name, kind, old)
        target = target_of(call, stack, previous)
        if stack is None:
            stack = new_stack(call, Target({"Resources": {}}, target.body, {}, target.tags, []))
            call.store.add(stack)
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        if any(one.name == call.get("ChangeSetName") for one in stack.change_sets.values()):
            raise AwsError("AlreadyExistsException", f"ChangeSet {call.get('ChangeSetName')} already exists")
        made = changeset.ChangeSet(call.get("ChangeSetName"), stack, kind, target, call.request)
        stack.change_sets[made.id] = made
    changeset.start(made, call.settings, collections(call, target.tree, target.parameters, stack))
    return {"Id": made.id, "StackId": stack.id}


def _stack_for_change_set(call, name, kind, old):
    """(the stack, or None for one to be made; the stack whose values are kept, or None)."""
    if kind == "CREATE":
        check_name(name)
        if old and old.status != "REVIEW_IN_PROGRESS":
            raise invalid(f"Stack [{name}] already exists and cannot be created again with the changeSet [{call.get('ChangeSetName')}].")
        return old, None
    if kind == "IMPORT":
        check_name(name)
        importing.may_import_into(old)
        return old, old if old and old.status != "REVIEW_IN_PROGRESS" else None
    if kind != "UPDATE":
        raise invalid(f"golive's emulator does not make change sets of type {kind}")
    if old is None:
        raise invalid(f"Stack [{name}] does not exist")
    lifecycle.refuse_unless(old, lifecycle.UPDATABLE)
    return old, old


def describe_change_set(call):
    found = changeset.find(call.store, call.get("ChangeSetName"), call.get("StackName"))
    values = bool(call.get("IncludePropertyValues"))
    changes = [{"Type": "Resource", "ResourceChange": one if values else without_values(one)} for one in found.changes]
    return {**found.full(), **call.page(changes, "Changes")}


def list_change_sets(call):
    stack = call.stack()
    return call.page([one.summary() for one in stack.change_sets.values()], "Summaries")


def delete_change_set(call):
    try:
        found = changeset.find(call.store, call.get("ChangeSetName"), call.get("StackName"))
    except AwsError as error:
        if error.code == "ChangeSetNotFound":  # deleting what is not there succeeds
            return {}
        raise
    if found.execution_status == "EXECUTE_IN_PROGRESS":
        raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{found.id}] cannot be deleted in its current execution status of [EXECUTE_IN_PROGRESS]")
    del found.stack.change_sets[found.id]
    with call.settings.changed:
        found.status = "DELETE_COMPLETE"
        call.settings.changed.notify_all()
    return {}


def execute_change_set(call):
    found = changeset.find(call.store, call.get("ChangeSetName"), call.get("StackName"))
    changeset.execute(found, call.settings, call.request)
    return {}


# -- stacks

def create_stack(call):
    check_name(call.get("StackName"))
    if call.store.live(call.get("StackName")):
        raise AwsError("AlreadyExistsException", f"Stack [{call.get('StackName')}] already exists")
    target = _direct_target(call, None)
    stack = new_stack(call, target)
    stack.termination_protection = bool(call.get("EnableTerminationProtection"))
    stack.policy = call.get("StackPolicyBody")
    call.store.add(stack)
    failure = call.get("OnFailure") or ("DO_NOTHING" if call.get("DisableRollback") else "ROLLBACK")
    lifecycle.create(stack, target, call.settings, failure, call.get("ClientRequestToken"), bool(call.get("RetainExceptOnCreate")))
    return {"StackId": stack.id}


def _direct_target(call, stack):
    target = target_of(call, stack, stack)
    if template.transforms(target.tree) and "CAPABILITY_AUTO_EXPAND" not in target.capabilities:
        raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
    extended = template.extended(target.tree)
    target.tree = template.processed(target.tree, collections(call, target.tree, target.parameters, stack))
    template.check(target.tree, call.region, extended)
    return target


def update_stack(call):
    stack = call.stack()
    lifecycle.refuse_unless(stack, lifecycle.UPDATABLE)
    target = _direct_target(call, stack)
    trial = changeset.ChangeSet("direct", stack, "UPDATE", target, {})
    trial.compare()
    if trial.status == "FAILED":
        raise invalid("No updates are to be performed." if trial.reason == changeset.NO_CHANGES else trial.reason)
    changeset.obsolete(stack)
    lifecycle.update(stack, target, call.settings, bool(call.get("DisableRollback")), call.get("ClientRequestToken"))
    return {"StackId": stack.id}


def delete_stack(call):
    try:
        stack = call.stack()
    except AwsError:
        return {}
    if stack.status != "DELETE_COMPLETE":
        retain = call.get("RetainResources", [])
        if call.get("DeletionMode") == "FORCE_DELETE_STACK":
            retain = [r.logical_id for r in stack.resources.values() if r.status == "DELETE_FAILED"]
        role = call.get("RoleARN") or stack.target.role
        lifecycle.delete(stack, call.settings, retain, iam.by_role(role) if role else call.principal, call.get("ClientRequestToken"))
    return {}


def describe_stacks(call):
    if call.get("StackName"):
        return {"Stacks": [call.stack().description()]}
    return call.page([s.description() for s in call.store.stacks if s.status != "DELETE_COMPLETE"], "Stacks")


def list_stacks(call):
    wanted = call.get("StackStatusFilter")
    found = [s for s in reversed(call.store.stacks) if not wanted or s.status in wanted]
    return call.page([{"StackId": s.id, "StackName": s.name, "CreationTime": s.created, "LastUpdatedTime": s.updated, "DeletionTime": s.deleted,
                       "StackStatus": s.status, "StackStatusReason": s.reason, "TemplateDescription": s.target.description,
                       "DriftInformation": {"StackDriftStatus": s.drift_status, "LastCheckTimestamp": s.drift_time}} for s in found],
                     "StackSummaries")


def describe_stack_events(call):
    stack = call.stack()
    with stack.lock:
        return call.page(list(reversed(stack.events)), "StackEvents")


def describe_events(call):
    """Events by operation, with what the validation of change sets found; DescribeStackEvents does not have those."""
    chosen = changeset.find(call.store, call.get("ChangeSetName"), call.get("StackName")) if call.get("ChangeSetName") else None
    operation = chosen.work if chosen else call.get("OperationId")
    stacks = [chosen.stack] if chosen else [call.stack()] if call.get("StackName") else call.store.stacks
    found = [_operation_event(one) for stack in stacks for one in stack.events] + [one for stack in stacks for one in stack.validations]
    found = sorted((one for one in found if operation in (None, one["OperationId"])), key=lambda one: one["Timestamp"], reverse=True)
    if (call.get("Filters") or {}).get("FailedEvents"):
        found = [one for one in found if one["EventType"].endswith("_ERROR")]
    return call.page(found, "OperationEvents")


def _operation_event(one):
    status = one["ResourceStatus"]
    if one["ResourceType"] == STACK_TYPE:
        state = "FAILED" if "ROLLBACK" in status or "FAILED" in status else "IN_PROGRESS" if "PROGRESS" in status else "SUCCEEDED"
        return {**one, "EventType": "STACK_EVENT", "OperationStatus": state, "ResourceStatus": None}
    return {**one, "EventType": "PROVISIONING_ERROR" if status.endswith("FAILED") else "PROGRESS_EVENT"}


def _resource(stack, resource):
    drifted = (resource.drift or {}).get("StackResourceDriftStatus", "NOT_CHECKED")
    return {"StackName": stack.name, "StackId": stack.id, "LogicalResourceId": resource.logical_id, "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type, "Timestamp": resource.time, "LastUpdatedTimestamp": resource.time,
            "ResourceStatus": resource.status, "ResourceStatusReason": resource.reason,
            "DriftInformation": {"StackResourceDriftStatus": drifted}}


def list_stack_resources(call):
    stack = call.stack()
    return call.page([_resource(stack, r) for r in list(stack.resources.values())], "StackResourceSummaries")


def describe_stack_resources(call):
    if call.get("StackName"):
        stack = call.stack()
    else:
        wanted = call.get("PhysicalResourceId")
        stack = next((s for s in call.store.stacks if any(r.physical_id == wanted for r in s.resources.values())), None)
        if stack is None:
            raise invalid(f"Stack for {wanted} does not exist")
    wanted = call.get("LogicalResourceId")
    return {"StackResources": [_resource(stack, r) for r in list(stack.resources.values()) if wanted in (None, r.logical_id)]}


def describe_stack_resource(call):
    stack, wanted = call.stack(), call.get("LogicalResourceId")
    if wanted not in stack.resources:
        raise invalid(f"Resource {wanted} does not exist for stack {stack.name}")

    detail = _resource(stack, stack.resources[wanted])
    return {"StackResourceDetail": {**detail, "Metadata": json.dumps(stack.resources[wanted].definition.get("Metadata", {}))}}


def get_template(call):
    target = (changeset.find(call.store, call.get("ChangeSetName"), call.get("StackName")).target
              if call.get("ChangeSetName") else call.stack().target)

    body = json.dumps(target.tree) if call.get("TemplateStage") == "Processed" else target.body
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def get_template_summary(call):
    stack = call.stack() if call.get("StackName") else None
    tree = template.load(stack.target.body if stack else template_body(call))
    needed, kinds = template.capabilities_needed(tree)
    return {**_declared(tree), "Capabilities": [needed] if needed else [],
            "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(kinds)}]" if needed else None,
            "ResourceTypes": sorted({r["Type"] for r in tree["Resources"].values() if isinstance(r, dict)}),
            "Version": tree.get("AWSTemplateFormatVersion"), "DeclaredTransforms": template.transforms(tree)}


def _declared(tree):
    listed = [{"ParameterKey": name, "DefaultValue": functions.as_text(one["Default"]) if "Default" in one else None,
               "ParameterType": one.get("Type"), "NoEcho": functions.as_text(one.get("NoEcho", False)) == "true", "Description": one.get("Description"),
               "ParameterConstraints": {"AllowedValues": [functions.as_text(v) for v in one["AllowedValues"]]} if "AllowedValues" in one else {}}
              for name, one in (tree.get("Parameters") or {}).items()]
    return {"Parameters": listed, "Description": tree.get("Description")}


def validate_template(call):
    tree = template.load(template_body(call))
    if not template.extended(tree):
        template.check(tree, call.region, False)
    needed, kinds = template.capabilities_needed(tree)
    return {**_declared(tree), "Capabilities": [needed] if needed else [], "DeclaredTransforms": template.transforms(tree),
            "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(kinds)}]" if needed else None}


def continue_update_rollback(call):
    lifecycle.continue_rollback(call.stack(), call.settings, call.get("ResourcesToSkip", []), call.get("RoleARN"), call.get("ClientRequestToken"))
    return {}


def rollback_stack(call):
    stack = call.stack()
    lifecycle.rollback_stack(stack, call.settings, call.get("ClientRequestToken"))
    return {"StackId": stack.id}


def cancel_update_stack(call):
    lifecycle.cancel_update(call.stack(), call.settings)
    return {}


def set_stack_policy(call):
    call.stack().policy = call.get("StackPolicyBody") or (_from_s3(call, call.get("StackPolicyURL")) if call.get("StackPolicyURL") else None)
    return {}


def get_stack_policy(call):
    return {"StackPolicyBody": call.stack().policy}


def update_termination_protection(call):
    stack = call.stack()
    stack.termination_protection = bool(call.get("EnableTerminationProtection"))
    return {"StackId": stack.id}


def list_exports(call):
    found = [{"ExportingStackId": s.id, "Name": one["ExportName"], "Value": one["OutputValue"]}
             for s in call.store.stacks for one in s.outputs if one.get("ExportName")]
    return call.page(found, "Exports")


# -- drift

def detect_stack_drift(call):
    return {"StackDriftDetectionId": drift.detect(call.stack(), call.store, call.settings, call.get("LogicalResourceIds", []))}


def describe_detection(call):
    found = call.store.drift_detections.get(call.get("StackDriftDetectionId"))
    if found is None:
        raise invalid(f"Drift detection with id {call.get('StackDriftDetectionId')} does not exist")
    return found


def describe_resource_drifts(call):
    wanted = call.get("StackResourceDriftStatusFilters") or ["IN_SYNC", "MODIFIED", "DELETED", "NOT_CHECKED"]
    found = [r.drift for r in list(call.stack().resources.values()) if r.drift and r.drift["StackResourceDriftStatus"] in wanted]
    return call.page(found, "StackResourceDrifts")


def detect_resource_drift(call):
    stack, wanted = call.stack(), call.get("LogicalResourceId")
    if wanted not in stack.resources:
        raise invalid(f"Resource {wanted} does not exist for stack {stack.name}")
    return {"StackResourceDrift": drift.check(stack, stack.resources[wanted])}


TABLE = {
    "CreateChangeSet": create_change_set, "DescribeChangeSet": describe_change_set, "ListChangeSets": list_change_sets,
    "DeleteChangeSet": delete_change_set, "ExecuteChangeSet": execute_change_set,
    "CreateStack": create_stack, "UpdateStack": update_stack, "DeleteStack": delete_stack, "DescribeStacks": describe_stacks,
    "ListStacks": list_stacks, "DescribeStackEvents": describe_stack_events, "DescribeEvents": describe_events, "ListStackResources": list_stack_resources,
    "DescribeStackResources": describe_stack_resources, "DescribeStackResource": describe_stack_resource,
    "GetTemplate": get_template, "GetTemplateSummary": get_template_summary, "ValidateTemplate": validate_template,
    "ContinueUpdateRollback": continue_update_rollback, "RollbackStack": rollback_stack, "CancelUpdateStack": cancel_update_stack,
    "SetStackPolicy": set_stack_policy, "GetStackPolicy": get_stack_policy,
    "UpdateTerminationProtection": update_termination_protection, "ListExports": list_exports,
    "DetectStackDrift": detect_stack_drift, "DescribeStackDriftDetectionStatus": describe_detection,
    "DescribeStackResourceDrifts": describe_resource_drifts, "DetectStackResourceDrift": detect_resource_drift,
}


def perform(operation, request, region, principal, settings):
    """Runs one operation; AwsError says what is refused."""
    if operation not in TABLE:
        raise AwsError("InvalidAction", f"golive's emulator does not have the operation {operation}")
    iam.require(principal, "cloudformation", operation)
    return TABLE[operation](Call(request, region, principal, settings))
