#!/usr/bin/env python3
"""golive's client through a proxy that injects faults: every call must come to its end, with the effect once."""
import json
import pathlib
import sys
import threading
import time
import urllib.request

from support import REGION, Client, Cloud, Tap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import proxy  # noqa: E402

# One operation of each protocol: (service, operation, parameters, body, what the answer must have)
CALLS = [
    ("cloudformation", "ListStacks", {}, None, "StackSummaries"),
    ("ec2", "DescribeVpcs", {}, None, "Vpcs"),
    ("ecs", "DescribeClusters", {"clusters": ["c"]}, None, "clusters"),
    ("ssm", "PutParameter", {"Name": "/a", "Value": "v", "Type": "String", "Overwrite": True}, None, "Version"),
    ("s3", "PutObject", {"Bucket": "bucket-1", "Key": "日本 +"}, "content", "ETag"),
    ("route53", "ListHostedZones", {}, None, "MaxItems"),
    ("backup", "ListBackupPlans", {}, None, "BackupPlansList"),
]
FAULTS = [  # one after the other, each twice in a row
    {"fault": "throttle"}, {"fault": "error", "status": 500, "body": "html"}, {"fault": "error", "status": 503, "body": "empty"},
    {"fault": "error", "status": 502, "body": "protocol"}, {"fault": "drop-before"}, {"fault": "drop-after"}, {"fault": "cut"},
    {"fault": "expired-token", "count": 1},
]
SLOW = {"fault": "slow", "delay_ms": 3000, "count": 1}


def check_each_fault(tap, client, injector, faults):
    for fault in faults:
        wrong = []
        for service, operation, params, body, member in CALLS:
            injector.set_rules([{"service": service, "count": 2} | fault])
            more = {"body": body} if body else {}
            answer = client.call(service, operation, params, **more)
            expected = fault.get("count", 2)
            injected = injector.injected(fault["fault"])
            if fault["fault"] == "cut" and service == "s3":
                expected = injected  # PutObject's answer has no body that could be cut
            if member not in answer.get("result", {}) or injected != expected:
                wrong.append(f"{service}: {injected} of {expected} injected, {answer}")
        tap.say(not wrong, f"{fault}: {len(CALLS)} calls get through", wrong)


class Injector:
    """The proxy in this process, with its control as methods."""

    def __init__(self, upstream):
        self.server = proxy.Proxy(upstream, seed=7)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        asked = urllib.request.Request(f"{self.url}/golive-proxy/{path}", data=data, method=method)
        return json.loads(urllib.request.urlopen(asked).read() or b"null")

    def set_rules(self, rules):
        self.control("POST", "reset", {})
        self.control("PUT", "rules", rules)

    def injected(self, fault):
        return self.control("GET", "state")["faults"].get(fault, 0)


def check_write_once(tap, client, injector, ecs):
    params = {"family": "once", "containerDefinitions": [{"name": "a", "image": "i", "memory": 64}]}
    injector.set_rules([{"fault": "throttle", "operation": "RegisterTaskDefinition", "count": 1},
                        {"fault": "drop-after", "operation": "RegisterTaskDefinition", "count": 1}])
    answer = client.call("ecs", "RegisterTaskDefinition", params)
    revisions = ecs.list_task_definitions(familyPrefix="once")["taskDefinitionArns"]
    tap.say(answer.get("error") == "network" and answer["attempts"] == 2 and answer.get("hint") and len(revisions) == 1,
            "what may have taken effect and would again is not repeated", [answer, revisions])


def check_skew(tap, client, injector):
    injector.set_rules([{"fault": "clock-skew", "skew_s": 3600}])
    first = client.call("sts", "GetCallerIdentity")
    second = client.call("ec2", "DescribeVpcs")
    injector.set_rules([])
    back = client.call("sts", "GetCallerIdentity")
    tap.say((first.get("attempts"), second.get("attempts")) == (2, 1) and "result" in back, "a clock that is an hour wrong",
            [first, second, back])


def check_storm(tap, client, injector):
    injector.set_rules([{"fault": "throttle", "probability": 0.1}, {"fault": "error", "probability": 0.1, "body": "html"},
                        {"fault": "drop-after", "probability": 0.1}, {"fault": "cut", "probability": 0.05}])
    begun = time.monotonic()
    batch = [{"service": s, "operation": o, "params": p} | ({"body": b} if b else {}) for s, o, p, b, _ in CALLS] * 15
    answers = client.send(batch)
    lost = [a for a in answers if "error" in a]
    state = injector.control("GET", "state")["faults"]
    injector.set_rules([])
    tap.say(not lost and sum(state.values()) >= 10, f"{len(batch)} calls side by side through {sum(state.values())} faults"
            f" in {time.monotonic() - begun:.1f} s", lost)


def main():
    tap = Tap()
    cloud = Cloud()
    injector = Injector(cloud.oracle.url)
    cloud.boto("s3").create_bucket(Bucket="bucket-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.boto("ecs").create_cluster(clusterName="c")
    client = Client(sys.argv[1], injector.url, pause_ms=5)
    for service, operation, params, body, _ in CALLS:  # moto loads a service when it is first asked
        client.ask(service, operation, params, body=body)
    check_each_fault(tap, client, injector, FAULTS)
    impatient = Client(sys.argv[1], injector.url, pause_ms=5, timeout_ms=2000)
    check_each_fault(tap, impatient, injector, [SLOW])
    impatient.end()
    check_write_once(tap, client, injector, cloud.boto("ecs"))
    check_storm(tap, client, injector)
    check_skew(tap, client, injector)
    tap.say(not cloud.oracle.wrong and cloud.oracle.verified > 100, f"{cloud.oracle.verified} signatures verified by botocore", cloud.oracle.wrong)
    tap.say(client.end() == 0, "the client ends well")
    tap.end()


main()
