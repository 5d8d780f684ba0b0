"""Writes XML as xmltodict and moto's serializer do, at a tenth of their cost: most of what an emulated AWS does is to answer in XML.

unparse() takes the place of xmltodict.unparse(); of_shape() writes an answer that is made of dictionaries by botocore's model.
"""
import functools
from xml.sax.saxutils import escape, quoteattr

import xmltodict

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
original = xmltodict.unparse


class NotSimple(Exception):
    """Something that xmltodict itself has to write."""


@functools.cache
def _checked(name, kind="element"):
    """A name of an element or attribute, if it is one."""
    xmltodict._validate_name(name, kind)
    if name.startswith("#"):
        raise NotSimple()
    return name


def _text(value):
    if isinstance(value, str):
        return value
    return xmltodict._convert_value_to_string(value)


def _element(write, name, value, short):
    """One element of that name for every value of a list, one for anything else."""
    _checked(name)
    several = hasattr(value, "__iter__") and not isinstance(value, (str, bytes, bytearray, memoryview, dict))
    for one in value if several else (value,):
        if isinstance(one, str):
            _leaf(write, name, "", one, short)
        elif isinstance(one, dict):
            _branch(write, name, one, short)
        else:
            _leaf(write, name, "", "" if one is None else _text(one), short)


def _leaf(write, name, attributes, text, short):
    write(f"<{name}{attributes}/>" if short and not text else f"<{name}{attributes}>{escape(text)}</{name}>")


def _branch(write, name, value, short):
    attributes, text, children = "", "", []
    for key, inner in value.items():
        if key[0] == "@":
            if isinstance(inner, dict):
                raise NotSimple()
            attributes += f" {_checked(key[1:], 'attribute')}={quoteattr('' if inner is None else _text(inner))}"
        elif key == "#text":
            text = "" if inner is None else _text(inner)
        elif not (isinstance(inner, list) and not inner):
            children.append((key, inner))
    if not children:
        return _leaf(write, name, attributes, text, short)
    write(f"<{name}{attributes}>")
    for key, inner in children:
        _element(write, key, inner, short)
    write(f"{escape(text)}</{name}>")


def unparse(tree, output=None, encoding="utf-8", full_document=True, short_empty_elements=False, pretty=False, **more):
    """What xmltodict.unparse() gives."""
    plain = output is None and encoding == "utf-8" and not pretty and not more
    try:
        if not plain or full_document and (len(tree) != 1 or isinstance(next(iter(tree.values())), list)):
            raise NotSimple()
        pieces = [HEAD] if full_document else []
        for name, value in tree.items():
            _element(pieces.append, name, value, short_empty_elements)
        return "".join(pieces)
    except NotSimple:
        return original(tree, output, encoding, full_document, short_empty_elements, pretty=pretty, **more)


# -- by botocore's model, in the query protocol

def _timestamp(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if value.microsecond else "%Y-%m-%dT%H:%M:%SZ")


WORDS = {"boolean": lambda value: "true" if value is True or str(value).lower() == "true" else "false", "timestamp": _timestamp,
         "integer": lambda value: str(int(value)), "long": lambda value: str(int(value)), "string": str}


def of_shape(write, shape, value, name):
    """One member of an answer; members that are None or that the model does not have are left out."""
    kind = shape.type_name
    if kind == "structure":
        _structure(write, shape, value, name)
    elif kind == "list":
        _list(write, shape, value, name)
    elif kind == "map":
        _map(write, shape, value, name)
    else:
        text = WORDS[kind](value)
        write(f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>")


def members(shape, value):
    """(name, shape, value) of what an answer has of a structure."""
    for name, member in shape.members.items():
        inner = value.get(name)
        if inner is not None:
            yield member.serialization.get("name", name), member, inner


def _structure(write, shape, value, name):
    found = list(members(shape, value))
    write(f"<{name}>" if found else f"<{name}/>")
    for inner_name, member, inner in found:
        of_shape(write, member, inner, inner_name)
    write(f"</{name}>" if found else "")


def _list(write, shape, value, name):
    structure = shape.member.type_name == "structure"
    found = [one for one in value if one is not None and not (structure and not any(members(shape.member, one)))]
    inner_name = shape.member.serialization.get("name", "member")
    write(f"<{name}>" if found else f"<{name}/>")
    for one in found:
        of_shape(write, shape.member, one, inner_name)
    write(f"</{name}>" if found else "")


def _map(write, shape, value, name):
    found = {key: inner for key, inner in value.items() if inner is not None}
    write(f"<{name}>" if found else f"<{name}/>")
    for key, inner in found.items():
        write("<entry>")
        of_shape(write, shape.key, key, "key")
        of_shape(write, shape.value, inner, "value")
        write("</entry>")
    write(f"</{name}>" if found else "")
