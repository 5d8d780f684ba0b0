#!/usr/bin/env python3
"""Runs declarative command-line tests and prints TAP.

A file NAME.test holds cases. Each begins with a line `== title` and then has, in any order:
    file PATH            the indented lines below become that file (4 spaces are removed)
    $ COMMAND            run by sh in an empty directory of its own; `golive` is the program under test
    exit N               expected exit status (0 if not given)
    out  TEXT            standard output contains TEXT
    out! TEXT            ... does not contain it
    out= TEXT            standard output is exactly this line (several build several lines)
    err  TEXT / err! TEXT    the same for standard error
Commands of one case share the directory; expectations belong to the command above them.
"""
import os
import pathlib
import subprocess
import sys
import tempfile


def parse(path):
    cases, case, body = [], None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if body is not None and (line.startswith("    ") or not line.strip()):
            body.append(line[4:])
            continue
        body = None
        if line.startswith("== "):
            case = {"title": line[3:], "actions": []}
            cases.append(case)
        elif line.startswith("file "):
            body = []
            case["actions"].append(("file", line[5:].strip(), body))
        elif line.startswith("$ "):
            case["actions"].append(("run", line[2:], {"exit": 0, "checks": []}))
        elif line.startswith("exit "):
            case["actions"][-1][2]["exit"] = int(line[5:])
        elif line.split(" ")[0] in ("out", "out!", "out=", "err", "err!"):
            kind, _, text = line.partition(" ")
            case["actions"][-1][2]["checks"].append((kind, text.strip() if kind != "out=" else text))
        elif line.strip() and not line.startswith("#"):
            sys.exit(f"{path}:{number}: not understood: {line}")
    return cases


def check(kind, text, out, err):
    stream = out if kind.startswith("out") else err
    if kind.endswith("!"):
        return text not in stream
    return text in stream


def run_command(command, expect, directory, env):
    done = subprocess.run(["sh", "-c", command], cwd=directory, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    problems = []
    if done.returncode != expect["exit"]:
        problems.append(f"exit status {done.returncode}, expected {expect['exit']}")
    exact = [text for kind, text in expect["checks"] if kind == "out="]
    if exact and out.splitlines() != exact:
        problems.append("standard output differs from the out= lines")
    problems += [f"{kind} {text}" for kind, text in expect["checks"]
                 if kind != "out=" and not check(kind, text, out, err)]
    if problems:
        problems += ["--- stdout", *out.splitlines()[:40], "--- stderr", *err.splitlines()[:40]]
    return problems


def run_case(case, env):
    with tempfile.TemporaryDirectory(prefix="golive-cli-") as directory:
        for kind, what, details in case["actions"]:
            if kind == "file":
                target = pathlib.Path(directory, what)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text("\n".join(details).rstrip("\n") + "\n", encoding="utf-8")
            else:
                problems = run_command(what, details, directory, env)
                if problems:
                    return [f"$ {what}", *problems]
    return []


def main():
    golive = os.environ["GOLIVE"]
    cases = parse(pathlib.Path(sys.argv[1]))
    if not cases:
        sys.exit("no cases")
    env = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="", NO_COLOR="1",
               PATH=os.path.dirname(golive) + ":" + os.environ["PATH"])
    env["SOURCE_ROOT"] = os.environ.get("SOURCE_ROOT", "")
    failed = 0
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        problems = run_case(case, env)
        failed += bool(problems)
        print(("not ok" if problems else "ok"), number, "-", case["title"])
        for line in problems:
            print("#", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
