"""Intrinsic functions, conditions and dynamic references of a template, evaluated for one stack."""
import base64
import ipaddress
import json
import re

from .errors import invalid
from .template import depends_on, sub_names

NO_VALUE = object()  # what Ref AWS::NoValue gives: the property or list item does not exist
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"  # how a change set shows a value that only the execution will know


def is_unknown(value):
    return isinstance(value, str) and UNKNOWN in value


def as_text(value):
    """A scalar as CloudFormation writes it into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Evaluator:
    """Evaluates trees of one template.

    refs(logical_id) and attributes(logical_id, name) tell what resources are called; resolve(text) replaces
    {{resolve:...}} or leaves it, as a change set does.
    """

    def __init__(self, tree, parameters, pseudo, refs=None, attributes=None, resolve=None):
        self.tree, self.parameters, self.pseudo = tree, parameters, pseudo
        self.refs, self.attributes, self.resolve = refs, attributes, resolve
        self.known_conditions = {}

    def value(self, node):
        """The evaluated tree; NO_VALUE for what does not exist."""
        if isinstance(node, str):
            return self.resolve(node) if self.resolve and "{{resolve:" in node else node
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), = node.items()
            function = FUNCTIONS.get(name)
            if function:
                return function(self, argument)
            if name.startswith("Fn::") and name != "Fn::Transform":
                raise invalid(f"Template error: {name} is not a function that this template may use here")
        found = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in found.items() if item is not NO_VALUE}

    def condition(self, name):
        """Whether a named condition holds."""
        if name not in self.known_conditions:
            conditions = self.tree.get("Conditions") or {}
            if name not in conditions:
                raise invalid(f"Template error: unresolved condition dependency {name}")
            self.known_conditions[name] = self.test(conditions[name])
        return self.known_conditions[name]

    def test(self, node):
        (name, argument), = node.items()
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::Equals":
            left, right = (self.value(item) for item in argument)
            return left == right or as_text(left) == as_text(right)
        if name == "Fn::Not":
            return not self.test(argument[0])
        if name == "Fn::And":
            return all([self.test(item) for item in argument])
        if name == "Fn::Or":
            return any([self.test(item) for item in argument])
        if name == "Fn::Contains":
            return as_text(self.value(argument[1])) in [as_text(item) for item in self.value(argument[0])]
        raise invalid("Template format error: Conditions can only be boolean operations on parameters and other conditions")

    def exists(self, definition):
        """Whether the condition of a resource or output lets it exist."""
        return "Condition" not in definition or self.condition(definition["Condition"])

    def depends(self, definition):
        """Logical ids that a resource needs first: DependsOn, and references in the branches that are taken."""
        found = set(depends_on(definition))
        self._collect(definition.get("Properties") or {}, found)
        resources = self.tree["Resources"]
        return {name for name in found if name in resources and self.exists(resources[name])}

    def _collect(self, node, found):
        if isinstance(node, list):
            for item in node:
                self._collect(item, found)
        elif isinstance(node, dict):
            if len(node) == 1:
                (name, argument), = node.items()
                if name == "Fn::If":
                    node = argument[1] if self.condition(argument[0]) else argument[2]
                    return self._collect(node, found)
                if name == "Ref" and isinstance(argument, str):
                    found.add(argument)
                elif name == "Fn::GetAtt":
                    found.add(argument.split(".")[0] if isinstance(argument, str) else argument[0])
                elif name == "Fn::Sub":
                    found.update(text.split(".")[0] for text in sub_names(argument))
            for item in node.values():
                self._collect(item, found)


def _ref(ev, name):
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in ev.pseudo:
        return ev.pseudo[name]
    if name in ev.parameters:
        return ev.parameters[name]
    if name in ev.tree["Resources"] and ev.refs:
        return ev.refs(name)
    raise invalid(f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template")


def _get_att(ev, argument):
    target, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    if target not in ev.tree["Resources"]:
        raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {target}")
    return ev.attributes(target, ev.value(attribute))


def _sub(ev, argument):
    text, own = argument if isinstance(argument, list) else (argument, {})
    own = {name: ev.value(node) for name, node in own.items()}

    def one(match):
        name = match.group(1)
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in own:
            found = own[name]
        elif "." in name:
            found = _get_att(ev, name)
        else:
            found = _ref(ev, name)
        return as_text(found)

    return ev.value(re.sub(r"\$\{([^}]+)\}", one, text))


def _join(ev, argument):
    separator, items = argument[0], ev.value(argument[1])
    return UNKNOWN if is_unknown(items) else separator.join(as_text(item) for item in items)


def _split(ev, argument):
    text = ev.value(argument[1])
    return text if is_unknown(text) else text.split(argument[0])


def _select(ev, argument):
    index, items = int(ev.value(argument[0])), ev.value(argument[1])
    if is_unknown(items):
        return items
    if isinstance(items, str):
        items = items.split(",")
    if not 0 <= index < len(items):
        raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return items[index]


def _if(ev, argument):
    return ev.value(argument[1] if ev.condition(argument[0]) else argument[2])


def _find_in_map(ev, argument):
    name, first, second = (ev.value(item) for item in argument[:3])
    found = (ev.tree.get("Mappings") or {}).get(name, {}).get(as_text(first), {})
    if as_text(second) in found:
        return ev.value(found[as_text(second)])
    if len(argument) > 3:
        return ev.value(argument[3]["DefaultValue"])
    raise invalid(f"Template error: Unable to get mapping for {name}::{first}::{second}")


def _get_azs(ev, argument):
    region = ev.value(argument) or ev.pseudo["AWS::Region"]
    return [region + zone for zone in ("acd" if region == "ap-northeast-1" else "abc")]


def _cidr(ev, argument):
    block, count, bits = (ev.value(argument) + [5])[:3] if len(argument) < 3 else ev.value(argument)
    if is_unknown(block):
        return block
    network = ipaddress.ip_network(block)
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
    found = [str(subnet) for subnet, _ in zip(subnets, range(int(count)))]
    if len(found) < int(count):
        raise invalid(f"Template error: Fn::Cidr cannot make {count} blocks with {bits} bits in {block}")
    return found


def _length(ev, argument):
    items = ev.value(argument)
    return len(items.split(",")) if isinstance(items, str) else len(items)


def _json_text(ev, argument):
    return json.dumps(ev.value(argument), separators=(",", ":"))


FUNCTIONS = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _json_text,
    "Fn::Base64": lambda ev, argument: base64.b64encode(as_text(ev.value(argument)).encode()).decode(),
}

REFERENCE = re.compile(r"\{\{resolve:(ssm-secure|ssm|secretsmanager):([^}]+)\}\}")


def resolve_references(text, client):
    """Replaces {{resolve:ssm|ssm-secure|secretsmanager:...}} by what the services answer; client(service) gives them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    def one(match):
        kind, rest = match.groups()
        if kind != "secretsmanager":
            name = re.sub(r":(\d+)$", r":\1", rest)
            return client("ssm").get_parameter(Name=name, WithDecryption=kind == "ssm-secure")["Parameter"]["Value"]
        parts = rest.split(":")
        secret, more = (":".join(parts[:7]), parts[7:]) if rest.startswith("arn:") else (parts[0], parts[1:])
        wanted = dict(zip(("kind", "key", "VersionStage", "VersionId"), more))
        choice = {name: wanted[name] for name in ("VersionStage", "VersionId") if wanted.get(name)}
        text = client("secretsmanager").get_secret_value(SecretId=secret, **choice)["SecretString"]
        return as_text(json.loads(text)[wanted["key"]]) if wanted.get("key") else text

    return REFERENCE.sub(one, text)
