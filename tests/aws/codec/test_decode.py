#!/usr/bin/env python3
"""Answers that golive reads against what botocore's parsers make of them, with every member of every operation."""
import datetime
import json
import random
import sys
from xml.sax.saxutils import escape

import botocore.parsers

from support import PROTOCOLS, Tap, api_names, model, run, tables, value

EACH = 3  # answers for each operation


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def text_of(made, shape):
    if isinstance(made, bool):
        return "true" if made else "false"
    return iso(made) if shape.type_name == "timestamp" else escape(str(made))


def xml(tag, made, shape, protocol):
    if shape.type_name == "structure":
        return f"<{tag}>{members(made, shape, protocol)}</{tag}>"
    if shape.type_name == "map":
        return f"<{tag}>" + "".join(f"<entry><key>{k}</key>{xml('value', v, shape.value, protocol)}</entry>" for k, v in made.items()) + f"</{tag}>"
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "item" if protocol == "ec2" else "member")
        if shape.serialization.get("flattened"):
            name = shape.member.serialization.get("name") or tag
            return "".join(xml(name, one, shape.member, protocol) for one in made)
        return f"<{tag}>" + "".join(xml(item, one, shape.member, protocol) for one in made) + f"</{tag}>"
    return f"<{tag}>{text_of(made, shape)}</{tag}>"


def members(made, shape, protocol):
    return "".join(xml(shape.members[name].serialization.get("name", name), one, shape.members[name], protocol)
                   for name, one in made.items() if "location" not in shape.members[name].serialization)


def wire_json(made, shape):
    if shape.type_name == "structure":
        return {shape.members[k].serialization.get("name", k): wire_json(v, shape.members[k]) for k, v in made.items()
                if "location" not in shape.members[k].serialization}
    if shape.type_name == "list":
        return [wire_json(v, shape.member) for v in made]
    if shape.type_name == "map":
        return {k: wire_json(v, shape.value) for k, v in made.items()}
    return made


def headers_of(made, shape):
    headers = {}
    for name, one in made.items():
        serialization = shape.members[name].serialization
        if serialization.get("location") == "header":
            headers[serialization["name"]] = text_of(one, shape.members[name])
        if serialization.get("location") == "headers":
            headers |= {serialization.get("name", "") + k: v for k, v in one.items()}
    return headers


def answer_of(service, name, made, shape, protocol):
    """Headers and body as AWS would send them."""
    if protocol in ("json", "rest-json"):
        return headers_of(made, shape), json.dumps(wire_json(made, shape))
    body = members(made, shape, protocol)
    if protocol == "query":
        body = f"<{name}Result>{body}</{name}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
    if protocol == "ec2":
        body += "<requestId>r-1</requestId>"
    payload = shape.serialization.get("payload")
    if payload and payload in made:
        inner = shape.members[payload]
        if inner.type_name != "structure":
            return headers_of(made, shape), str(made[payload])
        body = members(made[payload], inner, protocol)
    return headers_of(made, shape), f'<?xml version="1.0"?>\n<{name}Response xmlns="http://{service}.example/doc/">\n{body}\n</{name}Response>'


def normal(tree):
    """Nothing, an empty text, list and structure are the same to a caller; so are 1 and 1.0."""
    if isinstance(tree, dict):
        return {k: n for k, v in tree.items() if (n := normal(v)) not in ("", [], {}, None)}
    if isinstance(tree, (list, tuple)):
        return [normal(v) for v in tree]
    if isinstance(tree, bytes):
        return tree.decode()
    return float(tree) if isinstance(tree, (int, float)) and not isinstance(tree, bool) else tree


def parser_of(protocol):
    factory = botocore.parsers.ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=lambda text: text, blob_parser=lambda text: text)
    return factory.create_parser(protocol)


def judge_service(tool, rng, service, row):
    theirs, protocol = model(service), PROTOCOLS[row["protocol"]]
    parser = parser_of(protocol)
    lines, wants = [], []
    for name, operation in row["operations"].items():
        shape = theirs.operation_model(name).output_shape
        for _ in range(EACH if shape else 1):
            made = value(rng, shape, protocol) if shape else {}
            bound = api_names(operation.get("output"))
            made = {k: v for k, v in made.items() if k in bound or "location" not in shape.members[k].serialization}
            streams = [k for k in made if shape.members[k].type_name == "blob" and shape.serialization.get("payload") == k]
            headers, body = answer_of(service, name, made, shape, protocol) if shape else ({}, "")
            if not shape and protocol in ("query", "ec2"):
                body = f"<{name}Response/>"
            if service == "s3" and name == "GetBucketLocation":
                body = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">ap-northeast-1</LocationConstraint>'
                want = {"LocationConstraint": "ap-northeast-1"}
            else:
                response = {"status_code": 200, "headers": headers, "body": body.encode(), "context": {"operation_name": name}}
                want = parser.parse(response, shape)
            want = {k: v for k, v in want.items() if k != "ResponseMetadata" and k not in streams}
            wants.append((name, normal(want)))
            lines.append({"service": service, "operation": name, "status": 200, "body": body,
                          "headers": [f"{k.lower()}: {v}" for k, v in headers.items()]})
    wrong = []
    for answer, (name, want) in zip(run(tool, lines), wants):
        ours = normal(answer.get("result", answer.get("error")))
        if ours != want:
            keys = [k for k in set(ours) | set(want) if ours.get(k) != want.get(k)] if isinstance(ours, dict) else []
            wrong.append(f"{name}: {keys[:2]} " + " / ".join(f"{str(t.get(k))[:400]}" for k in keys[:1] for t in (ours, want)) or str(ours))
    return len(lines), wrong


