"""Makes, changes and removes the resources of a stack: the operations behind change sets and DeleteStack.

States and their order follow
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""
import sys
import threading
import time
import traceback

from . import checks, drift, functions, moto_calls, schedule, schema
from .context import Context, Refused, reason_of
from .diff import equal
from .errors import AwsError
from .parameters import evaluated
from .resources import TABLE
from .stack import ACCOUNT, Resource, now


def client_of(region):
    return lambda service: moto_calls.client(service, region)


def pseudo(stack, target):
    return {"AWS::AccountId": ACCOUNT, "AWS::Region": stack.region, "AWS::StackName": stack.name, "AWS::StackId": stack.id,
            "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com", "AWS::NotificationARNs": target.notification_arns}


def evaluator(stack, target, refs, attributes, resolve=None):
    parameters = evaluated(target.tree, target.parameters, client_of(stack.region))
    return functions.Evaluator(target.tree, parameters, pseudo(stack, target), refs, attributes, resolve)


def read_attributes(stack, resource):
    """What Fn::GetAtt may ask of a resource: everything that reading it gives."""
    kind = TABLE[resource.type]
    found = kind.read(Context(stack, resource.logical_id), resource.physical_id, resource.properties)
    if found is None:
        raise Refused(f"Resource {resource.physical_id} of type {resource.type} does not exist.")
    return found


class Operation:
    """One operation on one stack. Runs in its own thread; journal is what it has done so far, to be taken back."""

    def __init__(self, stack, target, settings, token=None):
        self.stack, self.target, self.settings, self.token = stack, target, settings, token
        self.journal = stack.undo or []
        self.cleanup = stack.replaced  # survives a failed update that is neither rolled back nor over
        self.live = evaluator(stack, target, self.ref, self.attribute,
                              lambda text: functions.resolve_references(text, client_of(stack.region)))
        self.written = evaluator(stack, target, self.ref, self.attribute)

    def ref(self, logical_id):
        return self.stack.resources[logical_id].physical_id

    def attribute(self, logical_id, name):
        return self.stack.attribute_of(self.stack.resources[logical_id], name)

    def start(self, body):
        """Runs body in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(body,), name=f"{self.stack.name}", daemon=True)
        self.stack.operation = thread
        thread.start()

    def _guarded(self, body):
        try:
            body()
        except Exception as error:  # a mistake of the emulator: no stack may stay in progress for ever
            traceback.print_exc(file=sys.stderr)
            self.stack.set_status(self.stack.status.removesuffix("_IN_PROGRESS") + "_FAILED", f"emulator: {type(error).__name__}: {error}")
        finally:
            self.stack.operation = None

    def context(self, logical_id):
        return Context(self.stack, logical_id, self.target.principal)

    # -- one resource

    def mark(self, resource, status, reason=None):
        resource.status, resource.reason, resource.time = status, reason, now()
        properties = functions.json.dumps(resource.properties) if resource.properties else None
        self.stack.event(resource.logical_id, resource.physical_id, resource.type, status, reason, properties, self.token)

    def wanted(self):
        """Definitions of the resources that shall exist."""
        return {name: one for name, one in self.target.tree["Resources"].items() if self.live.exists(one)}

    def with_tags(self, resource_type, properties):
        """Properties as the service gets them: with the stack's tags."""
        name, tags = schema.tag_property(resource_type), self.target.tags
        if not name or not tags:
            return properties
        own = {tag.get("Key") for tag in properties.get(name) or []}
        return {**properties, name: (properties.get(name) or []) + [tag for tag in tags if tag["Key"] not in own]}

    def fill(self, resource):
        """Evaluates what the definition of a resource says, with the resources as they are now."""
        definition, evaluate = resource.definition, self.written.value
        resource.depends = self.live.depends(definition)
        resource.deletion_policy = evaluate(definition.get("DeletionPolicy", "Delete"))
        resource.replace_policy = evaluate(definition.get("UpdateReplacePolicy", "Delete"))
        resource.properties = evaluate(definition.get("Properties") or {})
        return resource

    def fault(self, logical_id, operation):
        reason = self.settings.take_fault(self.stack.name, logical_id, operation)
        if reason:
            raise Refused(reason)

    def make(self, resource, initiated):
        """Creates the resource with the service; its physical id is set afterwards."""
        self.fault(resource.logical_id, "CREATE")
        checks.properties(resource.logical_id, resource.type, resource.properties)
        properties = self.live.value(resource.definition.get("Properties") or {})
        kind = TABLE[resource.type]
        resource.physical_id = kind.create(self.context(resource.logical_id), self.with_tags(resource.type, properties))
        resource.attributes = None
        self.mark(resource, resource.status, initiated)

    def creation(self, logical_id, definition):
        """The step that creates a resource which does not exist yet."""
        holder = {}

        def begin():
            resource = holder["it"] = Resource(logical_id, definition["Type"], definition)
            self.stack.resources[logical_id] = resource
            self.journal.append(("create", logical_id, None, resource))
            self.mark(resource, "CREATE_IN_PROGRESS")
            self.fill(resource)
            self.make(resource, "Resource creation Initiated")

        def finish():
            self.fault(logical_id, "CREATE_END")
            read_attributes_of(self.stack, holder["it"])
            self.mark(holder["it"], "CREATE_COMPLETE")

        def fail(error):
            self.mark(holder["it"], "CREATE_FAILED", reason_of(error))
            return holder["it"].reason

        return schedule.Step(logical_id, self.live.depends(definition), begin, finish, fail,
                             lambda: self.mark(holder["it"], "CREATE_FAILED", "Resource creation cancelled"),
                             self.ready(definition["Type"], holder), "CREATE", definition["Type"])

    def ready(self, resource_type, holder):
        """A function that tells whether a resource that was created is really there, or None where it always is."""
        kind = TABLE[resource_type]
        if kind.ready is None:
            return None
        return lambda: "it" not in holder or kind.ready(self.context(holder["it"].logical_id), holder["it"].physical_id, holder["it"].properties)

    def modification(self, logical_id, definition):
        """The step that brings an existing resource to its new definition, if anything differs by then."""
        old = self.stack.resources[logical_id]
        holder = {"changed": False}

        def begin():
            new = self.fill(Resource(logical_id, definition["Type"], definition))
            new.physical_id, new.status, new.time, new.attributes = old.physical_id, old.status, old.time, old.attributes
            if equal(old.properties, new.properties) and old.status != "UPDATE_FAILED" and not self.tags_changed(old.type):
                self.stack.resources[logical_id] = new
                self.journal.append(("keep", logical_id, old, new))
                return schedule.AT_ONCE
            holder.update(it=new, changed=True)
            self.change(old, new)
            return None

        def finish():
            if holder["changed"]:
                self.fault(logical_id, "UPDATE_END")
                read_attributes_of(self.stack, holder["it"])
                self.mark(holder["it"], "UPDATE_COMPLETE")

        def fail(error):
            resource = holder.get("it", old)
            self.stack.resources[logical_id] = resource
            self.mark(resource, "UPDATE_FAILED", reason_of(error))
            return resource.reason

        def cancel():
            if holder["changed"]:
                self.mark(holder["it"], "UPDATE_FAILED", "Resource update cancelled")

        return schedule.Step(logical_id, self.live.depends(definition), begin, finish, fail, cancel,
                             self.ready(definition["Type"], holder), "UPDATE", definition["Type"])

    def tags_changed(self, resource_type):
        return schema.tag_property(resource_type) and self.stack.target.tags != self.target.tags

    def change(self, old, new):
        """Updates in place, or creates the replacement."""
        must_replace = [name for name in {**old.properties, **new.properties}
                        if schema.recreation(new.type, name) == "Always"
                        and not equal(old.properties.get(name), new.properties.get(name))]
        checks.stack_policy(self.stack, new.logical_id, "Update:Replace" if must_replace else "Update:Modify")
        self.stack.resources[new.logical_id] = new
        self.mark(new, "UPDATE_IN_PROGRESS",
                  "Requested update requires the creation of a new physical resource; hence creating one." if must_replace else None)
        if must_replace:
            checks.replaceable(new, old)
            self.journal.append(("replace", new.logical_id, old, new))
            new.physical_id = None
            self.make(new, "Resource creation Initiated")
            self.cleanup.append(old)
            return
        self.journal.append(("update", new.logical_id, old, new))
        self.update_in_place(old, new, "UPDATE", self.live.value(new.definition.get("Properties") or {}), self.target)

    def update_in_place(self, old, new, fault, properties, target):
        self.fault(new.logical_id, fault)
        checks.properties(new.logical_id, new.type, new.properties)
        kind = TABLE[new.type]
        if kind.update is None:
            raise Refused(f"golive's emulator does not update {new.type} in place")
        context = Context(self.stack, new.logical_id, target.principal)
        kind.update(context, new.physical_id, old.properties, self.with_tags(new.type, properties))
        new.attributes = None

    def removal(self, resource, waits_for, policy, rollback=False):
        """The step that deletes a resource, or skips it as its policy says."""
        def begin():
            keeps = policy == "Retain" or policy == "RetainExceptOnCreate" and not rollback
            if keeps or resource.physical_id is None:
                if keeps and resource.physical_id is not None:
                    self.mark(resource, "DELETE_SKIPPED")
                elif rollback:
                    self.mark(resource, "DELETE_COMPLETE")
                self.forget(resource)
                return schedule.AT_ONCE
            self.mark(resource, "DELETE_IN_PROGRESS")
            self.fault(resource.logical_id, "DELETE")
            kind, context = TABLE[resource.type], self.context(resource.logical_id)
            if policy == "Snapshot" and not rollback and kind.snapshot:
                kind.snapshot(context, resource.physical_id, resource.properties)
            kind.remove(context, resource.physical_id, resource.properties)
            return None

        def finish():
            if resource.status == "DELETE_IN_PROGRESS":
                self.mark(resource, "DELETE_COMPLETE")
                self.forget(resource)

        def fail(error):
            self.mark(resource, "DELETE_FAILED", reason_of(error))
            return resource.reason

        return schedule.Step(resource.logical_id, waits_for, begin, finish, fail, None, None, "DELETE", resource.type)

    def forget(self, resource):
        if self.stack.resources.get(resource.logical_id) is resource:
            del self.stack.resources[resource.logical_id]

    def remove_all(self, resources, policy_of, rollback=False):
        """Deletes resources, those that others need last. Raises Failure with what could not be deleted."""
        names = {r.logical_id for r in resources}
        needed_by = {name: {r.logical_id for r in resources if name in r.depends} for name in names}
        steps = [self.removal(r, needed_by[r.logical_id], policy_of(r), rollback) for r in resources]
        schedule.run(steps, self.stack, self.settings, stop_at_failure=False)

    # -- the whole stack

    def apply(self):
        """Creates and updates until the stack is as wanted; raises Failure or Cancelled."""
        checks.policy_allows_removal(self.stack, self.wanted())
        steps = []
        for name, definition in self.wanted().items():
            resource = self.stack.resources.get(name)
            if resource is None or resource.physical_id is None:
                steps.append(self.creation(name, definition))
            else:
                steps.append(self.modification(name, definition))
        for step in steps:
            step.begin = self.watched(step.begin)
        schedule.run(steps, self.stack, self.settings)
        self.watch_alarms()
        try:
            self.stack.outputs = self.outputs()
        except AwsError as error:
            raise schedule.Failure({self.stack.name: error.message}) from error

    def watched(self, begin):
        def checked():
            checks.alarms(self.target.rollback, self.stack.region)
            return begin()
        return checked

    def watch_alarms(self):
        """Rollback triggers are watched for MonitoringTimeInMinutes after all resources are there."""
        rollback = self.target.rollback or {}
        if not rollback.get("RollbackTriggers"):
            return
        end = time.monotonic() + self.settings.minute_s * int(rollback.get("MonitoringTimeInMinutes") or 0)
        while True:
            try:
                checks.alarms(rollback, self.stack.region)
            except Refused as error:
                raise schedule.Failure({self.stack.name: str(error)}) from error
            if time.monotonic() >= end:
                return
            with self.settings.changed:
                self.settings.changed.wait(0.05)

    def outputs(self):
        found = []
        for name, one in (self.target.tree.get("Outputs") or {}).items():
            if not self.live.exists(one):
                continue
            value = self.written.value(one["Value"])
            entry = {"OutputKey": name, "OutputValue": functions.as_text(value), "Description": one.get("Description")}
            if "Export" in one:
                entry["ExportName"] = self.written.value(one["Export"]["Name"])
            found.append(entry)
        return found

    def succeed(self, status):
        self.stack.target, self.stack.undo, self.stack.replaced = self.target, None, []
        self.stack.updated = now() if status != "CREATE_COMPLETE" else None
        self.stack.set_status(status)


def read_attributes_of(stack, resource):
    """Reads a resource that was just made or changed, and notes what its service did not keep."""
    resource.attributes = read_attributes(stack, resource)
    resource.baseline = {one["PropertyPath"] for one in drift.against(stack, resource, resource.attributes)}
