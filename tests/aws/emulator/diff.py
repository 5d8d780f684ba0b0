"""What a change set would do: Changes as DescribeChangeSet lists them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""
import json

from . import schema
from .errors import invalid
from .functions import UNKNOWN, is_unknown
from .template import references

ATTRIBUTES = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy")


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def equal(left, right):
    """Equality as CloudFormation sees it: a number or boolean and its text are the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, (str, int, float, bool)) and isinstance(right, (str, int, float, bool)):
        return scalar(left) == scalar(right)
    return left == right


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def contains_unknown(value):
    if isinstance(value, dict):
        return any(map(contains_unknown, value.values()))
    if isinstance(value, list):
        return any(map(contains_unknown, value))
    return is_unknown(value)


class Differ:
    """Compares what a stack is with what a template and its parameters would make of it."""

    def __init__(self, stack, target, evaluator_for, tags_changed):
        self.stack, self.target, self.tags_changed = stack, target, tags_changed
        self.replaced, self.perhaps_replaced, self.modified = set(), set(), set()
        self.evaluator = evaluator_for(self.ref, self.attribute)

    def ref(self, logical_id):
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.physical_id is None or logical_id in self.replaced:
            return UNKNOWN
        return resource.physical_id

    def attribute(self, logical_id, name):
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.physical_id is None or logical_id in self.replaced:
            return UNKNOWN
        return self.stack.attribute_of(resource, name)

    def changes(self):
        """Every change, additions and modifications in the order of the template, then removals."""
        wanted = {name: one for name, one in self.target.tree["Resources"].items() if self.evaluator.exists(one)}
        found = {}
        for name in self.order(wanted):
            there = name in self.stack.resources and self.stack.resources[name].physical_id is not None
            change = self.modification(name, wanted[name]) if there else self.addition(name, wanted[name])
            if change:
                found[name] = change
        listed = [found[name] for name in wanted if name in found]
        return listed + [self.removal(r) for name, r in self.stack.resources.items() if name not in wanted]

    def order(self, wanted):
        done, order = set(), []

        def visit(name):
            if name in done:
                return
            done.add(name)
            for needed in sorted(self.evaluator.depends(wanted[name])):
                visit(needed)
            order.append(name)

        for name in wanted:
            visit(name)
        return order

    def addition(self, logical_id, definition):
        change = {"Action": "Add", "LogicalResourceId": logical_id, "ResourceType": definition["Type"], "Scope": [],
                  "Details": []}
        properties = self.evaluator.value(definition.get("Properties") or {})
        change["AfterContext"] = json.dumps({"Properties": properties}, separators=(",", ":"))
        return change

    def removal(self, resource):
        policy = {"Retain": "Retain", "Snapshot": "Snapshot", "RetainExceptOnCreate": "Retain"}.get(resource.deletion_policy, "Delete")
        return {"Action": "Remove", "LogicalResourceId": resource.logical_id, "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.type, "Scope": [], "Details": [], "PolicyAction": policy,
                "BeforeContext": json.dumps({"Properties": resource.properties}, separators=(",", ":"))}

    def modification(self, logical_id, definition):
        resource = self.stack.resources[logical_id]
        if definition["Type"] != resource.type:
            raise invalid("Update of resource type is not permitted. The new template modifies resource type of the "
                          f"following resources: [{logical_id}]")
        after = self.evaluator.value(definition.get("Properties") or {})
        details = self.property_details(resource, definition, after) + self.attribute_details(resource, definition)
        if self.tags_changed and schema.tag_property(resource.type):
            if not any(d["Target"]["Attribute"] == "Tags" for d in details):
                details.append(detail("Tags", None, "Never", "DirectModification"))
        if not details:
            return None
        replacement = replacement_of(details)
        if replacement != "False":
            (self.replaced if replacement == "True" else self.perhaps_replaced).add(logical_id)
        self.modified.add(logical_id)
        change = {"Action": "Modify", "LogicalResourceId": logical_id, "PhysicalResourceId": resource.physical_id,
                  "ResourceType": resource.type, "Replacement": replacement,
                  "Scope": sorted({d["Target"]["Attribute"] for d in details}), "Details": details,
                  "BeforeContext": json.dumps({"Properties": resource.properties}, separators=(",", ":")),
                  "AfterContext": json.dumps({"Properties": after}, separators=(",", ":"))}
        if replacement != "False":
            policy = self.evaluator.value(definition.get("UpdateReplacePolicy", "Delete"))
            change["PolicyAction"] = "ReplaceAnd" + policy
        return change

    def property_details(self, resource, definition, after):
        found, raw = [], definition.get("Properties") or {}
        tag_name = schema.tag_property(resource.type)
        for name in list(resource.properties) + [name for name in after if name not in resource.properties]:
            before, now = resource.properties.get(name), after.get(name)
            indirect = self.indirect(raw.get(name))
            if equal(before, now) and not contains_unknown(now):
                recreation = schema.recreation(resource.type, name)
                found += [detail("Properties", name, recreation, source, (before, now), cause, certain=False)
                          for source, cause in indirect]
                continue
            found += self.reasons(resource, name, raw, before, now, tag_name)
        return found

    def reasons(self, resource, name, raw, before, now, tag_name):
        """The details of one property that changes: where the change comes from."""
        attribute = "Tags" if name == tag_name else "Properties"
        shown = None if attribute == "Tags" else name
        recreation = schema.recreation(resource.type, name)
        values = (before, now)
        old_raw = (resource.definition.get("Properties") or {}).get(name)
        if old_raw != raw.get(name):
            return [detail(attribute, shown, recreation, "DirectModification", values)]
        causes = [target for target, path in references(raw.get(name)) if target in self.target.changed_parameters]
        found = [detail(attribute, shown, recreation, "ParameterReference", values, cause) for cause in dict.fromkeys(causes)]
        for target, path in dict.fromkeys(references(raw.get(name))):
            if target in self.replaced:
                source, cause = ("ResourceAttribute", f"{target}.{path}") if path else ("ResourceReference", target)
                found.append(detail(attribute, shown, recreation, source, values, cause, certain=contains_unknown(now)))
        return found or [detail(attribute, shown, recreation, "DirectModification", values, certain=True)]

    def indirect(self, raw):
        """(change source, cause) of references whose value AWS cannot know before the execution.

        That is every attribute of a resource that is modified, and all of one that is perhaps replaced.
        """
        found = []
        for target, path in dict.fromkeys(references(raw)):
            if path and target in self.modified and target not in self.replaced:
                found.append(("ResourceAttribute", f"{target}.{path}"))
            elif path is None and target in self.perhaps_replaced:
                found.append(("ResourceReference", target))
        return found

    def attribute_details(self, resource, definition):
        found = []
        for name in ATTRIBUTES:
            before, now = resource.definition.get(name), definition.get(name)
            if before != now:
                found.append(detail(name, None, "Never", "DirectModification", (before, now)))
        return found