FAILURES = [
    ("cloudformation", "DescribeStacks", 400, [], '<ErrorResponse xmlns="http://x/"><Error><Type>Sender</Type><Code>ValidationError</Code>'
     "<Message>Stack with id x does not exist</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"),
    ("ec2", "DescribeVpcs", 400, [], '<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no &quot;vpc&quot;</Message>'
     "</Error></Errors><RequestID>r-2</RequestID></Response>"),
    ("s3", "GetObject", 404, [], "<Error><Code>NoSuchKey</Code><Message>The key</Message><Key>a</Key><RequestId>r-3</RequestId></Error>"),
    ("route53", "GetChange", 400, [], '<ErrorResponse xmlns="https://r/"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded'
     "</Message></Error><RequestId>r-4</RequestId></ErrorResponse>"),
    ("ecs", "ListTasks", 400, ["x-amzn-requestid: r-5"], '{"__type":"com.amazonaws.ecs#ClusterNotFoundException","message":"no cluster"}'),
    ("ssm", "GetParameter", 400, ["x-amzn-requestid: r-6"], '{"__type":"ParameterNotFound"}'),
    ("kms", "DescribeKey", 400, ["x-amzn-requestid: r-7"], '{"__type":"NotFoundException","Message":"no key"}'),
    ("backup", "GetBackupPlan", 400, ["x-amzn-requestid: r-8", "x-amzn-errortype: ResourceNotFoundException:http://internal.amazon.com/coral/"],
     '{"Message":"gone","Code":"x"}'),
]
NO_CODES = [  # (status, body, code, retryable): what has no error in it
    (500, "<html><body><b>Http/1.1 Service Unavailable</b></body></html>", "HTTP500", True),
    (503, "", "HTTP503", True),
    (502, "<!DOCTYPE html><p>Bad gateway", "HTTP502", True),
    (404, "", "NotFound", False),
    (403, "", "AccessDenied", False),
    (400, "{", "HTTP400", False),
    (400, "[]", "HTTP400", False),
    (429, "slow down", "HTTP429", True),
    (400, "<Error><Code></Code></Error>", "HTTP400", False),
]


def judge_failures(tool, tap):
    lines = [{"service": s, "operation": o, "status": status, "headers": h, "body": b} for s, o, status, h, b in FAILURES]
    wrong = []
    for line, answer in zip(lines, run(tool, lines)):
        theirs = model(line["service"])
        headers = dict(h.split(": ", 1) for h in line["headers"])
        protocol = "query" if line["service"] == "cloudwatch" else theirs.metadata["protocol"]
        want = parser_of(protocol).parse({"status_code": line["status"], "headers": headers, "body": line["body"].encode()}, None)
        failure = answer["failure"]
        wanted = (want["Error"]["Code"], want["Error"].get("Message", ""), want["ResponseMetadata"].get("RequestId"))
        if line["service"] == "s3":  # botocore leaves the id of S3 in a header; it is in the body too
            wanted = wanted[:2] + ("r-3",)
        if (failure["code"], failure["message"], failure.get("request_id")) != wanted:
            wrong.append(f"{failure} should be {wanted}")
    tap.say(not wrong, f"{len(lines)} errors of all protocols as botocore", wrong)
    lines = [{"service": "sts", "operation": "GetCallerIdentity", "status": status, "body": body} for status, body, _, _ in NO_CODES]
    wrong = [f"{answer} should be {want}" for answer, want in zip(run(tool, lines), NO_CODES)
             if (answer["failure"]["code"], answer["failure"]["retryable"]) != want[2:]]
    tap.say(not wrong, f"{len(lines)} answers without an error code", wrong)


def judge_bad_bodies(tool, tap):
    bad = ["", "{", "<a", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "[1]"]
    lines = [{"service": s, "operation": o, "status": 200, "body": body} for body in bad
             for s, o in (("cloudformation", "DescribeStacks"), ("ecs", "ListTasks")) if not (s == "ecs" and not body)]
    answers = run(tool, lines)
    tap.say(all("error" in answer for answer in answers), f"{len(lines)} broken bodies are refused", answers)


def main():
    tap = Tap()
    rng = random.Random(20261128)
    for service, row in tables(sys.argv[1]).items():
        count, wrong = judge_service(sys.argv[1], rng, service, row)
        tap.say(not wrong, f"{service}: {count} answers", wrong)
    judge_failures(sys.argv[1], tap)
    judge_bad_bodies(sys.argv[1], tap)
    tap.end()


main()
