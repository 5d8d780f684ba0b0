"""golive plan --out: AWS's own command line makes the whole environment from the files, and golive takes it for its own."""
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time

from support import REGION, Emulator, Project, die_with_parent, run, stacks_of, until

HERE = pathlib.Path(__file__).resolve().parent
OF_THE_ACCOUNT = {"security-groups.AppToS3", "security-groups.MigrationToS3"}  # a prefix list, which the files leave at its default
TESTS = []


def test(function):
    TESTS.append(function)
    return function


@contextlib.contextmanager
def command_line(project, environment):
    """`aws`, pinned, in the directory bin of the project, as long as the block lasts."""
    venv = subprocess.run([HERE.parents[2] / "scripts" / "venv", HERE / "cli.txt"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    path, server = project.path / "bin", HERE / "cli_server.py"
    path.mkdir()
    (path / "aws").write_text(f'#!/bin/sh\nexec {sys.executable} -ISs {server} {path}/socket -- "$@"\n', encoding="utf-8")
    (path / "aws").chmod(0o755)
    process = subprocess.Popen([f"{venv}/bin/python", server, f"{path}/socket"], env=environment, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
    try:
        until(lambda: (path / "socket").exists() or process.poll() is not None, bool, 300)
        yield path
    finally:
        process.terminate()
        process.wait(60)


def deploy(project):
    """Runs deploy.sh; what it said."""
    environment = project.environment(AWS_DEFAULT_REGION=REGION, AWS_PAGER="")
    with command_line(project, environment) as path:
        done = subprocess.run(["sh", "out/deploy.sh"], cwd=project.path, env=environment | {"PATH": f"{path}:{environment['PATH']}"}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@test
def the_command_line_makes_it(aws):
    """deploy.sh makes every stack with the AWS CLI; golive then changes only what needs a value of the account, and knows them as its own"""
    with Project(sys.argv[1], aws.url) as project:
        said, _error = project.run("plan", "--offline", "--env", "prod", "--out", "out")
        count = int(re.search(r"Wrote (\d+) stacks", said)[1])
        begun = time.monotonic()
        made = deploy(project)
        assert made.count("Successfully created/updated stack") == count >= 27, made
        print(f"# {count} stacks in {time.monotonic() - begun:.1f} s", flush=True)
        found = {name: one["change"] for name, one in stacks_of(project.plan()).items()}
        changed = {f"{name}.{one['id']}" for name, change in found.items() for one in change["resources"]}
        assert len(found) == count and changed == OF_THE_ACCOUNT, changed
        survey, _error = project.run("down", "--env", "prod", "--dry-run", "--format", "json")
        survey = json.loads(survey.splitlines()[0])
        assert len(survey["stacks"]) + len(survey["shared"].split(", ")) == count and "foreign" not in survey, survey


if __name__ == "__main__":
    AWS = Emulator()
    try:
        raise SystemExit(run(TESTS, AWS))
    finally:
        AWS.stop()
