"""Parameters of a template: values given, kept, defaulted, checked."""
import re

from .errors import invalid
from .functions import as_text

LISTS = ("CommaDelimitedList", "List<")


def is_list(kind):
    return kind.startswith(LISTS)


def chosen(tree, given, previous):
    """The text of every parameter; given is the Parameters list of the request, previous what the stack has now."""
    declared = tree.get("Parameters") or {}
    asked = {item["ParameterKey"]: item for item in given}
    unknown = sorted(set(asked) - set(declared))
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values, missing = {}, []
    for name, definition in declared.items():
        item = asked.get(name, {})
        if item.get("UsePreviousValue"):
            if name not in previous:
                raise invalid(f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template")
            values[name] = previous[name]
        elif "ParameterValue" in item:
            values[name] = item["ParameterValue"]
        elif "Default" in definition:
            values[name] = as_text(definition["Default"])
        else:
            missing.append(name)
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in values.items():
        _check(name, text, declared[name])
    return values


def _check(name, text, definition):
    kind = definition.get("Type", "String")
    items = text.split(",") if is_list(kind) else [text]
    allowed = [as_text(item) for item in definition.get("AllowedValues", [])]
    pattern = definition.get("AllowedPattern")
    for item in items:
        if allowed and item not in allowed:
            raise invalid(f"Parameter '{name}' must be one of AllowedValues")
        if pattern and not re.fullmatch(pattern, item):
            detail = definition.get("ConstraintDescription", f"Parameter {name} must match pattern {pattern}")
            raise invalid(f"Parameter '{name}' failed to satisfy constraint: {detail}" if "ConstraintDescription" in definition
                          else f"Parameter '{name}' must match pattern {pattern}")
    if kind == "Number":
        _check_number(name, text, definition)
    low, high = definition.get("MinLength"), definition.get("MaxLength")
    if low is not None and len(text) < int(low):
        raise invalid(f"Parameter '{name}' must contain at least {low} characters")
    if high is not None and len(text) > int(high):
        raise invalid(f"Parameter '{name}' must contain at most {high} characters")


def _check_number(name, text, definition):
    try:
        number = float(text)
    except ValueError:
        raise invalid(f"Parameter '{name}' must be a number.") from None
    if "MinValue" in definition and number < float(definition["MinValue"]):
        raise invalid(f"Parameter '{name}' must be a number not less than {definition['MinValue']}")
    if "MaxValue" in definition and number > float(definition["MaxValue"]):
        raise invalid(f"Parameter '{name}' must be a number not greater than {definition['MaxValue']}")


def evaluated(tree, texts, client):
    """Parameters as functions see them: lists split, values of SSM fetched."""
    found = {}
    for name, definition in (tree.get("Parameters") or {}).items():
        kind, text = definition.get("Type", "String"), texts[name]
        if kind.startswith("AWS::SSM::Parameter::Value<"):
            text = client("ssm").get_parameter(Name=text)["Parameter"]["Value"]
            kind = kind[len("AWS::SSM::Parameter::Value<"):-1]
        found[name] = [item.strip() for item in text.split(",")] if is_list(kind) else text
    return found


def shown(tree, texts):
    """Parameters as Describe* lists them: NoEcho hidden."""
    declared = tree.get("Parameters") or {}
    hidden = {name for name, definition in declared.items() if as_text(definition.get("NoEcho", False)) == "true"}
    return [{"ParameterKey": name, "ParameterValue": "****" if name in hidden else text} for name, text in texts.items()]
