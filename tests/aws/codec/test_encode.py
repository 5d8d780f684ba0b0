#!/usr/bin/env python3
"""Requests that golive writes against those of botocore's serializers, with every parameter of every operation."""
import base64
import datetime
import email.utils
import json
import random
import sys
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.serialize

from support import PROTOCOLS, Tap, api_names, model, run, tables, value

EACH = 4  # requests for each operation


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def for_botocore(made, shape):
    """Blobs as bytes; everything else is the same."""
    if shape.type_name == "structure":
        return {k: for_botocore(v, shape.members[k]) for k, v in made.items()}
    if shape.type_name == "list":
        return [for_botocore(v, shape.member) for v in made]
    if shape.type_name == "map":
        return {k: for_botocore(v, shape.value) for k, v in made.items()}
    return base64.b64decode(made) if shape.type_name == "blob" else made


def for_golive(made, shape, protocol):
    """Times as the protocol writes them: golive's callers do that."""
    if shape.type_name == "structure":
        return {k: for_golive(v, shape.members[k], protocol) for k, v in made.items()}
    if shape.type_name == "list":
        return [for_golive(v, shape.member, protocol) for v in made]
    if shape.type_name == "map":
        return {k: for_golive(v, shape.value, protocol) for k, v in made.items()}
    if shape.type_name == "timestamp" and shape.serialization.get("timestampFormat") == "rfc822":
        return email.utils.formatdate(made, usegmt=True)
    if shape.type_name == "timestamp" and (protocol not in ("json", "rest-json") or shape.serialization.get("location") == "querystring"):
        return iso(made)
    return made


def tree(element):
    return element.tag, (element.text or "") if not len(element) else "", [tree(child) for child in element]


def same_body(ours, theirs, protocol):
    theirs = theirs.decode() if isinstance(theirs, bytes) else theirs
    if protocol in ("query", "ec2"):
        return sorted(urllib.parse.parse_qsl(ours, keep_blank_values=True)) == sorted((k, str(v)) for k, v in theirs.items())
    if not ours or not theirs:
        return (ours or "") == (theirs or "")
    if ours.startswith("<"):
        return tree(ET.fromstring(ours)) == tree(ET.fromstring(theirs))
    return json.loads(ours) == json.loads(theirs) if ours.startswith("{") else ours == theirs


def path_of(theirs):
    query = theirs["query_string"]
    pairs = list(query.items() if hasattr(query, "items") else query)
    split = urllib.parse.urlsplit(theirs["url_path"])
    given = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
    flat = [(k, str(one)) for k, v in pairs for one in (v if isinstance(v, list) else [v])]
    return split.path, sorted(given + flat)


def differences(ours, theirs, service, protocol):
    if "error" in ours:
        return [ours["error"]]
    wrong = []
    if ours["method"] != theirs["method"]:
        wrong.append(f"method {ours['method']}")
    path = ("/" + ours["bucket"] if ours.get("bucket") else "") + ours["path"]
    split = urllib.parse.urlsplit(path)
    mine = split.path, sorted(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    want = path_of(theirs)
    if service == "s3" and want[0].rstrip("/") == mine[0].rstrip("/"):
        want = mine[0], want[1]  # "/bucket" and "/bucket/" name the same
    if mine != want:
        wrong.append(f"path {mine} should be {want}")
    headers = {h.partition(": ")[0].lower(): h.partition(": ")[2] for h in ours["headers"]}
    for name, text in theirs["headers"].items():
        if headers.get(name.lower()) != str(text) and name.lower() != "content-type":
            wrong.append(f"header {name}: {headers.get(name.lower())!r} should be {text!r}")
    extra = set(headers) - {n.lower() for n in theirs["headers"]} - {"content-type", "content-md5"}
    wrong += [f"header {name} is too much" for name in extra]
    if not same_body(ours["body"], theirs["body"], protocol):
        wrong.append(f"body {ours['body'][:300]} should be {str(theirs['body'])[:300]}")
    return wrong


def main():
    tap = Tap()
    rng = random.Random(20261127)
    for service, row in tables(sys.argv[1]).items():
        theirs, protocol = model(service), PROTOCOLS[row["protocol"]]
        serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        lines, wants = [], []
        for name, operation in row["operations"].items():
            shape = theirs.operation_model(name).input_shape
            for number in range(EACH if shape else 1):
                made = value(rng, shape, protocol) if shape else {}
                made = {k: v for k, v in made.items() if k in api_names(operation.get("input"))}
                for member, one in made.items():
                    if shape.members[member].serialization.get("location") == "uri" and isinstance(one, str):
                        made[member] = one.replace("\n", " ")
                if service == "s3" and "Bucket" in made:
                    made["Bucket"] = "my-bucket.example"
                if shape and number == 0:
                    made = {k: v for k, v in made.items() if k in shape.required_members}
                if shape and shape.serialization.get("payload") == "Body" and "Body" in made:
                    made["Body"] = "text of a file"
                wants.append((name, serializer.serialize_to_request(
                    {k: (v if k == "Body" and service == "s3" else for_botocore(v, shape.members[k])) for k, v in made.items()},
                    theirs.operation_model(name))))
                params = {k: for_golive(v, shape.members[k], protocol) for k, v in made.items()}
                lines.append({"encode": True, "service": service, "operation": name, "params": params})
        wrong = []
        for answer, (name, want) in zip(run(sys.argv[1], lines), wants):
            wrong += [f"{name}: {w}" for w in differences(answer, want, service, protocol)]
        tap.say(not wrong, f"{service}: {len(lines)} requests", wrong)
    bad = run(sys.argv[1], [{"encode": True, "service": "sts", "operation": "AssumeRole", "params": {"RoleAmr": "x"}},
                            {"encode": True, "service": "s3", "operation": "GetObject", "params": {"Bucket": "bucket"}},
                            {"encode": True, "service": "s3", "operation": "HeadBucket", "params": {"Bucket": "evil.example/x"}},
                            {"encode": True, "service": "s3", "operation": "PutObject",
                             "params": {"Bucket": "bucket", "Key": "k", "ContentType": "a\r\nX-Evil: 1"}},
                            {"encode": True, "service": "route53", "operation": "ChangeResourceRecordSets",
                             "params": {"HostedZoneId": "Z", "ChangeBatch": {"Comment": "\x01"}}}])
    tap.say(all("error" in answer for answer in bad), "an unknown, a missing, an evil, a split and an unwritable parameter are refused", bad)
    tap.end()


main()
