#!/usr/bin/env python3
"""golive's Signature Version 4 against botocore's, over seeded request shapes of every class.

  test_signing.py SIGN_TOOL      prints TAP, one line for each class of requests
"""
import datetime
import hashlib
import json
import random
import subprocess
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

EACH = 40  # request shapes for each class
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjE/+=" + "Ab9/+" * 60 + "=="
WORDS = ["a", "b", "A", "Z", "0", "key", "Key", "日本語", "é", "𝒳", "a b", "a+b", "a/b", "a//b", "~", "-._~", "!*'()", "@:$,;",
         "100%", "%41", "[x]", "a=b", "a&b", "?", "#", "\"", "<>", "\\", "^`{|}", "\u00a0", "\x7f", "."]
SERVICES = ["cloudformation", "ec2", "ecs", "sts", "rds", "secretsmanager", "backup"]
REGIONS = ["ap-northeast-1", "us-east-1", "eu-west-3", "cn-north-1"]


def text(rng, most=3):
    return "".join(rng.choice(WORDS) for _ in range(rng.randint(1, most)))


def request(rng, **given):
    """An ordinary request, of which a class changes what it is about."""
    made = dict(method=rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]), service=rng.choice(SERVICES), region=rng.choice(REGIONS),
                host="", path="/", query="", headers=[], body=b"", token=None, unsigned=False, expires=0, scheme="https",
                unix_s=rng.randrange(1_500_000_000, 2_000_000_000))
    made.update(given)
    made["host"] = made["host"] or f"{made['service']}.{made['region']}.amazonaws.com"
    return made


def query(rng, count):
    return [(quote(text(rng), safe="-_.~"), quote(text(rng), safe="-_.~")) for _ in range(count)]


def join(pairs):
    return "&".join(f"{k}={v}" for k, v in pairs)


def plain(rng):
    return request(rng, body=b"Action=DescribeStacks&Version=2010-05-15",
                   headers=["Content-Type: application/x-www-form-urlencoded; charset=utf-8"])


def unicode_keys(rng):
    return request(rng, service="s3", path="/bucket/" + quote(text(rng, 5), safe="/-_.~"))


def plus_and_space(rng):
    key = rng.choice(["a+b c", "+", " ", "++ +", "a%2Bb", "x+日"]) + text(rng)
    return request(rng, service=rng.choice(["s3", "backup"]), path="/" + quote(key, safe="/-_.~"), query="k=" + quote(key, safe=""))


def arns_in_paths(rng):
    arn = f"arn:aws:backup:{rng.choice(REGIONS)}:123456789012:recovery-point:{text(rng)}/{text(rng)}"
    return request(rng, service="backup", path="/backup-vaults/v/recovery-points/" + quote(arn, safe=rng.choice(["", ":/", "/", ":"])))


def dots_and_slashes(rng):
    parts = [rng.choice(["", ".", "..", "a", "b.c", "...", "%2E%2E", "..a"]) for _ in range(rng.randint(1, 7))]
    return request(rng, service=rng.choice(["s3", "backup", "apigateway"]), path="/" + "/".join(parts) + rng.choice(["", "/"]))


def raw_paths(rng):
    """Unescaped characters that a careless caller may leave in a path."""
    return request(rng, service=rng.choice(["s3", "backup"]), path="/" + rng.choice(["a:b", "a;b", "日本", "(x)", "a,b", "a$b", "*"]))


def unsorted_queries(rng):
    pairs = query(rng, rng.randint(2, 9))
    rng.shuffle(pairs)
    return request(rng, query=join(pairs))


def valueless_queries(rng):
    names = rng.sample(["versioning", "acl", "delete", "list-type", "uploads", "a", "a-b", "A"], rng.randint(1, 4))
    return request(rng, service=rng.choice(["s3", "backup"]), query="&".join(rng.choice([n, n + "=", n + "=1"]) for n in names))


def repeated_queries(rng):
    names = [rng.choice(["a", "A", "a-", "a.b", "b"]) for _ in range(rng.randint(2, 8))]
    return request(rng, query=join((n, quote(text(rng), safe="-_.~")) for n in names))


def odd_queries(rng):
    return request(rng, query=rng.choice(["a=b=c", "=x", "a==", "&a=1", "a=1&", "a=1&&b=2", "%41=1&A=2", "a=%7e", "a=~", "=", "a"]))


def session_tokens(rng):
    return request(rng, token=TOKEN[: rng.randint(1, len(TOKEN))], service=rng.choice(SERVICES + ["s3"]), body=text(rng).encode())


def bodies(rng):
    sizes = [0, 1, 63, 64, 65, 4096, 1 << 20]
    return request(rng, service=rng.choice(["s3", "ecs"]), body=rng.randbytes(rng.choice(sizes)), headers=["Content-Type: application/json"])


def json_targets(rng):
    return request(rng, method="POST", service="ecs", body=json.dumps({text(rng): text(rng)}).encode(),
                   headers=["Content-Type: application/x-amz-json-1.1", "X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListTasks"])


def odd_headers(rng):
    pool = ["X-Amz-Meta-A:   many   spaces  ", "X-Amz-Meta-B: \t tab", "x-amz-meta-a: second", "X-AMZ-META-C:", "User-Agent: golive",
            "Expect: 100-continue", "Connection: close", "X-Amzn-Trace-Id: Root=1", "If-None-Match: *", "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==",
            "X-Amz-Meta-D: a,b;c", "Range: bytes=0-9"]
    return request(rng, service=rng.choice(["s3", "ec2"]), headers=rng.sample(pool, rng.randint(1, 8)))


