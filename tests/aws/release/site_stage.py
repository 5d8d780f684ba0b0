"""The frontend's operations (site_tool) on an environment whose stacks the emulator has: builds, runs, what the bucket holds."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "up"), str(HERE.parent)]
import proxy  # noqa: E402
from harness import run_in  # noqa: E402,F401
from stage import ACCOUNT, REGION, ROOT, Emulator, Project, run, until  # noqa: E402,F401

TOOL = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "tests" / "aws" / "release" / "site_tool")
OWN, IMMUTABLE = "_golive/", "_app/immutable/"


class Ran:
    """What one run of site_tool came to."""

    def __init__(self, process):
        self.status, self.out = process.returncode, process.stdout
        assert "Sanitizer" not in process.stderr and "runtime error" not in process.stderr, process.stderr
        self.said = process.stderr
        self.error = json.loads(process.stderr.splitlines()[-1]) if self.status > 0 and process.stderr else None

    def must(self, status=0):
        assert self.status == status, f"exit status {self.status}, not {status}: {self.said}"
        return self


class Injector:
    """The fault proxy in this process."""

    def __init__(self, upstream):
        self.server = proxy.Proxy(upstream, seed=7)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def rules(self, *rules):
        self.server.desk.reset()
        self.server.desk.set_rules(list(rules))

    def log(self):
        return self.server.desk.copy_log()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def release(number, pages=("index", "about"), same=()):
    """Files of one release as SvelteKit builds it: the pages name its entry, whose name has a hash; `same` pages never change."""
    files = {f"_app/immutable/entry/start.{number:04x}.js": f"import '../chunks/shared.0a0a.js';// {number}",
             "_app/immutable/chunks/shared.0a0a.js": "export const shared = 1",
             f"_app/immutable/assets/0.{number:04x}.css": f"body{{order:{number}}}",
             "_app/version.json": json.dumps({"version": str(number)}), "favicon.png": "\x89PNG", "404.html": "<h1>no</h1>"}
    for page in pages:
        files[f"{page}.html"] = f"<title>{page}</title><script src=/_app/immutable/entry/start.{number:04x}.js></script>"
    return files | {f"{page}.html": f"<title>{page}</title>" for page in same}


class Site:
    """prod's frontend in the emulator; with `s3` (a URL) its files in another server."""

    def __init__(self, aws, s3=None, change=lambda text: text):
        self.aws, self.project = aws, Project(aws.url, change)
        self.project.stand(aws, "--stack", "frontend")
        stack = aws.client("cloudformation").describe_stacks(StackName="glanceflow-prod-frontend")["Stacks"][0]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        self.bucket, self.distribution = outputs["SiteBucket"], outputs["DistributionId"]
        self.s3_url = s3
        self.s3 = aws.client("s3") if s3 is None else boto3.client(
            "s3", region_name=REGION, endpoint_url=s3, aws_access_key_id="testing", aws_secret_access_key="testing",
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
        if s3:
            self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.made = {}  # invalidations by id: what one is of never changes
        self.builds = pathlib.Path(tempfile.mkdtemp(prefix="golive-site-"))

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.builds)
        shutil.rmtree(self.project.path)

    @contextlib.contextmanager
    def empty(self):
        """The site without any file, and no builds: for tests that share it."""
        shutil.rmtree(self.builds)
        self.builds.mkdir()
        for key in self.keys():
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        yield self

    def build(self, name, files):
        """A directory with these files (texts)."""
        directory = self.builds / str(name)
        for path, text in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
        return str(directory)

    def environment(self, url=None, **more):
        elsewhere = {"AWS_ENDPOINT_URL_S3": self.s3_url} if self.s3_url else {}
        return self.project.environment() | {"AWS_ENDPOINT_URL": url or self.aws.url} | elsewhere | more

    def start(self, *words, url=None, **more):
        return subprocess.Popen([TOOL, str(self.project.path / "golive.yaml"), "prod", *map(str, words)], env=self.environment(url, **more),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process):
        out, error = process.communicate(timeout=480)
        return Ran(subprocess.CompletedProcess(process.args, process.returncode, out, error))

    def run(self, *words, **more):
        return self.end(self.start(*words, **more))

    def publish(self, number, files, **more):
        return self.run("publish", number, self.build(number, files), **more)

    def deploy(self, number, files):
        self.publish(number, files).must()
        self.run("activate", number).must()

    def served(self):
        return int(self.run("release").must().out)

    def keys(self, prefix=""):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def live(self):
        """What can be served: key to (content, type, cache), golive's own left out."""
        found = {}
        for key in self.keys():
            if not key.startswith(OWN):
                got = self.s3.get_object(Bucket=self.bucket, Key=key)
                found[key] = (got["Body"].read().decode(), got["ContentType"], got["CacheControl"])
        return found

    def pages(self):
        """The mutable files that are served: key to content."""
        return {key: one[0] for key, one in self.live().items() if not key.startswith(IMMUTABLE)}

    def record(self):
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=OWN + "current.json")["Body"].read())

    def invalidations(self):
        """Lists of paths, the oldest first."""
        cloudfront = self.aws.client("cloudfront")
        found = cloudfront.list_invalidations(DistributionId=self.distribution)["InvalidationList"].get("Items", [])
        for one in found:
            if one["Id"] not in self.made:
                self.made[one["Id"]] = cloudfront.get_invalidation(DistributionId=self.distribution, Id=one["Id"])["Invalidation"]
        made = sorted(self.made.values(), key=lambda one: one["CreateTime"])
        return [sorted(one["InvalidationBatch"]["Paths"]["Items"]) for one in made]


def mutable(files):
    return {path: text for path, text in files.items() if not path.startswith(IMMUTABLE)}


def hashed(files):
    return {path for path in files if path.startswith(IMMUTABLE)}


@contextlib.contextmanager
def through(upstream):
    injector = Injector(upstream)
    try:
        yield injector
    finally:
        injector.close()


def kept_in_s3(entry):
    """(operation, key) of a call of S3 on an object, from the proxy's log."""
    path = entry["target"].partition("?")[0]
    return entry["operation"], "/".join(path.split("/")[2:])


def main(tests):
    emulator = Emulator()
    try:
        return run(tests, emulator)
    finally:
        emulator.stop()
