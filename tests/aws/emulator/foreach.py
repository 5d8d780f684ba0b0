"""Fn::ForEach of AWS::LanguageExtensions: loops become what they repeat.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""
import re

from .errors import invalid

PREFIX = "Fn::ForEach::"


def expand(tree, collection_values):
    """A copy of the template with every loop written out, in Conditions, Resources, Properties and Outputs."""
    return {key: _expand(value, {}, collection_values) if key in ("Conditions", "Resources", "Outputs") else value
            for key, value in tree.items()}


def _expand(node, names, collection_values):
    if isinstance(node, str):
        return _replace(node, names)
    if isinstance(node, list):
        return [_expand(item, names, collection_values) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and isinstance(node.get("Ref"), str) and node["Ref"] in names:
        return names[node["Ref"]]
    result = {}
    for key, value in node.items():
        if key.startswith(PREFIX):
            pairs = _loop(key, value, names, collection_values)
        else:
            pairs = {_replace(key, names): _expand(value, names, collection_values)}
        for name, body in pairs.items():
            if name in result:
                raise invalid(f"Transform AWS::LanguageExtensions failed with: Fn::ForEach could not be resolved: duplicate key {name}")
            result[name] = body
    return result


def _loop(key, value, names, collection_values):
    if not (isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[2], dict)):
        raise invalid(f"Transform AWS::LanguageExtensions failed with: {key} layout is incorrect")
    identifier, collection, body = value
    if identifier in names:
        raise invalid(f"Transform AWS::LanguageExtensions failed with: {key}: identifier {identifier} is used already")
    values = collection_values(_expand(collection, names, collection_values))
    result = {}
    for item in values:
        for name, one in _expand(body, {**names, identifier: str(item)}, collection_values).items():
            if name in result:
                raise invalid(f"Transform AWS::LanguageExtensions failed with: {key}: duplicate key {name}")
            result[name] = one
    return result


def _replace(text, names):
    for name, value in names.items():
        text = text.replace("${" + name + "}", value)
        text = text.replace("&{" + name + "}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
