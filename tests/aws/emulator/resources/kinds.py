"""What a resource kind is, and the helpers that most kinds share."""
import json
import uuid
from dataclasses import dataclass

from botocore.exceptions import ClientError

from .. import schema, shapes

GONE = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "not found", "does not exist", "Unknown")


@dataclass
class Kind:
    """How resources of one CloudFormation type are made and read.

    create(context, properties) returns the physical id (the value of Ref); read(context, physical id, properties) returns
    properties and attributes in the schema's vocabulary, or None when the resource is gone.
    """
    type: str
    create: object
    read: object
    update: object = None  # (context, physical id, old properties, new properties)
    remove: object = None  # (context, physical id, properties)
    snapshot: object = None  # (context, physical id, properties), before a removal with policy Snapshot
    ready: object = None  # (context, physical id, properties): whether a creation is really over, where that may take long
    kept_by: str = ""  # where it is neither moto nor the emulator's store
    stored_only: bool = False  # kept by the emulator alone: no API of the service shows it
    note: str = ""  # what else a reader of a test should know


def gone(error):
    return any(word in error.response["Error"].get("Code", "") + error.response["Error"].get("Message", "") for word in GONE)


def reading(function):
    """A reader that answers None when the service says that there is no such thing."""
    def read(context, physical_id, properties):
        try:
            return function(context, physical_id, properties)
        except ClientError as error:
            if gone(error):
                return None
            raise
    return read


def removing(function):
    """A remover that is content when there is nothing to remove, as CloudFormation is."""
    def remove(context, physical_id, properties):
        try:
            function(context, physical_id, properties)
        except ClientError as error:
            if not gone(error):
                raise
    return remove


def again(create):
    """An update by the same call that creates, for services whose calls put."""
    def update(context, _physical_id, _old, new):
        create(context, new)
    return update


def changed(old, new, *names):
    return any(old.get(name) != new.get(name) for name in names)


def without(properties, *names):
    return {name: value for name, value in properties.items() if name not in names}


def tag_map(tags):
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def tag_list(tags, key="Key", value="Value"):
    """Tags of any service as CloudFormation lists them."""
    if isinstance(tags, dict):
        return [{"Key": name, "Value": text} for name, text in tags.items()]
    return [{"Key": tag[key], "Value": tag[value]} for tag in tags or []]


def sync_tags(old, new, put, drop):
    """Brings tags from old to new properties: put(list of Key and Value), drop(list of keys)."""
    before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
    gone_keys = [key for key in before if key not in after]
    if gone_keys:
        drop(gone_keys)
    if after != before and after:
        put([{"Key": key, "Value": value} for key, value in after.items()])


def document(text):
    return json.loads(text) if isinstance(text, str) else text


def as_json(value):
    return value if isinstance(value, str) else json.dumps(value)


def view(kind, *answers, **more):
    """Answers of the service as properties of the type."""
    found = {}
    for answer in answers:
        found.update(shapes.to_properties(kind, answer))
    found.update({name: value for name, value in more.items() if value is not None})
    return found


def lowered(value):
    """Keys with a small first letter, the vocabulary of ECS, ECR and CloudWatch Logs, for free-form parts."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: lowered(item) for key, item in value.items()}
    return [lowered(item) for item in value] if isinstance(value, list) else value


STORED = {}  # (region, type, physical id) -> properties and attributes of what only the emulator keeps


def stored(resource_type, physical_id=None, attributes=None, note=""):
    """A kind that no API of moto has. physical_id(context, properties), attributes(context, physical id, properties)."""
    def create(context, properties):
        identifiers = schema.names(resource_type, "primaryIdentifier")
        own = next((str(properties[name]) for name in identifiers if name in properties), None)
        found = physical_id(context, properties) if physical_id else own or context.name(64)
        STORED[context.region, resource_type, found] = dict(properties)
        return found

    def read(context, found, _properties):
        properties = STORED.get((context.region, resource_type, found))
        if properties is None:
            return None
        answer = {name: _made_up(context, resource_type, found, name) for name in schema.names(resource_type, "readOnlyProperties")}
        return {**answer, **(attributes(context, found, properties) if attributes else {}), **properties}

    def update(context, found, _old, new):
        STORED[context.region, resource_type, found] = dict(new)

    def remove(context, found, _properties):
        STORED.pop((context.region, resource_type, found), None)

    return Kind(resource_type, create, read, update, remove, stored_only=True, note=note)


def _made_up(context, resource_type, physical_id, name):
    """A value for a read-only attribute in the right form."""
    service = resource_type.split("::")[1].lower()
    if name.lower().endswith("arn"):
        if physical_id.startswith("arn:"):
            return physical_id
        return f"arn:aws:{service}:{context.region}:{context.account}:{resource_type.split('::')[2].lower()}/{physical_id}"
    if name.lower() in ("id", resource_type.split("::")[2].lower() + "id"):
        return physical_id
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{resource_type}/{physical_id}/{name}"))
