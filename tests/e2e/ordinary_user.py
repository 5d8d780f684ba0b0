#!/usr/bin/env python3
"""Rehearses as an ordinary user, in a project directory with spaces and Japanese characters.

Run by root, it becomes `nobody` with a home directory of its own. What needs compilers that this user may not reach is
built before; golive then packs what lies in the repository."""
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import EXAMPLE, Tap  # noqa: E402

REQUESTS = 3000
SETTINGS = ["build.backend=true", "build.frontend=true", "backend.binary=prebuilt/glanceflow"]


def build_example():
    """The program and the site, where they lie in the example; quick when they are built already."""
    backend, frontend = EXAMPLE / "backend", EXAMPLE / "frontend"
    subprocess.run(["cargo", "build", "--quiet", "--release", "--locked"], cwd=backend, check=True)
    if not (frontend / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=frontend, check=True, stdout=subprocess.DEVNULL)
    if not (frontend / "build").is_dir():
        subprocess.run(["npm", "run", "build"], cwd=frontend, check=True, stdout=subprocess.DEVNULL)
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"], cwd=backend,
                              check=True, capture_output=True, text=True).stdout
    return pathlib.Path(json.loads(metadata)["target_directory"]) / "release" / "glanceflow"


def make_repository(directory, program):
    """A copy of the example with the built program and site in it, as a repository with one commit."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=EXAMPLE, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE / name, target)
    (directory / "backend" / "prebuilt").mkdir()
    shutil.copy(program, directory / "backend" / "prebuilt" / "glanceflow")
    shutil.copytree(EXAMPLE / "frontend" / "build", directory / "frontend" / "build")
    git = ["git", "-c", "user.name=golive", "-c", "user.email=golive@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(git + words, cwd=directory, check=True)


def hand_over(top, user):
    for path in (top, *top.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def command_of(golive, user, words):
    if os.geteuid() != 0:
        return [golive, *words]
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", golive, *words]


def processes_of(top):
    """Processes whose command line, directory or environment names this place."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            texts = [(entry / "cmdline").read_bytes(), (entry / "environ").read_bytes(), os.fsencode(os.readlink(entry / "cwd"))]
        except OSError:
            continue
        if any(os.fsencode(top) in text for text in texts):
            found.append(f"{entry.name} {texts[0].decode('utf-8', 'replace')}")
    return found


def rehearse(tap, top, project, user):
    golive = top / "golive"
    environment = {"HOME": str(top), "USER": user.pw_name, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    words = ["rehearse", "--requests", str(REQUESTS)]
    for setting in SETTINGS:
        words += ["--set", setting]
    done = subprocess.run(command_of(str(golive), user, words), cwd=project, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=1200)
    tap.check(done.returncode == 0, f"golive rehearse as {user.pw_name}", f"exit {done.returncode}", done.stdout[-4000:],
              done.stderr[-3000:])
    result = project / ".golive" / "rehearsal.json"
    figures = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {}
    tap.check(figures.get("good") is True, "its result is good", figures)
    tap.check(figures.get("lost") == 0 and figures.get("requests", 0) >= REQUESTS,
              f"{figures.get('requests')} requests, {figures.get('lost')} lost", figures.get("load"))
    tap.check(result.is_file() and result.stat().st_uid == user.pw_uid, "and belongs to the user")
    left = processes_of(top)
    tap.check(not left, "no process is left", *left)

def main():
    tap = Tap()
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    top = pathlib.Path(tempfile.mkdtemp(prefix="golive user 普通 の人 ", dir="/tmp"))
    project = top / "わたしの project"
    try:
        project.mkdir()
        shutil.copy(os.environ["GOLIVE"], top / "golive")
        make_repository(project, build_example())
        if os.geteuid() == 0:
            hand_over(top, user)
        rehearse(tap, top, project, user)
    finally:
        subprocess.run(command_of(str(top / "golive"), user, ["local", "down", "--purge", "--yes", "--state", ".golive/rehearsal"]),
                       cwd=project, capture_output=True, check=False)
        shutil.rmtree(top, ignore_errors=True)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
