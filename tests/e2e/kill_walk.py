#!/usr/bin/env python3
"""Ends golive with SIGKILL at every point of a release and of a rollback and starts it again, under load.

A first release (and rollback) lists the points that the journal passes. Then, for each step boundary and for an instant
inside each step, golive is killed there and started again: the operation must end done or undone with one version serving
and no process left that nobody supervises; at the end no request, no acknowledged row, no process and no half-applied
migration may be lost or left. Then the same while the step `sessions` restarts the old version, started again with other
settings, so that the undo is walked, for which the old version must be up. KILL_ONLY (a regular expression) walks only the
points that it matches; those of the rollback are called "rollback:KIND:STEP", those of the restart "undo:ending" and
"undo:starting"."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import EXAMPLE, Instance, Load, Tap  # noqa: E402

# How far inside a step; small enough for the quick ones, large enough to be after their first effect.
INSIDE_MS = {"build": 200, "image": 150, "start": 60, "canary": 300, "bake": 300, "migrate": 20, "backup": 60,
             "preflight": 100, "place": 20, "smoke new": 5, "shift": 15, "publish": 15, "sessions": 15,
             "smoke edge": 40, "finish": 5}
# Of an old version that is being restarted, once it is asked for.
SLOW_START_S = 2
# How often a moment of a restart is waited for that passed before it was seen.
MOMENT_TRIES = 5


def points(run):
    """The points that an operation passes; `run` gets the environment it is to run with."""
    with tempfile.NamedTemporaryFile("r") as listing:
        run({"GOLIVE_KILL_LIST": listing.name})
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


def judge(instance, tap, title, wanted, killed, again):
    """What must hold after a kill and a second start; `wanted` is the release to serve, None = the newest."""
    status = instance.status()
    serving = [v for v in status["versions"] if v["weight_pct"] == 100 and v["healthy"]]
    orphans = instance.orphans()
    good = (killed.returncode in (-9, 0) and again.returncode == 0 and status["unfinished"] == 0 and len(serving) == 1 and
            serving[0]["release"] == status["serving"] and wanted in (None, status["serving"]) and not orphans)
    tap.check(good, f"{title}: exit {killed.returncode}, then "
              f"{'resumed' if instance.outcome(again).get('resumed') else 'done'}",
              killed.stdout[-1500:], killed.stderr[-800:], again.stdout[-2500:], again.stderr[-800:], status, orphans)
    return killed.returncode == -9


def walk_deploy(instance, killable, point, tap):
    print(f"# {time.monotonic():.3f} {point}", flush=True)
    killed = instance.deploy(program=killable, env={"GOLIVE_KILL": point}, check=False)
    again = instance.deploy(check=False)
    return judge(instance, tap, f"killed at {point}", None, killed, again)


def walk_rollback(instance, killable, point, target, tap):
    """To and fro between two releases: going to a named release is the same operation in both directions."""
    print(f"# {time.monotonic():.3f} rollback:{point} to {target}", flush=True)
    killed = instance.rollback(target, program=killable, env={"GOLIVE_KILL": point}, check=False)
    unfinished = instance.status()["unfinished"] != 0
    # Killed after its end there is nothing to go on with.
    again = instance.rollback(check=False) if unfinished else subprocess.CompletedProcess([], 0, "", "")
    return judge(instance, tap, f"rollback killed at {point}", target, killed, again)


def slot_service(instance, release):
    slots = json.loads(instance.run("local", "status", "--format", "json").stdout)["slots"]
    slot = next(slot["slot"] for slot in slots if slot["release"] == release)
    return instance.state / "local" / "s6" / f"backend-{slot}"


def service_state(service):
    """Whether s6 keeps the service up, and its process, 0 = none."""
    said = subprocess.run(["s6-svstat", "-o", "wantedup,pid", service], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return said[0] == "true", max(int(said[1]), 0)


def send(pid, number):
    """Sends a signal; false if the process has ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def kill_in_restart(instance, moment):
    """Kills a release while its step `sessions` restarts the old version. "ending": the old process was told to end and does
    not until it is told again; "starting": the new one is there and is held before it is ready. Returns golive, whether it
    was killed at that moment, and the process that is to be let go on."""
    service = slot_service(instance, instance.status()["serving"])
    _, before = service_state(service)
    golive = subprocess.Popen(instance.command("deploy", "--format", "json"), cwd=EXAMPLE, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while golive.poll() is None:
        wanted_up, pid = service_state(service)
        ending = not wanted_up and pid == before
        starting = wanted_up and pid not in (0, before)
        # Held first: while it stands still the moment does not pass.
        if (ending if moment == "ending" else starting) and send(pid, signal.SIGSTOP):
            golive.kill()
            golive.wait()
            if golive.returncode < 0:
                return golive, True, pid if starting else 0
            send(pid, signal.SIGCONT)
    return golive, False, 0


def deploy_otherwise(instance, held):
    """Deploys with other settings. A process that is held goes on only a while after golive has said what it undoes: the
    version is slow to start."""
    settings = instance.settings
    instance.settings = [*settings, "release.keep=6"]
    line = instance.command("deploy", "--format", "json")
    instance.settings = settings
    golive = subprocess.Popen(line, cwd=EXAMPLE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = ""
    for text in golive.stdout:
        said += text
        if held and '"event":"begin"' in text:
            time.sleep(SLOW_START_S)
            os.kill(held, signal.SIGCONT)
            held = 0
    return subprocess.CompletedProcess(line, golive.wait(), said, "")


def walk_undo(instance, moment, tap):
    print(f"# {time.monotonic():.3f} undo:{moment}", flush=True)
    for _ in range(MOMENT_TRIES):
        killed, hit, held = kill_in_restart(instance, moment)
        if hit:
            break
        print(f"# the old version was not seen {moment}", flush=True)
    left = instance.status()["unfinished"]
    again = deploy_otherwise(instance, held)
    undone = '"event":"undo_end"' in again.stdout
    tap.check(left and undone, f"killed while the old version is {moment}, what was begun is undone", left, again.stdout[-2500:])
    return judge(instance, tap, f"killed while the old version is {moment}", None,
                 subprocess.CompletedProcess([], killed.returncode, "", ""), again)


def walk_all(instance, killable, tap):
    """Walks both operations; returns how many points were walked and how many kills hit."""
    only = re.compile(os.environ.get("KILL_ONLY", ""))
    walk = [p for p in points(lambda env: instance.deploy(program=killable, env=env)) if only.search(p)]
    hit = sum(walk_deploy(instance, killable, point, tap) for point in walk)
    newer = instance.status()["serving"]
    older = instance.status()["rollback_target"]
    back = [p for p in points(lambda env: instance.rollback(older, program=killable, env=env)) if only.search("rollback:" + p)]
    for i, point in enumerate(back):
        hit += walk_rollback(instance, killable, point, newer if i % 2 == 0 else older, tap)
    moments = [moment for moment in ("ending", "starting") if only.search("undo:" + moment)]
    hit += sum(walk_undo(instance, moment, tap) for moment in moments)
    return len(walk) + len(back) + len(moments), hit


def main():
    instance = Instance(os.environ["GOLIVE"])
    killable = os.environ["GOLIVE_KILLABLE"]
    tap = Tap()
    try:
        instance.deploy()
        load = Load(instance)
        walked, killed = walk_all(instance, killable, tap)
        counts = load.finish()
        tap.check(killed >= walked * 3 // 4, f"{killed} of {walked} kills hit")
        lost = counts["lost"] + counts["wrong"] + counts["ws"]["cut"] + counts["ws"]["refused"]
        tap.check(counts["ok"] > 1000 and lost == 0, f"{counts['ok']} requests, {lost} lost",
                  "\n".join(f"{p['mono_ms']} {p['what']} {p['name']} {p['client']} {p['release']} {p['status']} {p['reason']}"
                            for p in counts["problems"]))
        rows = instance.count("select count(*) from statuses where body like 'e2e %'")
        tap.check(counts["acked"] > 100 and rows == counts["acked"],
                  f"{counts['acked']} writes acknowledged, {rows} rows found")
        chain = instance.run("log", "verify", check=False)
        tap.check(chain.returncode == 0, "the ledger's chain is whole", chain.stdout, chain.stderr)
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
