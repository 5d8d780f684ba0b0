"""Stores for the ledger: moto (the emulator) and versitygw, each with the fault-injecting proxy before it when asked for."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
import proxy  # noqa: E402
from harness import REGION, Emulator, die_with_parent  # noqa: E402,F401

KEY = "testing"


class Moto:
    """The emulator, without whatever else it does."""

    def __init__(self):
        self.emulator = Emulator()
        self.url = self.emulator.url

    def stop(self):
        self.emulator.stop()


class Versity:
    """versitygw over a directory of its own, with versions."""

    def __init__(self):
        found = subprocess.run([ROOT / "scripts" / "versitygw"], stdout=subprocess.PIPE, text=True)
        if found.returncode == 77:
            print("1..0 # SKIP versitygw needs Go")
            sys.exit(0)
        assert found.returncode == 0, "versitygw was not built"
        program = found.stdout.strip()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="golive-versity-"))
        for name in ("data", "versions"):
            (self.path / name).mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        keys = {"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": KEY}
        self.process = subprocess.Popen([program, "--quiet", "--port", f"127.0.0.1:{port}", "--region", REGION, "posix", "--versioning-dir",
                                         self.path / "versions", self.path / "data"], env=os.environ | keys, stdout=subprocess.DEVNULL,
                                        preexec_fn=die_with_parent)
        self.wait(port)

    def wait(self, port):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, "versitygw ended"
                time.sleep(0.02)
        raise AssertionError("versitygw does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.path)


STORES = {"moto": Moto, "versitygw": Versity}


class Injector:
    """The proxy before a store, in this process."""

    def __init__(self, upstream):
        self.server = proxy.Proxy(upstream, seed=5)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        asked = urllib.request.Request(f"{self.url}/golive-proxy/{path}", data=data, method=method)
        return json.loads(urllib.request.urlopen(asked, timeout=120).read() or b"null")

    def rules(self, *rules):
        self.control("POST", "reset")
        self.control("PUT", "rules", list(rules))

    def requests(self):
        """Operation to number of requests since the rules were set."""
        return {name.partition(":")[2]: one["requests"] for name, one in self.control("GET", "state")["operations"].items()}

    def injected(self):
        return sum(self.control("GET", "state")["faults"].values())

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def environment(url):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return clean | {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY, "AWS_REGION": REGION}


def s3_of(url):
    return boto3.client("s3", region_name=REGION, endpoint_url=url, aws_access_key_id=KEY, aws_secret_access_key=KEY,
                        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def make_bucket(s3):
    """A bucket as stacks/bootstrap.yaml makes it."""
    name = f"ledger-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


class Tool:
    """ledger_tool as an object; what fails is raised as Failed unless the test expects it."""

    def __init__(self, program, url, bucket, boot_id="", copy=None):
        words = [program, bucket, boot_id] + ([copy] if copy else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(url), text=True,
                                        preexec_fn=die_with_parent)

    def try_to(self, do, **more):
        self.process.stdin.write(json.dumps({"do": do} | more) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "ledger_tool ended"
        return json.loads(answer)

    def must(self, do, **more):
        answer = self.try_to(do, **more)
        assert "error" not in answer, f"{do}: {answer}"
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        status = self.process.wait(60)
        assert _error[0] or status == 0, f"ledger_tool ended with {status}"
