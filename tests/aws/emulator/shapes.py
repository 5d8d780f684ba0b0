"""Translates between CloudFormation's property vocabulary and the services' API, guided by both models.

The names differ mostly by letter case (Cpu and cpu, AcmCertificateArn and ACMCertificateArn), and CloudFormation takes
text where the API wants numbers. So names are matched without case, and values take the type of the target.
"""
from . import schema


def to_api(shape, value):
    """A value as the API's shape wants it; members that the shape does not have are left out."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        return {members[key.lower()][0]: to_api(members[key.lower()][1], item)
                for key, item in value.items() if key.lower() in members and item is not None}
    if kind == "list":
        return [to_api(shape.member, item) for item in (value if isinstance(value, list) else [value])]
    if kind == "map" and isinstance(value, dict):
        return {key: to_api(shape.value, item) for key, item in value.items()}
    if kind in ("integer", "long"):
        return int(float(value))
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "blob":
        return value.encode() if isinstance(value, str) else value
    if kind == "string" and not isinstance(value, str):
        return ("true" if value else "false") if isinstance(value, bool) else str(value)
    return value


def to_properties(resource_type, answer):
    """An API answer in the vocabulary of the resource type's schema; what the schema does not know is left out."""
    whole = schema.of(resource_type)
    return _properties(whole, whole, answer)


def _properties(whole, node, value):
    if isinstance(value, dict):
        names = schema.properties_of(whole, node)
        if not names:
            return value
        known = {name.lower(): (name, inner) for name, inner in names.items()}
        return {known[key.lower()][0]: _properties(whole, known[key.lower()][1], item)
                for key, item in value.items() if key.lower() in known and item is not None}
    if isinstance(value, list):
        items = [option["items"] for option in schema.alternatives(whole, node) if "items" in option]
        return [_properties(whole, items[0] if items else {}, item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    return value


def call(client, operation, *sources, **more):
    """Calls an API operation (Python name) with members picked from CloudFormation properties, then from keywords."""
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    arguments = {}
    for source in sources + (more,):
        arguments.update(to_api(shape, source))
    answer = getattr(client, operation)(**arguments)
    answer.pop("ResponseMetadata", None)
    return answer
