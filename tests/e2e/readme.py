#!/usr/bin/env python3
"""Runs every command of README.md, in its order, in a fresh repository with a copy of the example; those for AWS against an emulator.

A newcomer's repository has no golive.yaml: `golive init` writes it, and everything after that works with what it wrote.
The Japanese README must have the same commands. Commands named inside sentences must exist, and make targets too."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import EXAMPLE, ROOT, Tap  # noqa: E402

LEAST_REQUESTS = 100000
MOST_ROLLBACK_MS = 1000
LEFT_OUT = {"make": "run by whoever runs this test; their targets are looked up"}
AWS = ("golive plan ", "golive up ", "golive down ")
ACCOUNT = "123456789012"  # the emulator's
ANSWERS = {"golive up --env dev": " --yes", "golive down --env dev": " --confirm dev"}  # what a person types
ELSEWHERE = {  # needs a whole account: the test that runs it
    "golive deploy --env stg": "tests/aws/release/test_deploy.py", "golive status --env stg": "tests/aws/release/test_deploy.py",
    "golive logs --env stg": "tests/aws/rights/test_release.py", "golive promote stg prod": "tests/aws/release/test_deploy.py",
    "golive approve prod": "tests/e2e/promote.py", "golive rollback --env prod": "tests/aws/release/test_deploy.py",
    "golive log --env prod": "tests/aws/ledger/test_commands.py", "golive generate workflows": "tests/workflows/check.py",
    "golive generate runbooks": "tests/cli/runbooks.test",
    "golive github check": "tests/github/test_github.py", "golive github apply": "tests/github/test_github.py",
    "golive check": "tests/cli/check.test", "golive check --explain 2.3.3": "tests/cli/check.test", "golive attest": "tests/cli/attest.test",
    "golive decide": "tests/cli/decide.test", "golive gate": "tests/cli/gate.test", "golive roadmap": "tests/cli/roadmap.test",
}
BEFORE = {"golive rollback": "golive deploy --env local"}  # a way back needs a second release


def code_lines(text):
    """The commands of the indented blocks, without their comments. What stands behind a prompt is a sample of output."""
    for line in text.splitlines():
        match = re.match(r"    ((?:golive|make) [^#]*)", line)
        if match:
            yield match.group(1).strip()


def unique(items):
    return list(dict.fromkeys(items))


def repository(directory):
    """A copy of what git has of the example, without golive.yaml, as a repository with one commit."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=EXAMPLE, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        if name and name != "golive.yaml":
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(EXAMPLE / name, target)
    git = ["git", "-c", "user.name=golive", "-c", "user.email=golive@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(git + words, cwd=directory, check=True)


class Emulator:
    """AWS for the commands that need an account."""

    def __init__(self):
        self.process = subprocess.Popen([str(ROOT / "tests/aws/python"), "-m", "emulator", "-p", "0"], cwd=ROOT / "tests/aws",
                                        stdout=subprocess.PIPE, text=True)
        self.environment = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{int(self.process.stdout.readline())}", "AWS_ACCESS_KEY_ID": "testing",
                            "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}

    def close(self):
        self.process.terminate()
        self.process.wait()


def add_environment(directory, text):
    """README's own lines about an account, below the `environments:` that golive init wrote."""
    lines = re.search(r"^    environments:\n((?:      .*\n)+)", text, re.M).group(1)
    with open(directory / "golive.yaml", "a", encoding="utf-8") as file:
        file.write(re.sub(r"^    ", "", lines, flags=re.M).replace("111111111111", ACCOUNT))


def run(tap, command, directory, golive, more=None):
    environment = {**os.environ, **(more or {}), "PATH": f"{pathlib.Path(golive).parent}:{os.environ['PATH']}",
                   "CARGO_TARGET_DIR": str(EXAMPLE / "backend" / "target")}
    done = subprocess.run(["sh", "-c", command], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=1500)
    tap.check(done.returncode == 0, command, f"exit {done.returncode}", done.stdout[-3000:], done.stderr[-3000:])
    return done


def check_figures(tap, directory):
    """What a rehearsal is to reach: nothing lost, and the old version there at once. The first release builds, which is done once."""
    figures = json.loads((directory / ".golive" / "rehearsal.json").read_text(encoding="utf-8"))
    took_s = (figures["elapsed_ms"] - figures["cases"][0]["elapsed_ms"]) / 1000
    rollbacks = figures["rollback_ms"]
    tap.check(figures["requests"] >= LEAST_REQUESTS and figures["lost"] == 0 and figures["load"]["websocket_reconnects_asked"] > 0 and not figures["load"]["websocket_cut"],
              f"{figures['requests']} requests, {figures['lost']} lost", figures["load"])
    tap.check(rollbacks and max(rollbacks.values()) < MOST_ROLLBACK_MS, f"the old version served after {rollbacks} ms")
    tap.check(figures["restore_verified"], f"the backup was restored in {figures['restore_s']} s", figures)
    print(f"# {took_s:.0f} s without the first release", flush=True)


def check_words(tap, text, golive):
    """`golive status`, `golive help config KEY`: the longest run of small words must be a command."""
    for spoken in unique(re.findall(r"`golive ((?:[a-z]+ ?)+)", text)):
        done = subprocess.run([golive, *spoken.split(), "--help"], capture_output=True, text=True)
        tap.check(done.returncode == 0, f"golive {spoken.strip()} exists", done.stderr)


def main():
    golive = os.environ["GOLIVE"]
    tap = Tap()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = unique(code_lines(text))
    japanese = unique(code_lines((ROOT / "README.ja.md").read_text(encoding="utf-8")))
    tap.check(commands == japanese, "both languages have the same commands", set(commands) ^ set(japanese))
    for target in unique(re.findall(r"\bmake ([a-z-]+)\b", text)):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        tap.check(done.returncode == 0, f"make {target} exists", done.stderr)
    check_words(tap, text, golive)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="golive readme 手順 "))
    directory.chmod(0o755)
    emulator = Emulator()
    has_account = False
    try:
        repository(directory)
        for command in commands:
            if command in ELSEWHERE:
                word = command.split()[1]
                other = ROOT / ELSEWHERE[command]
                text_of = other.read_text(encoding="utf-8") if other.exists() else ""
                tap.check(f'"{word}"' in text_of or f"$ golive {word}" in text_of, f"{command} is run by {ELSEWHERE[command]}")
                continue
            if command in BEFORE:
                run(tap, BEFORE[command], directory, golive)
            if command.startswith(AWS):
                if not has_account:
                    add_environment(directory, text)
                has_account = True
                run(tap, command + ANSWERS.get(command, ""), directory, golive, emulator.environment)
            elif command.split()[0] not in LEFT_OUT:
                run(tap, command, directory, golive)
            if command == "golive rehearse":
                check_figures(tap, directory)
    finally:
        emulator.close()
        subprocess.run([golive, "local", "down", "--purge", "--yes"], cwd=directory, capture_output=True)
        shutil.rmtree(directory, ignore_errors=True)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
