#!/usr/bin/env python3
"""Ends golive with SIGKILL at every point of a release and starts it again, under load.

A first release lists the points that the journal passes. Then, for each step boundary and for an instant inside each
step, a deploy is killed there and golive is started again: the release must end done or undone, and at the end
no request, no acknowledged row, no process and no half-applied migration may be lost or left."""
import os
import re
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import Instance, Load, Tap  # noqa: E402

# How far inside a step; small enough for the quick ones, large enough to be after their first effect.
INSIDE_MS = {"build": 200, "image": 150, "start": 60, "canary": 300, "bake": 300, "migrate": 20, "backup": 60,
             "preflight": 100, "place": 20, "smoke new": 5, "shift": 15, "publish": 15, "sessions": 15,
             "smoke edge": 40, "finish": 5}


def points(instance, killable):
    with tempfile.NamedTemporaryFile("r") as listing:
        instance.deploy(program=killable, env={"GOLIVE_KILL_LIST": listing.name})
        passed = [line.strip() for line in open(listing.name, encoding="utf-8")]
    walk = []
    for point in passed:
        walk.append(point)
        kind, _, step = point.partition(":")
        if kind == "step.begin":
            walk.append(f"{point}+{INSIDE_MS.get(step, 20)}")
    return walk


def tables(instance):
    """Version rows without success, and invalid indexes: what a half-applied migration would leave."""
    status = instance.run("migrate", "status", "--format", "json", check=False)
    return status.stdout + status.stderr


def walk_one(instance, killable, point, tap):
    print(f"# {time.monotonic():.3f} {point}", flush=True)
    killed = instance.deploy(program=killable, env={"GOLIVE_KILL": point}, check=False)
    again = instance.deploy(check=False)
    outcome = instance.outcome(again)
    status = instance.status()
    serving = [v for v in status["versions"] if v["weight_pct"] == 100 and v["healthy"]]
    good = (killed.returncode in (-9, 0) and again.returncode == 0 and outcome.get("done") and
            status["unfinished"] == 0 and len(serving) == 1 and serving[0]["release"] == status["serving"])
    tap.check(good, f"killed at {point}: exit {killed.returncode}, then {'resumed' if outcome.get('resumed') else 'done'}",
              killed.stdout[-1500:], killed.stderr[-800:], again.stdout[-2500:], again.stderr[-800:], status)
    return killed.returncode == -9


def main():
    instance = Instance(os.environ["GOLIVE"])
    killable = os.environ["GOLIVE_KILLABLE"]
    only = re.compile(os.environ.get("KILL_ONLY", ""))
    tap = Tap()
    try:
        instance.deploy()
        load = Load(instance)
        walk = [point for point in points(instance, killable) if only.search(point)]
        killed = sum(walk_one(instance, killable, point, tap) for point in walk)
        counts = load.finish()
        tap.check(killed >= len(walk) * 3 // 4, f"{killed} of {len(walk)} kills hit")
        lost = counts["lost"] + counts["wrong"] + counts["ws"]["cut"] + counts["ws"]["refused"]
        tap.check(counts["ok"] > 1000 and lost == 0, f"{counts['ok']} requests, {lost} lost",
                  "\n".join(f"{p['mono_ms']} {p['what']} {p['name']} {p['client']} {p['release']} {p['status']} {p['reason']}"
                            for p in counts["problems"]))
        rows = instance.run("log", "verify")
        tap.check("intact" in rows.stdout or rows.returncode == 0, "the ledger's chain is whole", rows.stdout)
        migrations = tables(instance)
        tap.check("dirty" not in migrations and "pending" not in migrations.replace('"pending":0', ""), "no migration is half applied", migrations)
        instance.run("local", "down")
        left = instance.processes()
        tap.check(not left, "no process is left", left)
    finally:
        instance.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
