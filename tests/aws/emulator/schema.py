"""CloudFormation's provider schemas, as cfn-lint bundles them: which properties exist, which force a replacement, which AWS fills in.

The files are read directly, because importing cfn-lint costs most of a second.
"""
import functools
import importlib.util
import json
import pathlib

RESOURCES = pathlib.Path(importlib.util.find_spec("cfnlint").origin).parent / "data/schemas"


@functools.lru_cache(maxsize=None)
def _index(region):
    path = RESOURCES / "providers" / (region.replace("-", "_") + ".py")
    spec = importlib.util.spec_from_file_location("golive_provider_" + region, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.types


@functools.lru_cache(maxsize=None)
def of(resource_type, region="us-east-1"):
    """The schema of a resource type in a region, or None when CloudFormation has no such type there."""
    name = _index(region).get(resource_type)
    if name is None:
        return None
    return json.loads((RESOURCES / "resources" / (name + ".json")).read_text())


def names(resource_type, kind):
    """Top-level property names of a schema list such as createOnlyProperties."""
    schema = of(resource_type) or {}
    return {path.split("/")[2] for path in schema.get(kind, []) if path.count("/") == 2}


def recreation(resource_type, prop):
    """Always, Conditionally or Never: what a change of the property does to the resource."""
    if prop in names(resource_type, "createOnlyProperties"):
        return "Always"
    if prop in names(resource_type, "conditionalCreateOnlyProperties"):
        return "Conditionally"
    nested = (of(resource_type) or {}).get("createOnlyProperties", [])
    return "Conditionally" if any(path.split("/")[2] == prop for path in nested) else "Never"


def tag_property(resource_type):
    """The property that holds tags as a list of Key and Value, or None."""
    schema = of(resource_type) or {}
    name = schema.get("tagging", {}).get("tagProperty", "/properties/Tags").split("/")[-1]
    node = resolved(schema, schema.get("properties", {}).get(name, {}))
    return name if node.get("type") == "array" else None


def resolved(schema, node):
    """A schema node with its $ref followed."""
    seen = 0
    while "$ref" in node and seen < 10:
        target = schema
        for step in node["$ref"].lstrip("#/").split("/"):
            target = target.get(step, {})
        node, seen = target, seen + 1
    return node


def alternatives(schema, node):
    """A node and what its oneOf/anyOf/allOf allow, each resolved."""
    node = resolved(schema, node)
    found = [node]
    for word in ("oneOf", "anyOf", "allOf"):
        for option in node.get(word, []):
            found += alternatives(schema, option)
    return found


def properties_of(schema, node):
    """Every property name to its node, over all alternatives."""
    found = {}
    for option in alternatives(schema, node):
        found.update(option.get("properties", {}))
    return found
