"""tests/unit/ledger's own tests, which SQLite passes, on a store of objects; then once more with local copies and over a line
that loses answers.

    test_conformance.py moto|versitygw PROGRAM...
"""
import re
import subprocess
import sys
import tempfile

from support import STORES, Injector, environment

# Every kind of loss a line has. What was written must be there once, what was refused not at all.
BAD_LINE = [
    {"fault": "drop-after", "operation": "PutObject", "probability": 0.2}, {"fault": "drop-before", "probability": 0.03},
    {"fault": "drop-after", "probability": 0.03}, {"fault": "error", "status": 503, "body": "html", "probability": 0.03},
    {"fault": "cut", "operation": "GetObject", "probability": 0.03},
]


# Writers that are killed over a bad line make thousands of requests: the faster store is enough.
SLOW = {"moto"}


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def say(self, good, text):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)

    def pass_on(self, program, where, url, **more):
        """Runs one program of tests; its lines with numbers and names of ours."""
        done = subprocess.run([program], env=environment(url) | {"CMOCKA_MESSAGE_OUTPUT": "TAP"} | more, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=600)
        name = program.rpartition("_")[2]
        points = re.findall(r"^(ok|not ok) \d+ - (.*)$", done.stdout, re.MULTILINE)
        for verdict, text in points:
            self.say(verdict == "ok", f"{where}: {name}: {text}")
        self.say(points and done.returncode == 0, f"{where}: {name} ends well, {len(points)} tests")
        if done.returncode:
            for line in done.stdout.splitlines()[-60:]:
                print("# " + line)


def main():
    name, *programs = sys.argv[1:]
    tap = Tap()
    store = STORES[name]()
    injector = Injector(store.url)
    try:
        for program in programs:
            tap.pass_on(program, name, store.url)
        for program in programs:
            if name in SLOW and program.endswith("_crash"):
                continue
            injector.rules(*BAD_LINE)
            with tempfile.TemporaryDirectory(prefix="golive-copies-") as copies:
                tap.pass_on(program, f"{name} over a bad line", injector.url, COPIES=copies)
            injected = injector.injected()
            tap.say(injected > 10, f"{name} over a bad line: {injected} faults")
    finally:
        injector.stop()
        store.stop()
    print(f"1..{tap.count}", flush=True)
    return 1 if tap.failed or not tap.count else 0


if __name__ == "__main__":
    sys.exit(main())
