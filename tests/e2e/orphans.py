#!/usr/bin/env python3
"""Ends golive with SIGKILL while a build with children and grandchildren runs: none of them may be left a second later."""
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import EXAMPLE, Instance, Tap  # noqa: E402

WANTED = 4
# How long they sleep names them among all processes.
NAME = str(1000000 + os.getpid())
BUILD = f"trap '' TERM; sleep {NAME} & (sleep {NAME} &); sh -c 'sh -c \"sleep {NAME}; :\"; :' & setsid -w true; exec sleep {NAME}"


def sleepers():
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words[:2] == [b"sleep", NAME.encode()]:
            found.append(entry.name)
    return found


def wait(condition, seconds):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def main():
    tap = Tap()
    instance = Instance(os.environ["GOLIVE"])
    instance.settings.append(f"build.backend={BUILD}")
    golive = subprocess.Popen(instance.command("deploy", "--format", "json"), cwd=EXAMPLE, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        running = wait(lambda: len(sleepers()) >= WANTED or golive.poll() is not None, 120) and golive.poll() is None
        tap.check(running, f"a build with {len(sleepers())} sleeping processes runs", "" if running else golive.communicate()[0].decode())
        golive.kill()
        golive.wait()
        gone = wait(lambda: not sleepers(), 1)
        tap.check(running and gone, "none of them outlives golive", sleepers())
    finally:
        for left in sleepers():
            os.kill(int(left), 9)
        instance.settings.pop()
        instance.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
