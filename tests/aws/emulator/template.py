"""Reads a template body and checks it the way CloudFormation does before it starts anything."""
import functools
import json
import marshal
import re

import yaml

from . import foreach, schema
from .errors import invalid

SECTIONS = {"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Rules",
            "Transform", "Resources", "Outputs", "Hooks"}
BODY_BYTES = 51200  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
URL_BYTES = 1024 * 1024
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
ONLY_WITH_EXTENSIONS = ("Fn::Length", "Fn::ToJsonString")


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as CloudFormation reads it: dates stay text, short tags become functions."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {"Fn::" + suffix: value}


Loader.add_multi_constructor("!", _short_tag)


@functools.lru_cache(maxsize=100)
def _parsed(body):
    """The tree that a text is, as marshal keeps it: the same templates come again and again, and each time the tree is somebody's own."""
    return marshal.dumps(json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader))


def load(body):
    """The template as a tree; ValidationError when it is none."""
    try:
        tree = marshal.loads(_parsed(body))
    except (ValueError, yaml.YAMLError) as error:
        raise invalid(f"Template format error: YAML not well-formed. ({str(error).splitlines()[0]})") from error
    if not isinstance(tree, dict):
        raise invalid("Template format error: unsupported structure.")
    unknown = sorted(set(tree) - SECTIONS)
    if unknown:
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    if not tree.get("Resources"):
        raise invalid("Template format error: At least one Resources member must be defined.")
    return tree


def transforms(tree):
    named = tree.get("Transform", [])
    return named if isinstance(named, list) else [named]


def extended(tree):
    """Whether a template asks for the language extensions."""
    return LANGUAGE_EXTENSIONS in transforms(tree)


def processed(tree, collection_values):
    """The template after its transforms; collection_values resolves a collection of Fn::ForEach to a list."""
    if extended(tree):
        tree = foreach.expand(tree, collection_values)
        return {key: value for key, value in tree.items() if key != "Transform"}
    return tree


def walk(node, path=()):
    """Every (path, function name, argument) in a tree."""
    if isinstance(node, dict):
        for key, value in node.items():
            if len(node) == 1 and (key.startswith("Fn::") or key in ("Ref", "Condition")):
                yield path, key, value
            yield from walk(value, path + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, path + (index,))


def sub_names(argument):
    """Names that a Fn::Sub refers to, without those of its own map."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    return [name for name in re.findall(r"\$\{([^!}][^}]*)\}", text if isinstance(text, str) else "")
            if name not in own]


def references(node):
    """(logical id, attribute or None) of everything that a tree refers to."""
    for _, name, argument in walk(node):
        if name == "Ref" and isinstance(argument, str):
            yield argument, None
        elif name == "Fn::GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            yield parts[0], parts[1] if isinstance(parts[1], str) else "*"
        elif name == "Fn::Sub":
            for text in sub_names(argument):
                target, _, attribute = text.partition(".")
                yield target, attribute or None


def check(tree, region, extended):
    """Refuses what CloudFormation refuses in a template whose transforms are done. extended: it has language extensions."""
    resources, parameters = tree["Resources"], tree.get("Parameters") or {}
    for logical_id, resource in resources.items():
        if not re.fullmatch(r"[A-Za-z0-9]+", logical_id):
            raise invalid(f"Template format error: Resource name {logical_id} is non alphanumeric.")
        if not isinstance(resource, dict) or "Type" not in resource:
            raise invalid(f"Template format error: [/Resources/{logical_id}] Every Resources object must contain a Type member.")
    unknown = sorted({r["Type"] for r in resources.values() if schema.of(r["Type"], region) is None})
    if unknown:
        raise invalid(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    _check_references(tree, resources, parameters)
    _check_circles(resources)
    _check_conditions(tree)
    if not extended:
        _check_plain(tree)


def _check_references(tree, resources, parameters):
    for section in ("Resources", "Outputs"):
        missing = set()
        for name, attribute in references(tree.get(section) or {}):
            if name.startswith("AWS::") or name in resources or attribute is None and name in parameters:
                continue
            if attribute is not None:
                raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
            missing.add(name)
        if missing:
            raise invalid(f"Template format error: Unresolved resource dependencies [{', '.join(sorted(missing))}] "
                          f"in the {section} block of the template")
    for logical_id, resource in resources.items():
        for name in depends_on(resource):
            if name not in resources:
                raise invalid(f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template")


def _check_circles(resources):
    needs = {name: set(depends_on(one)) | {target for target, _ in references(one.get("Properties") or {}) if target in resources}
             for name, one in resources.items()}
    left = dict(needs)
    while left:
        free = [name for name, needed in left.items() if not needed & left.keys()]
        if not free:
            raise invalid(f"Circular dependency between resources: [{', '.join(sorted(left))}]")
        for name in free:
            del left[name]


def _check_conditions(tree):
    defined = set(tree.get("Conditions") or {})
    used = [argument[0] for _, name, argument in walk(tree.get("Resources")) if name == "Fn::If"]
    used += [r["Condition"] for r in tree["Resources"].values() if "Condition" in r]
    used += [o["Condition"] for o in (tree.get("Outputs") or {}).values() if "Condition" in o]
    for name in used:
        if name not in defined:
            raise invalid(f"Template error: unresolved condition dependency {name} in the Resources block of the template")


def _check_plain(tree):
    for _, name, _ in walk(tree):
        if name in ONLY_WITH_EXTENSIONS:
            raise invalid(f"Template error: {name} is not supported without the {LANGUAGE_EXTENSIONS} transform")
    for logical_id, resource in tree["Resources"].items():
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if not isinstance(resource.get(policy, ""), str):
                raise invalid(f"Template format error: Every {policy} member must be a string.")


def depends_on(resource):
    named = resource.get("DependsOn", [])
    return [named] if isinstance(named, str) else named


NAMED_IAM = {"AWS::IAM::Group": "GroupName", "AWS::IAM::InstanceProfile": "InstanceProfileName",
             "AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName"}
OTHER_IAM = {"AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"}


def capabilities_needed(tree):
    """(capability, resource types that need it): what must be acknowledged for this template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html, Capabilities
    """
    kinds = [r for r in tree["Resources"].values() if isinstance(r, dict)]
    named = [r["Type"] for r in kinds if NAMED_IAM.get(r.get("Type")) in (r.get("Properties") or {})]
    if named:
        return "CAPABILITY_NAMED_IAM", sorted(set(named))
    iam = [r["Type"] for r in kinds if r.get("Type") in NAMED_IAM or r.get("Type") in OTHER_IAM]
    return ("CAPABILITY_IAM", sorted(set(iam))) if iam else (None, [])
