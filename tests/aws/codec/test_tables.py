#!/usr/bin/env python3
"""Every row and every name of golive's service tables against botocore's service models."""
import sys

from support import PROTOCOLS, Tap, api_names, model, paginators, tables

LEAST_OPERATIONS = 120
# botocore's newest protocol for CloudWatch is CBOR; it still lists query, which golive speaks.


def wire_names(shape, seen, found):
    """All names a value of that shape can have on the wire."""
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            serialization = member.serialization
            wire = serialization.get("name", name)
            query = serialization.get("queryName")
            found |= {name, wire, wire[0].upper() + wire[1:]} | ({query} if query else set())
            wire_names(member, seen, found)
    elif shape.type_name == "list":
        if shape.member.serialization.get("name"):
            found.add(shape.member.serialization["name"])
        found |= {"member", "item"}
        wire_names(shape.member, seen, found)
    elif shape.type_name == "map":
        found |= {"key", "value"}
        wire_names(shape.value, seen, found)


def check_service(name, row, theirs):
    wrong = []
    metadata = theirs.metadata
    protocol = PROTOCOLS[row["protocol"]]
    expect = {"signing_name": metadata.get("signingName") or metadata["endpointPrefix"]}
    if protocol not in metadata["protocols"]:
        wrong.append(f"protocol {protocol} is not among {metadata['protocols']}")
    if protocol in ("query", "ec2"):
        expect["version"] = theirs.api_version
    if protocol == "json":
        expect |= {"json_version": metadata["jsonVersion"], "target_prefix": metadata["targetPrefix"]}
    wrong += [f"{key}: {row.get(key)} should be {want}" for key, want in expect.items() if row.get(key) != want]
    known = set(row["operations"])
    for operation in row["operations"]:
        for shape in (theirs.operation_model(operation).input_shape, theirs.operation_model(operation).output_shape):
            wire_names(shape, set(), known)
    for side in ("input", "output"):
        for kind, words in row[side].items():
            for word in words.split():
                parts = word.replace("=", ".").replace("/", ".").split(".")
                wrong += [f"{side}.{kind}: {part} of {word} is no name of {name}" for part in parts if part not in known]
    return wrong


def bound(name, member, shape, protocol):
    """The word that binds a member, as the tables write it."""
    serialization = member.serialization
    location, wire = serialization.get("location"), serialization.get("name", name)
    if location == "querystring":
        return f"{name}?{wire}"
    if location in ("header", "headers"):
        return f"{name}@{wire}" + ("*" if location == "headers" else "")
    if shape.serialization.get("payload") == name:
        return name + "!"
    if (location == "uri" or protocol == "rest-json") and wire != name:
        return f"{name}={wire}"
    return name


def check_rest(row, operation, service, protocol):
    wrong = []
    uri = operation.http["requestUri"]
    if service == "s3":
        uri = "/" + uri.replace("/{Bucket}", "", 1).lstrip("/")
    if (row["method"], row["uri"]) != (operation.http["method"], uri):
        wrong.append(f"{row['method']} {row['uri']} should be {operation.http['method']} {uri}")
    for side, shape in (("input", operation.input_shape), ("output", operation.output_shape)):
        for word, name in zip((row.get(side) or "").split(), api_names(row.get(side))):
            if shape is None or name not in shape.members:
                wrong.append(f"{side} {name} is unknown")
            elif word != bound(name, shape.members[name], shape, protocol):
                wrong.append(f"{side} {word} should be {bound(name, shape.members[name], shape, protocol)}")
    if bool(operation.http_checksum.get("requestChecksumRequired")) != row["md5"]:
        wrong.append("md5 is wrong")
    return wrong


def check_page(row, theirs):
    def words(given):
        return " ".join([given] if isinstance(given, str) else given)
    if not row:
        return [] if theirs is None else [f"botocore paginates it: {theirs}"]
    if theirs is None:
        return ["botocore does not paginate it"]
    want = {"input": words(theirs["input_token"]), "output": words(theirs["output_token"]), "result": words(theirs["result_key"])}
    if "more_results" in theirs:
        want["more"] = theirs["more_results"]
    return [] if row == want else [f"page {row} should be {want}"]


def check_operation(service, name, row, theirs, protocol):
    if name not in theirs.operation_names:
        return ["there is no such operation"]
    operation = theirs.operation_model(name)
    shape = operation.input_shape
    members = set(shape.members) if shape else set()
    names = api_names(row.get("input"))
    wrong = [f"parameter {n} is unknown" for n in names if n not in members]
    wrong += [f"required parameter {n} is missing" for n in (shape.required_members if shape else []) if n not in names]
    if len(set(names)) != len(names):
        wrong.append("a parameter is there twice")
    if row.get("token") and row["token"] not in names:
        wrong.append(f"token {row['token']} is no parameter")
    modelled = [n for n in names if shape.members[n].metadata.get("idempotencyToken")]
    if modelled and row.get("token") not in modelled:
        wrong.append(f"{modelled} should be the token")
    if protocol.startswith("rest"):
        wrong += check_rest(row, operation, service, protocol)
    return wrong + check_page(row["page"], paginators(service).get(name))


def main():
    tap = Tap()
    total = 0
    for service, row in tables(sys.argv[1]).items():
        theirs = model(service)
        tap.say(not (wrong := check_service(service, row, theirs)), f"{service}: the service", wrong)
        wrong = []
        for name, operation in row["operations"].items():
            wrong += [f"{name}: {w}" for w in check_operation(service, name, operation, theirs, PROTOCOLS[row["protocol"]])]
        total += len(row["operations"])
        tap.say(not wrong, f"{service}: {len(row['operations'])} operations", wrong)
    tap.say(total >= LEAST_OPERATIONS, f"{total} operations")
    tap.end()


main()