def detail(attribute, name, recreation, source, values=(None, None), cause=None, certain=True):
    """One ResourceChangeDetail. certain: its Evaluation is Static, the value is known before the execution."""
    before, after = values
    target = {"Attribute": attribute, "RequiresRecreation": recreation}
    if name:
        target["Name"] = name
    target["Path"] = f"/{'Properties/' if attribute in ('Properties', 'Tags') else ''}{name or attribute}"
    target["AttributeChangeType"] = "Add" if before is None else "Remove" if after is None else "Modify"
    if before is not None:
        target["BeforeValue"] = text_of(before)
    if after is not None:
        target["AfterValue"] = text_of(after)
    found = {"Target": target, "Evaluation": "Static" if certain else "Dynamic", "ChangeSource": source}
    if cause:
        found["CausingEntity"] = cause
    return found


def replacement_of(details):
    """True, Conditional or False, from the details of one resource."""
    needs = {(d["Target"]["RequiresRecreation"], d["Evaluation"]) for d in details}
    if ("Always", "Static") in needs:
        return "True"
    if ("Always", "Dynamic") in needs or any(need == "Conditionally" for need, _ in needs):
        return "Conditional"
    return "False"


def without_values(change):
    """A change as DescribeChangeSet shows it when IncludePropertyValues is not set."""
    hidden = ("BeforeValue", "AfterValue", "Path", "AttributeChangeType")
    shown = {key: value for key, value in change.items() if key not in ("BeforeContext", "AfterContext")}
    shown["Details"] = [{**d, "Target": {k: v for k, v in d["Target"].items() if k not in hidden}} for d in change["Details"]]
    return shown
