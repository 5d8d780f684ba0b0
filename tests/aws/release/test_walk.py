#!/usr/bin/env python3
"""golive is ended with SIGKILL at every point of a release on AWS, and another machine, which has only the account in common with it, goes on, under load.

A release lists the points that its journal passes. Then each point gets a release of its own, with a migration, an image and a site of its own: golive is
killed there, and golive deploy runs in a fresh checkout elsewhere. The end of a step is the same instant as the begin of the next and is left out; where a step
has effects, an instant inside it is a point too. WALK_ONLY (a regular expression) picks points; a dot walks all."""
import os
import pathlib
import re
import sys
import tempfile
import time

from walk_stage import Load, Walk, need_root

KILLABLE = os.environ["GOLIVE_KILLABLE"]
# How far inside a step: after its first effect, before its last.
INSIDE_MS = {"build": 15, "image": 150, "place": 120, "backup": 15, "migrate": 2500, "start": 150, "shift": 60, "bake": 300, "publish": 120, "sessions": 20,
             "finish": 120}

BUSY = 5
# Inside each step with effects, and a runner whose end nobody sees; the whole walk (WALK_ONLY=.) takes some minutes more.
ONLY = os.environ.get("WALK_ONLY", r"begin:(image|migrate|start|shift|publish|finish)\+|another host")
# Process ids of a namespace of its own; the shell takes number 1, which no signal of its own kind ends.
ELSEWHERE = ("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", '"$@"; exit $?', "sh")


def points(passed):
    """The points to walk, of those that a release passed."""
    walk = []
    for point in passed:
        kind, _, step = point.partition(":")
        if kind == "step.done":
            continue
        walk.append(point)
        if kind == "step.begin" and step in INSIDE_MS:
            walk.append(f"{point}+{INSIDE_MS[step]}")
    return [point for point in walk if re.search(ONLY, point)]


def overlapping(tasks):
    """Whether two tasks of migrations ran at the same time; tasks are (from, to) in order."""
    return any(end is None or later < end for (_, end), (later, _) in zip(tasks, tasks[1:]))


def judge(world, runner, number, before):
    """What does not hold that must, whatever happened. number: of the newest source, which serves; before: releases that had task definitions."""
    status = world.status(runner)
    serving = status["serving"]
    page, loads = world.page()
    definitions = world.definitions()
    wrong = {
        "not one version by the production rule, or not the one that golive status says": {r: w for r, w in world.weights().items() if w} != {serving: 100},
        "golive status shows another share": [v["release"] for v in status["versions"] if v["weight_pct"] == 100 and v["healthy"]] != [serving],
        "something is unfinished": status["unfinished"] != 0 or status["lease"] is not None,
        "a deployment is under way": world.under_way(),
        "two tasks of migrations at a time": overlapping(world.migration_tasks()),
        "a release has two task definitions, or several are new": len(definitions) != len(set(definitions)) or len(set(definitions) - set(before)) > 1,
        "migrations are not whole": not world.applied() == world.tables() == list(range(1, number + 1)),
        "the site is not the newest source's": status["frontend_release"] != serving or page != number or not loads,
    }
    return [f"{what}: {found}" for what, found in wrong.items() if found] and [wrong, status, definitions, page]


def walk(world, first, point):
    """One release, killed at a point by the first machine and continued by another. Returns (whether it was killed, what is wrong)."""
    before = world.definitions()
    number = world.change()
    first.take_source()
    killed = first.run("deploy", program=KILLABLE, GOLIVE_KILL=point)
    other = world.runner()
    try:
        with first.switched_off():
            if not world.status(other)["unfinished"]:
                before = world.definitions()  # it ended: what follows is a release of its own
            again = other.run("deploy")
        wrong = judge(world, other, number, before)
        if again.returncode != 0 or wrong:
            wrong = [f"exit status {again.returncode}", again.stdout[-3000:], again.stderr[-2000:], killed.stdout[-2000:], killed.stderr[-1000:], wrong]
        return killed.returncode == -9, wrong
    finally:
        other.close()


def lease_of_another_host(world, first, tap):
    """A holder that cannot be seen to be gone, as a runner on another host: it counts as alive until its lease expires."""
    before, number = world.definitions(), world.change()
    first.take_source()
    world.aws.control("settings", minute_s=5)  # as long as a lease lasts, ECS waits for golive: an hour, of which 30 s are little
    killed = first.run("deploy", program=KILLABLE, before=ELSEWHERE, GOLIVE_KILL="step.begin:shift")
    ended = time.monotonic()
    other = world.runner()
    try:
        with first.switched_off():
            again = other.run("deploy")
            respected = killed.returncode == 128 + 9 and again.returncode == BUSY and "in use by" in again.stderr
            tap.check(respected, "the lease of a runner on another host is respected", killed.stdout, killed.stderr, again.stdout, again.stderr)
            while again.returncode == BUSY and time.monotonic() - ended < 60:
                time.sleep(1)
                again = other.run("deploy")
            wrong = judge(world, other, number, before)
            tap.check(again.returncode == 0 and not wrong, f"and the release goes on when it expired # {time.monotonic() - ended:.1f} s", again.stdout,
                      again.stderr, *wrong)
    finally:
        other.close()


class Tap:
    """Results, one after the other."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, good, title, *details):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {title}", flush=True)
        for detail in details if not good else ():
            for line in str(detail).splitlines():
                print("# " + line, flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def passed_points(world, first):
    """Two releases; what the second one passes."""
    world.change()
    first.take_source()
    good = first.run("deploy")
    assert good.returncode == 0, good.stdout + good.stderr
    world.change()
    first.take_source()
    with tempfile.TemporaryDirectory() as place:
        listing = pathlib.Path(place, "points")
        good = first.run("deploy", program=KILLABLE, GOLIVE_KILL_LIST=str(listing))
        assert good.returncode == 0, good.stdout + good.stderr
        return listing.read_text(encoding="utf-8").splitlines()


def walk_all(world, tap):
    first = world.runner()
    try:
        walked = points(passed_points(world, first))
        load, hit = Load(world.aws), 0
        for point in walked:
            begun = time.monotonic()
            killed, wrong = walk(world, first, point)
            hit += killed
            tap.check(not wrong, f"{point}{'' if killed else ' (not hit)'} # {time.monotonic() - begun:.1f} s", *wrong)
        if re.search(ONLY, "another host"):
            lease_of_another_host(world, first, tap)
        load.end()
        tap.check(load.answers > 100 and not load.lost, f"{load.answers} requests, {len(load.lost)} lost", *load.lost[:20])
        tap.check(hit >= len(walked) * 3 // 4, f"{hit} of {len(walked)} kills hit")
        chain = first.run("log", "verify")
        tap.check(chain.returncode == 0, "the ledger's chain is whole", chain.stdout, chain.stderr)
    finally:
        first.close()


def main():
    need_root()
    world, tap = Walk(), Tap()
    try:
        walk_all(world, tap)
    finally:
        world.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
