"""measure.py RELEASES: releases of a small backend and a site, one after the other, on an emulator in which everything takes a known while."""
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws" / "release"))
from support import Emulator  # noqa: E402
from test_deploy import Shop  # noqa: E402

TARGET_S, FILES = 2.0, 60
# One after the other, by the setting of the emulator.
AWS_S = {"tasks start": ("task_start_s", 3.0), "first health check": ("health_check_s", 1.0), "CloudFront forgets": ("invalidation_s", 1.5)}
BAKE_S = 3
SITE = f"""#!/bin/sh
release=$(cat ../backend/version) && rm -rf build && mkdir -p build/_app/immutable
for number in $(seq {FILES}); do echo "export const release = '$release'" > build/_app/immutable/$number.$release.js; done
for page in index login; do echo "<title>$release</title>" > build/$page.html; done
"""


class Timed(Shop):
    """A shop with a site, on an AWS that takes its time."""

    def __init__(self, aws):
        super().__init__(aws, release__bake_seconds=BAKE_S, build__frontend="./build.sh")
        frontend = self.project.path / "frontend"
        frontend.mkdir()
        (frontend / "build.sh").write_text(SITE)
        (frontend / "build.sh").chmod(0o755)

    def release(self, name):
        """Seconds of one release: by the clock, golive's processor with that of its programs, the emulator's."""
        self.change(name)
        words = [word for one in self.settings for word in ("--set", one)]
        before, begun = processor_s(self.aws.process.pid), time.perf_counter()
        process = self.start("deploy", *words)
        said = process.stdout.read() + process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        if status:
            sys.exit(f"the release failed:\n{said}")
        return wall, usage.ru_utime + usage.ru_stime, processor_s(self.aws.process.pid) - before


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(found):
    own = sum(seconds for _, seconds in AWS_S.values()) + BAKE_S
    wall, golive, emulator = (statistics.median(column) for column in zip(*found))
    parts = ", ".join(f"{what} {seconds:g}" for what, (_, seconds) in AWS_S.items())
    print(f"release on AWS (median of {len(found)}; target: {TARGET_S:g} s beside AWS's own time; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)")
    print(f"  golive deploy, backend and site    {wall:6.2f} s   AWS's own {own:.2f} s: {parts}, baking {BAKE_S}")
    print(f"  golive adds                        {wall - own:6.2f} s   processor {golive:5.2f} s   emulator's {emulator:5.2f} s   "
          f"ratio to the target {TARGET_S / (wall - own):.1f}, without the emulator's work {TARGET_S / max(wall - own - emulator, 0.01):.1f}")


def main():
    emulator = Emulator()
    try:
        with Timed(emulator) as shop:
            shop.release("first")
            emulator.control("settings", **dict(AWS_S.values()))
            report([shop.release(f"r{number}") for number in range(int(sys.argv[1]))])
    finally:
        emulator.stop()


if __name__ == "__main__":
    main()
