"""What CloudFormation refuses during an operation: bad properties, stack policies, custom names, alarms."""
import fnmatch
import json

from moto.cloudwatch.models import cloudwatch_backends

from . import moto_calls, schema
from .context import Refused
from .diff import equal
from .stack import ACCOUNT


def faults(resource_type, given):
    """(path, words) of properties that the type does not have, and of those it lacks."""
    known = schema.of(resource_type)
    extra = sorted(set(given) - set(known.get("properties", {})))
    missing = [name for name in known.get("required", []) if name not in given]
    return [(f"/Properties/{name}", f"#: extraneous key [{name}] is not permitted") for name in extra] + [
        ("/Properties", f"#: required key [{name}] not found") for name in missing]


def properties(logical_id, resource_type, given):
    """Refuses properties as a resource handler does, when the resource is made."""
    found = faults(resource_type, given)
    if found:
        raise Refused(f"Properties validation failed for resource {logical_id} with message:\n" + "\n".join(words for _, words in found))


def own_names(resource_type):
    """Properties that are the name of a resource: with the same value there can be no second one beside it."""
    identifiers = schema.names(resource_type, "primaryIdentifier")
    if identifiers and not identifiers & schema.names(resource_type, "readOnlyProperties"):
        return identifiers
    service, short = resource_type.split("::")[1:3]
    candidates = {short + "Name"} | ({"Name"} if service == "ElasticLoadBalancingV2" else set())
    return candidates & schema.names(resource_type, "createOnlyProperties")


def replaceable(new, old):
    """Refuses the replacement of what has a name of its own: old and new cannot be there at the same time."""
    names = own_names(new.type)
    if names and all(name in new.properties and equal(new.properties[name], old.properties.get(name)) for name in names):
        given = ", ".join(str(new.properties[name]) for name in sorted(names))
        raise Refused(f"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {given} "
                      "and update the stack again.")


def stack_policy(stack, logical_id, action):
    """Applies the stack policy: what it does not allow, or denies, is refused."""
    if not stack.policy:
        return
    allowed = False
    for statement in _list(json.loads(stack.policy)["Statement"]):
        if not any(fnmatch.fnmatchcase(action, item) for item in _list(statement.get("Action", []))):
            continue
        if not any(fnmatch.fnmatchcase("LogicalResourceId/" + logical_id, item) for item in _list(statement.get("Resource", "*"))):
            continue
        if statement["Effect"] == "Deny":
            allowed = False
            break
        allowed = True
    if not allowed:
        raise Refused(f"Action denied by stack policy: Statement [#1] does not allow [{action}] for resource [LogicalResourceId/{logical_id}]")


def policy_allows_removal(stack, wanted):
    from .schedule import Failure
    for name in stack.resources:
        if name not in wanted:
            try:
                stack_policy(stack, name, "Update:Delete")
            except Refused as error:
                raise Failure({name: str(error)}) from error


def alarms(rollback, region):
    """Refuses to go on while a rollback trigger is in ALARM.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
    """
    for trigger in (rollback or {}).get("RollbackTriggers", []):
        name = trigger["Arn"].split(":alarm:")[-1]
        with moto_calls.LOCK:  # not by DescribeAlarms, which is asked before every resource: a fifth of an update's time
            found = cloudwatch_backends[ACCOUNT][region].alarms.get(name)
        if found is None or found.rule is not None:
            raise Refused(f"Rollback trigger {trigger['Arn']} does not exist")
        if found.state_value == "ALARM":
            raise Refused(f"Rollback requested by alarm {trigger['Arn']}, which is in ALARM state.")


def _list(value):
    return value if isinstance(value, list) else [value]