def hosts_and_ports(rng):
    scheme, host = rng.choice([("http", "127.0.0.1:5000"), ("https", "LOCALHOST:443"), ("http", "Example.com:80"), ("https", "example.com:80"),
                               ("http", "[::1]:4566"), ("https", "b.s3.ap-northeast-1.amazonaws.com"), ("https", "vpce-1.ec2.amazonaws.com:8443")])
    # An address without path is left to sts: botocore's S3 signer only meets it as "/", which is what goes over the wire.
    service = rng.choice(["s3", "sts"])
    return request(rng, scheme=scheme, host=host, service=service, path=rng.choice(["/", "/a"] if service == "s3" else ["", "/", "/a"]))


def unsigned_payloads(rng):
    return request(rng, method="PUT", service="s3", unsigned=True, body=b"never hashed", path="/b/" + quote(text(rng), safe="/-_.~"))


def presigned_s3(rng):
    return request(rng, method=rng.choice(["GET", "PUT"]), service="s3", path="/b/" + quote(text(rng, 4), safe="/-_.~"),
                   query=rng.choice(["", "versionId=abc", "response-content-type=text%2Fplain&versionId=a%2Bb", "acl="]),
                   token=rng.choice([None, TOKEN]), expires=rng.randint(1, 604800))


def presigned_others(rng):
    return request(rng, method="GET", service=rng.choice(["sts", "rds"]), query="Action=GetCallerIdentity&Version=2011-06-15",
                   headers=rng.choice([[], ["x-k8s-aws-id: cluster"]]), token=rng.choice([None, TOKEN]), expires=rng.randint(1, 3600))


CLASSES = [plain, unicode_keys, plus_and_space, arns_in_paths, dots_and_slashes, raw_paths, unsorted_queries, valueless_queries,
           repeated_queries, odd_queries, session_tokens, bodies, json_targets, odd_headers, hosts_and_ports, unsigned_payloads,
           presigned_s3, presigned_others]


def url_of(made):
    return f"{made['scheme']}://{made['host']}{made['path']}" + ("?" + made["query"] if made["query"] else "")


def judge(made):
    """What botocore makes of the request: its Authorization header or its presigned address."""
    now = datetime.datetime.fromtimestamp(made["unix_s"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: now.replace(tzinfo=None)
    s3 = made["service"] == "s3"
    arguments = [Credentials("AKIDEXAMPLE", SECRET, made["token"]), made["service"], made["region"]]
    if made["expires"]:
        signer = (botocore.auth.S3SigV4QueryAuth if s3 else botocore.auth.SigV4QueryAuth)(*arguments, expires=made["expires"])
    else:
        signer = (botocore.auth.S3SigV4Auth if s3 else botocore.auth.SigV4Auth)(*arguments)
    asked = AWSRequest(method=made["method"], url=url_of(made), data=made["body"])
    for header in made["headers"]:
        name, _, value = header.partition(":")
        asked.headers.add_header(name, value)
    asked.context["payload_signing_enabled"] = not made["unsigned"]
    if made["unsigned"]:
        signer._should_sha256_sign_payload = lambda _: False
    signer.add_auth(asked)
    return asked.url if made["expires"] else asked.headers["Authorization"]


def line_of(made):
    digest = "UNSIGNED-PAYLOAD" if made["unsigned"] else hashlib.sha256(made["body"]).hexdigest()
    return json.dumps(dict(method=made["method"], url=url_of(made), headers=made["headers"], payload_sha256=digest,
                           service=made["service"], region=made["region"], access_key="AKIDEXAMPLE", secret_key=SECRET,
                           session_token=made["token"], unix_s=made["unix_s"], expires_s=made["expires"]))


def answer_of(line, made):
    reply = json.loads(line)
    if made["expires"]:
        return reply["url"]
    return next(h.partition(": ")[2] for h in reply["headers"] if h.startswith("Authorization: "))


def main():
    rng = random.Random(20261126)
    cases = [(make.__name__, make(rng)) for make in CLASSES for _ in range(EACH)]
    done = subprocess.run([sys.argv[1]], input="\n".join(line_of(made) for _, made in cases) + "\n", text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, check=False)
    replies = done.stdout.splitlines()
    print(f"1..{len(CLASSES) + 2}")
    print(f"{'ok' if done.returncode == 0 and len(replies) == len(cases) else 'not ok'} 1 - {len(cases)} requests signed")
    failures = {make.__name__: [] for make in CLASSES}
    signatures = set()
    for (name, made), reply in zip(cases, replies):
        ours, theirs = answer_of(reply, made), judge(made)
        signatures.add(theirs)
        if ours != theirs:
            failures[name].append(f"{made['method']} {url_of(made)} {made['headers']}\n#   ours   {ours}\n#   theirs {theirs}")
    for number, (name, wrong) in enumerate(failures.items(), 2):
        print(f"{'not ok' if wrong or not replies else 'ok'} {number} - {name}: {EACH - len(wrong)} of {EACH} as botocore")
        for one in wrong[:3]:
            print(f"# {one}")
    # The requests must differ from each other, or the same shape would be counted often.
    distinct = len(signatures)
    print(f"{'ok' if distinct >= 400 else 'not ok'} {len(CLASSES) + 2} - {distinct} different signatures")
    sys.exit(any(failures.values()) or done.returncode != 0 or distinct < 400)


main()
