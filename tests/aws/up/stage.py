"""golive up and down against the emulator: a project, what it says, what the account then has."""
import contextlib
import json
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
from harness import REGION, Emulator, refused, run, until  # noqa: E402,F401

ACCOUNT = "123456789012"  # the emulator's
GLOBAL = "us-east-1"
GOLIVE = os.environ.get("GOLIVE", str(ROOT / "build" / "golive"))


class Result:
    """What one run of golive came to: status, lines (JSON objects) and the error."""

    def __init__(self, process, out, error):
        self.status, self.out, self.error = process.returncode, out, error
        self.events = [json.loads(line) for line in out.splitlines() if line.startswith("{\"")]
        assert "Sanitizer" not in error and "runtime error" not in error, error

    def states(self):
        """Last state of each stack."""
        return {one["stack"]: one["state"] for one in self.events if one["event"] == "stack"}

    def of(self, *states):
        return sorted(name for name, state in self.states().items() if state in states)

    def reason(self, stack):
        return next(one["reason"] for one in reversed(self.events) if one["event"] == "stack" and one["stack"] == stack and "reason" in one)

    def outcome(self):
        return next(one for one in reversed(self.events) if one["event"] == "outcome")

    def must(self, status):
        assert self.status == status, f"exit status {self.status}, not {status}\n{self.out[-3000:]}\n{self.error}"
        return self


class Running:
    """golive while it runs; its output goes to files, so that it never waits for a reader."""

    def __init__(self, words, cwd, env):
        self.files = [tempfile.TemporaryFile("w+") for _ in range(2)]
        self.process = subprocess.Popen([GOLIVE, *words], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=self.files[0], stderr=self.files[1])
        self.pid = self.process.pid

    def read(self, which=0):
        size = os.fstat(self.files[which].fileno()).st_size
        return os.pread(self.files[which].fileno(), size, 0).decode()

    def says(self, text, seconds=240):
        """Waits until the output has the text; the line with it."""
        out = until(self.read, lambda out: text in out or self.process.poll() is not None, seconds)
        assert text in out, f"it ended without {text}: {out[-2000:]}\n{self.read(1)}"
        return next(line for line in out.splitlines() if text in line)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, seconds=600):
        self.process.wait(seconds)
        return Result(self.process, self.read(), self.read(1))


class Project:
    """A directory with golive.yaml (the documented example, in the emulator's account) and the program that works on it."""

    def __init__(self, url, change=lambda text: text, env="prod"):
        self.url, self.env = url, env
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="golive-up-"))
        text = (ROOT / "docs" / "golive.example.yaml").read_text(encoding="utf-8")
        for number in ("111111111111", "222222222222", "333333333333"):
            text = text.replace(number, ACCOUNT)
        text = text.replace("layout: account_per_env", "layout: single")
        (self.path / "golive.yaml").write_text(change(text), encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.path)

    def environment(self):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "LC_", "LANG"))}
        return clean | {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "LANG": "C.UTF-8",
                        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}

    def start(self, *words):
        return Running(words, self.path, self.environment())

    def run(self, *words):
        return self.start(*words).end()

    def up(self, *words, env=None):
        return self.run("up", "--env", env or self.env, "--yes", "--format", "json", *words)

    def stand(self, aws, *words):
        """up on a fresh emulator, for tests of what comes after; what it came to."""
        text = (self.path / "golive.yaml").read_text(encoding="utf-8")
        return aws.prepared(self.path, lambda: self.up(*words).must(0), self.env, words, text)

    def down(self, *words, env="prod"):
        return self.run("down", "--env", env, "--confirm", env, "--format", "json", *words)

    def ledger(self, *words):
        return [json.loads(line) for line in self.run("log", "--format", "json", *words).out.splitlines() if line.startswith("{")]


def on_terminal(project, *words, answers=()):
    """golive on a terminal; answers are (what it asks, what is typed). Returns (exit status, all that was shown)."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(project.path)
        os.execve(GOLIVE, [GOLIVE, *words], project.environment() | {"TERM": "xterm"})
    shown, seen, end = "", 0, time.monotonic() + 480
    answers = list(answers)
    while time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            try:
                shown += os.read(master, 65536).decode(errors="replace")
            except OSError:
                break
        if answers and answers[0][0] in shown[seen:]:
            seen = len(shown)
            os.write(master, (answers.pop(0)[1] + "\n").encode())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def stacks(aws):
    """Every stack that is not gone: {(region, name): status}."""
    found = {}
    for region in (REGION, GLOBAL):
        for page in aws.client("cloudformation", region).get_paginator("list_stacks").paginate():
            found |= {(region, one["StackName"]): one["StackStatus"] for one in page["StackSummaries"] if one["StackStatus"] != "DELETE_COMPLETE"}
    return found


def status(aws, name, region=REGION):
    return stacks(aws).get((region, name))


def resources(aws, name, region=REGION):
    """Logical id to type, in the order they were made."""
    pages = aws.client("cloudformation", region).get_paginator("list_stack_resources").paginate(StackName=name)
    return {one["LogicalResourceId"]: one for page in pages for one in page["StackResourceSummaries"]}


def calls(aws, *operations):
    return [one for one in aws.control("calls", "GET")["calls"] if one["operation"] in operations]


def middle(aws, name, region):
    """A logical id from the middle of a stack, to fail there."""
    ids = list(resources(aws, name, region))
    return ids[len(ids) // 2]
