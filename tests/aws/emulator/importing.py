"""Change sets of type IMPORT: resources that exist already become part of a stack, as they are.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
"""
from . import lifecycle, schema
from .context import reason_of
from .engine import Operation, read_attributes_of
from .errors import invalid
from .stack import STORES, Resource


def may_import_into(stack):
    """Nothing, a stack that is only planned, or one that stands."""
    if stack and stack.status != "REVIEW_IN_PROGRESS":
        lifecycle.refuse_unless(stack, lifecycle.UPDATABLE)


def physical_id(one):
    """What a resource is told by: the values of its primary identifier."""
    names, given = schema.names(one["ResourceType"], "primaryIdentifier"), one.get("ResourceIdentifier") or {}
    if sorted(given) != sorted(names):
        raise invalid(f"Resource identifier for {one['LogicalResourceId']} must have exactly {sorted(names)}, not {sorted(given)}")
    return "|".join(given[name] for name in names)


def _owner(region, resource_type, found):
    for one in STORES.values():
        for stack in one.stacks:
            near = one.region == region or resource_type == "AWS::S3::Bucket"  # whose names are of the whole world
            if near and any(r.type == resource_type and r.physical_id == found for r in stack.resources.values()):
                return stack.name
    return None


def check(change_set):
    """What AWS refuses: the words are the change set's reason. The template is processed."""
    stack, tree = change_set.stack, change_set.target.tree
    wanted = {one["LogicalResourceId"]: one for one in change_set.imports}
    if not wanted:
        raise invalid("ResourcesToImport must be specified for change sets of type IMPORT")
    if (tree.get("Outputs") or {}) != (stack.target.tree.get("Outputs") or {}):
        raise invalid("As part of the import operation, you cannot modify or add [Outputs]")
    others = [name for name in tree["Resources"] if name not in wanted and name not in stack.resources]
    if others:
        raise invalid(f"Resources {others} is missing from ResourceToImport list")
    if any(tree["Resources"].get(name) != r.definition for name, r in stack.resources.items()):
        raise invalid("As part of the import operation, you cannot modify or remove resources of the stack")
    for name, one in wanted.items():
        _check_one(stack, tree["Resources"].get(name), name, one)


def _check_one(stack, definition, name, one):
    if definition is None or definition["Type"] != one["ResourceType"]:
        raise invalid(f"The template has no resource {name} of type {one['ResourceType']}")
    if name in stack.resources:
        raise invalid(f"{name} is in the stack already")
    if "DeletionPolicy" not in definition:
        raise invalid(f"The following resources to import [{name}] must have DeletionPolicy attribute specified in the template.")
    owner = _owner(stack.region, one["ResourceType"], physical_id(one))
    if owner:
        raise invalid(f"{physical_id(one)} of type {one['ResourceType']} belongs to stack {owner} already")


def changes(change_set):
    return [{"Action": "Import", "LogicalResourceId": one["LogicalResourceId"], "PhysicalResourceId": physical_id(one), "ResourceType": one["ResourceType"],
             "Scope": [], "Details": []} for one in change_set.imports]


def execute(change_set, settings, token, done):
    """IMPORT_COMPLETE, or, if one of them is not there, as before."""
    stack = change_set.stack
    operation = Operation(stack, change_set.target, settings, token)
    before = dict(stack.resources)
    stack.begin("IMPORT")
    stack.set_status("IMPORT_IN_PROGRESS", "User Initiated")

    def body():
        try:
            found = [_place(operation, one) for one in change_set.imports]  # all of them, for their references to each other
            for resource in found:
                _take_in(operation, resource)
        except Exception as error:
            stack.resources = before
            stack.set_status("IMPORT_ROLLBACK_IN_PROGRESS", reason_of(error))
            stack.set_status("IMPORT_ROLLBACK_COMPLETE")
            return done(False)
        operation.succeed("IMPORT_COMPLETE")
        return done(True)

    operation.start(body)


def _place(operation, one):
    name = one["LogicalResourceId"]
    resource = Resource(name, one["ResourceType"], operation.target.tree["Resources"][name], physical_id=physical_id(one))
    operation.stack.resources[name] = resource
    return resource


def _take_in(operation, resource):
    operation.mark(resource, "IMPORT_IN_PROGRESS", "Resource import started.")
    try:
        operation.fill(resource)
        read_attributes_of(operation.stack, resource)
    except Exception as error:
        operation.mark(resource, "IMPORT_FAILED", reason_of(error))
        raise
    operation.mark(resource, "IMPORT_COMPLETE", "Resource import completed.")
