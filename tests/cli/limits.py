#!/usr/bin/env python3
"""What golive may cost: `golive --version` 15 ms, and each command 64 MiB, in a project with everything in golive.yaml and
a thousand migrations. Prints TAP."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

STARTUP_MS = 15
RUNS = 40
PEAK_MIB = 64
MIGRATIONS = 1000
# Those that look at most; what they answer is the affair of other tests, but they must have had something to look at.
COMMANDS = ("--version", "help", "man", "config show --env prod", "init --print", "deploy --dry-run", "status", "log", "log verify",
            "local status", "plan --offline --env prod", "plan --offline --diff stg prod", "check --env prod", "gate --env local",
            "facts --env prod", "roadmap --env prod", "migrate lint", "generate runbooks --env prod", "help config")
ANSWERS = (0, 16)  # 16: what was looked for is not as it should be


def run(golive, words, directory):
    """The exit status, the time in ms and the peak in MiB of golive and of what it ran."""
    with tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(directory), golive, *words.split()], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_DUP2, output.fileno(), 2)])
        _, status, usage = os.wait4(pid, 0)
        elapsed_ms = (time.monotonic() - begun) * 1000
        output.seek(0)
        return os.waitstatus_to_exitcode(status), elapsed_ms, usage.ru_maxrss / 1024, output.read()[-600:].decode("utf-8", "replace")


def startup_ms(golive):
    """Of the quickest of many runs, the time that the program itself had: other programs on this machine do not count."""
    quickest = float("inf")
    for _ in range(RUNS):
        pid = os.posix_spawn(golive, [golive, "--version"], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
        usage = os.wait4(pid, 0)[2]
        quickest = min(quickest, (usage.ru_utime + usage.ru_stime) * 1000)
    return quickest


def make_project(directory):
    example = pathlib.Path(os.environ["SOURCE_ROOT"]) / "docs" / "golive.example.yaml"
    settings = example.read_text(encoding="utf-8").replace("required: true, shared: true", "required: false, shared: true")
    (directory / "golive.yaml").write_text(settings, encoding="utf-8")
    (directory / "backend" / "src").mkdir(parents=True)
    (directory / "backend" / "Cargo.toml").write_text('[package]\nname = "large"\n')
    (directory / "backend" / "src" / "main.rs").write_text('fn main() { std::env::var("PORT"); }\n' * 1000)
    (directory / "backend" / "migrations").mkdir()
    for number in range(1, MIGRATIONS + 1):
        sql = f"create table t{number} (id bigint primary key, note text not null default '');\n"
        (directory / "backend" / "migrations" / f"{number:05}_t{number}.sql").write_text(sql)
    git = ["git", "-c", "user.name=golive", "-c", "user.email=golive@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(git + words, cwd=directory, check=True)


def main():
    golive = os.environ["GOLIVE"]
    directory = pathlib.Path(tempfile.mkdtemp(prefix="golive limits 限度 "))
    failed = 0
    try:
        make_project(directory)
        print(f"1..{len(COMMANDS) + 1}")
        took_ms = startup_ms(golive)
        failed += took_ms > STARTUP_MS
        print(f"{'not ' if took_ms > STARTUP_MS else ''}ok 1 - golive --version takes {took_ms:.1f} ms of {STARTUP_MS}")
        for number, words in enumerate(COMMANDS, 2):
            status, elapsed_ms, peak_mib, output = run(golive, words, directory)
            good = status in ANSWERS and peak_mib <= PEAK_MIB
            failed += not good
            print(f"{'' if good else 'not '}ok {number} - golive {words} needs {peak_mib:.1f} MiB of {PEAK_MIB}")
            if not good:
                print(f"# exit {status} after {elapsed_ms:.0f} ms", *output.splitlines(), sep="\n# ")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
