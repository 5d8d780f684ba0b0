"""The image, the snapshot and the migrations of a release: a world with all stacks up, made once for a file's tests."""
import base64
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "up")]
from harness import Emulator, run_in, until  # noqa: E402,F401
from stage import GOLIVE, Project  # noqa: E402

TOOL = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else str(HERE.parents[2] / "build" / "tests" / "aws" / "place" / "platform_tool")


class Said:
    """What one run came to: exit status, JSON lines (or text) and the error."""

    def __init__(self, status, out, error):
        self.status, self.out, self.error_text = status, out, error
        self.lines = [json.loads(line) for line in out.splitlines() if line.startswith("{\"")]
        assert "Sanitizer" not in error and "runtime error" not in error, error

    @property
    def result(self):
        return self.lines[-1]["result"]

    @property
    def progress(self):
        return [one["progress"] for one in self.lines if "progress" in one]

    @property
    def message(self):
        return self.lines[-1]["message"]

    @property
    def hint(self):
        return self.lines[-1]["hint"]

    def must(self, status):
        assert self.status == status, f"exit status {self.status}, not {status}\n{self.out[-3000:]}\n{self.error_text[-3000:]}"
        return self


class World:
    """An emulator and a project of which every stack is up, with these settings. keys: environment variables of the caller, beside the project's."""

    keys = {}

    def __init__(self, change=lambda text: text, settings=()):
        self.aws = Emulator()
        self.project = Project(self.aws.url, change)
        self.project.up(*(word for one in settings for word in ("--set", one))).must(0)

    def close(self):
        self.project.__exit__()
        self.aws.stop()

    @functools.lru_cache(maxsize=None)
    def outputs(self, stack):
        found = self.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        return {one["OutputKey"]: one["OutputValue"] for one in found}

    def process(self, *words, program=TOOL):
        return subprocess.Popen([program, *words], cwd=self.project.path, env=self.project.environment() | self.keys, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, seconds=480):
        out, error = process.communicate(timeout=seconds)
        return Said(process.returncode, out, error)

    def tool(self, *words):
        """One operation of the platform of prod."""
        return self.end(self.process("prod", *words))

    def golive(self, *words):
        return self.end(self.process(*words, program=GOLIVE))

    @property
    def registry(self):
        """HOST:PORT behind ECR."""
        token = self.aws.client("ecr").get_authorization_token()["authorizationData"][0]
        return token["proxyEndpoint"].split("//")[1]

    def skopeo(self, *words):
        """skopeo's answer; it signs in as golive does."""
        token = self.aws.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
        done = subprocess.run(["skopeo", *words, "--tls-verify=false", "--creds", base64.b64decode(token).decode()], capture_output=True, text=True,
                              timeout=240)
        assert done.returncode == 0, done.stderr
        return done.stdout


def run(tests, world):
    """Runs tests as TAP, one after the other in one world."""
    return run_in(world, tests)


def temporary(prefix):
    return pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
