"""AWS's query protocol, guided by botocore's model: form fields to a tree, a tree to XML.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""
import urllib.parse
import uuid
from xml.sax.saxutils import escape

from moto.core.utils import get_service_model

from . import xml

MODEL = get_service_model("cloudformation")
NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


def fields(body):
    return dict(urllib.parse.parse_qsl(body, keep_blank_values=True))


def request(operation, form):
    """The members of an operation's input that a form sets."""
    shape = MODEL.operation_model(operation).input_shape
    return members(shape, form)


def members(shape, form):
    """The members of a shape that a form sets."""
    return _structure(shape, form, "") if shape else {}


def _structure(shape, form, prefix):
    found = {}
    for name, member in shape.members.items():
        value = _value(member, form, prefix + member.serialization.get("name", name))
        if value is not None:
            found[name] = value
    return found


def _value(shape, form, name):
    if shape.type_name == "structure":
        return _structure(shape, form, name + ".") if any(key.startswith(name + ".") for key in form) else None
    if shape.type_name == "list":
        return _list(shape, form, name)
    if shape.type_name == "map":
        return _map(form, name)
    if name not in form:
        return None
    text = form[name]
    if shape.type_name == "boolean":
        return text == "true"
    return int(text) if shape.type_name in ("integer", "long") else text


def _list(shape, form, name):
    if form.get(name) == "":
        return []
    found, index = [], 1
    while True:
        one = f"{name}.member.{index}"
        if not any(key == one or key.startswith(one + ".") for key in form):
            return found or None
        found.append(_value(shape.member, form, one))
        index += 1


def _map(form, name):
    """Texts by name, or None where there are none."""
    found, index = {}, 1
    while f"{name}.entry.{index}.key" in form:
        found[form[f"{name}.entry.{index}.key"]] = form.get(f"{name}.entry.{index}.value", "")
        index += 1
    return found or None


def answer(operation, result):
    """(status, XML) of a success."""
    model, pieces = MODEL.operation_model(operation), [f'<{operation}Response xmlns="{NAMESPACE}">']
    if model.output_shape is not None:
        xml.of_shape(pieces.append, model.output_shape, result, model.output_shape.serialization["resultWrapper"])
    pieces.append(f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>")
    return model.http.get("responseCode", 200), "".join(pieces)


def error(failure):
    """(status, XML) of an AwsError."""
    sender = "Sender" if failure.status < 500 else "Receiver"
    return failure.status, (f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{sender}</Type><Code>{escape(failure.code)}</Code>'
                            f"<Message>{escape(failure.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>")
