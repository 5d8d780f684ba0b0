"""Real services for the client's tests: moto behind an oracle that verifies every signature, golive's client, boto3 as the
second witness."""
import datetime
import email.utils
import json
import logging
import os
import pathlib
import subprocess
import sys

import boto3
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from oracle import Oracle  # noqa: E402

REGION = "ap-northeast-1"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "token/+=", "AWS_REGION": REGION}


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def say(self, good, text, details=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)
        for line in list(details)[:8] if not good else ():
            print("# " + str(line).replace("\n", "\\n")[:1500])

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(self.failed > 0 or self.count == 0)


class Client:
    """aws_tool as an object: one call, many at once, all pages."""

    def __init__(self, tool, url, pause_ms=20, timeout_ms=20000):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= KEYS | {"AWS_ENDPOINT_URL": url, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        self.process = subprocess.Popen([tool, str(pause_ms), str(timeout_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True, encoding="utf-8")

    def send(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "aws_tool ended"
        return json.loads(answer)

    def call(self, service, operation, params=None, **more):
        return self.send({"service": service, "operation": operation, "params": params or {}} | more)

    def ask(self, service, operation, params=None, **more):
        answer = self.call(service, operation, params, **more)
        assert "error" not in answer, f"{service} {operation}: {answer}"
        return answer["result"]

    def end(self):
        self.process.stdin.close()
        return self.process.wait()


class Cloud:
    """moto, and the oracle before it."""

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.moto_url = "http://%s:%d" % self.moto.get_host_and_port()
        self.oracle = Oracle(SECRET, self.moto_url)

    def boto(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self.moto_url, aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=SECRET)


def moment(value):
    """A time of any form as seconds; anything else as it is."""
    if isinstance(value, datetime.datetime):
        return round(value.timestamp())
    if isinstance(value, str) and len(value) > 18:
        for read in (datetime.datetime.fromisoformat, email.utils.parsedate_to_datetime):
            try:
                made = read(value.replace("Z", "+00:00"))
                return round((made if made.tzinfo else made.replace(tzinfo=datetime.timezone.utc)).timestamp())
            except (ValueError, TypeError):
                continue
    return value


def normal(tree):
    """What both libraries must agree on: nothing, "" and [] are the same; so are 1 and 1.0, and all forms of a time."""
    if isinstance(tree, dict):
        return {k: n for k, v in tree.items() if k != "ResponseMetadata" and (n := normal(v)) not in ("", [], {}, None)}
    if isinstance(tree, (list, tuple)):
        return [normal(v) for v in tree]
    if isinstance(tree, bytes):
        return tree.decode()
    if isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return round(float(tree))
    return moment(tree)
