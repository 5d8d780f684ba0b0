#!/usr/bin/env python3
"""cfn-lint over all stacks and release templates; prints TAP.

Findings that are wrong or meant are listed in cfn-lint/allowed.yaml with their reason; an entry that matches nothing fails too.
"""
import pathlib
import sys

import yaml
from cfnlint.api import ManualArgs, lint_file

HERE = pathlib.Path(__file__).resolve().parent
STACKS = HERE.parent.parent / "stacks"
REGIONS = ["us-east-1", "ap-northeast-1"]
BROKEN = """
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {Versioning: true}}
"""


def findings(path):
    return lint_file(path, config=ManualArgs(regions=REGIONS))


def allowance(allowed, stack, finding):
    for entry in allowed:
        if entry["rule"] == finding.rule.id and stack in entry["stacks"] and entry["contains"] in finding.message:
            return entry
    return None


def lint(path, allowed, used):
    stack, problems = path.stem, []
    for finding in findings(path):
        entry = allowance(allowed, stack, finding)
        if entry is None:
            problems.append(f"{path.name}:{finding.linenumber}: {finding.rule.id} {finding.message[:300]}")
        else:
            used.add((entry["rule"], stack))
    return problems


def lint_broken(directory):
    """The linter at work: without this a cfn-lint that finds nothing would pass for clean stacks."""
    path = directory / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    return [] if findings(path) else ["cfn-lint found nothing wrong with a wrong template"]


def main():
    import tempfile

    allowed = yaml.safe_load((HERE / "cfn-lint" / "allowed.yaml").read_text(encoding="utf-8"))
    paths = sorted(STACKS.glob("*.yaml")) + sorted(STACKS.glob("release/*.yaml"))
    used, results = set(), []
    with tempfile.TemporaryDirectory() as directory:
        results.append(("cfn-lint finds a mistake", lint_broken(pathlib.Path(directory))))
    results += [(f"{path.relative_to(STACKS)} is clean", lint(path, allowed, used)) for path in paths]
    stale = [f"{entry['rule']} of {stack} no longer occurs" for entry in allowed for stack in entry["stacks"]
             if (entry["rule"], stack) not in used]
    results.append(("every allowed finding still occurs", stale))
    results.append(("there are stacks", [] if len(paths) > 20 else ["stacks are missing"]))
    print(f"1..{len(results)}")
    for number, (title, problems) in enumerate(results, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {title}")
        for problem in problems:
            print(f"# {problem}")
    return 1 if any(problems for _, problems in results) else 0


if __name__ == "__main__":
    sys.exit(main())
