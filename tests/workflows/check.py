#!/usr/bin/env python3
"""What `golive generate workflows` writes: clean under actionlint and zizmor, pinned, least rights; and people's edits live on."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
GOLIVE = os.environ["GOLIVE"]
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def judges():
    """The pinned Python environment runs this program anew."""
    venv = subprocess.run([ROOT / "scripts/venv", ROOT / "tests/workflows/requirements.txt"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    if os.path.realpath(sys.prefix) != os.path.realpath(venv):
        os.execv(f"{venv}/bin/python", [f"{venv}/bin/python", *sys.argv])
    return pathlib.Path(venv)


class Tap:
    count = failed = 0

    def check(self, good, title, *details):
        self.count += 1
        self.failed += not good
        print("ok" if good else "not ok", self.count, "-", title, flush=True)
        for detail in [] if good else details:
            for line in str(detail).splitlines()[:40]:
                print("#", line, flush=True)


class Project:
    """A copy of the example with the complete golive.yaml, changed by `edit`."""

    def __init__(self, edit=lambda text: text, below=".", frontend=True):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="golive-workflows-"))
        self.dir = self.top / below
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "backend").mkdir()
        if frontend:
            (self.dir / "frontend").mkdir()
            shutil.copy(ROOT / "examples/glanceflow/frontend/package.json", self.dir / "frontend")
        self.settings = edit((ROOT / "docs/golive.example.yaml").read_text(encoding="utf-8"))
        (self.dir / "golive.yaml").write_text(self.settings, encoding="utf-8")
        subprocess.run(["git", "init", "-q", self.top], check=True)

    def golive(self, *flags):
        done = subprocess.run([GOLIVE, "generate", "workflows", *flags], cwd=self.dir, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def file(self, name):
        return self.top / ".github/workflows" / name

    def files(self):
        return sorted((self.top / ".github/workflows").glob("*.yml"))

    def close(self):
        shutil.rmtree(self.top)


def actionlint(venv, top):
    program = shutil.which("actionlint")
    command = [program] if program else ["go", "run", ACTIONLINT]
    files = sorted(str(path) for path in (top / ".github/workflows").glob("*.yml"))
    # `go run` wants a module's directory or none at all: not the project's.
    return subprocess.run([*command, "-no-color", "-shellcheck", venv / "bin/shellcheck", *files], cwd="/", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def zizmor(venv, top):
    return subprocess.run([venv / "bin/zizmor", "--offline", "--no-progress", "--persona", "pedantic", "."], cwd=top, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def replaced(*pairs):
    def edit(text):
        for before, after in pairs:
            assert before in text, before
            text = text.replace(before, after)
        return text
    return edit


VARIANTS = {
    "as in the example": {},
    "below the top of the repository": {"below": "apps/shop"},
    "without a frontend": {"frontend": False},
    "trunk based, no Sentry, cargo-deny, Trivy, no SAST": {"edit": replaced(
        ("production: main, integration: develop", "production: trunk, integration: none"), ("provider: sentry", "provider: none"),
        ("rust: cargo-audit", "rust: cargo-deny"), ("sast: codeql", "sast: none"), ("image: ecr", "image: trivy"), ("arch: ARM64", "arch: X86_64"))},
}


def judge_variants(tap, venv):
    for title, options in VARIANTS.items():
        project = Project(**options)
        code, out = project.golive()
        tap.check(code == 0 and len(project.files()) == 4, f"{title}: four files are written", out)
        for name, run in (("actionlint", actionlint), ("zizmor", zizmor)):
            done = run(venv, project.top)
            tap.check(done.returncode == 0, f"{title}: clean under {name}", done.stdout)
        check_rules(tap, title, project)
        project.close()


def check_rules(tap, title, project):
    import yaml
    texts = {path.name: path.read_text(encoding="utf-8") for path in project.files()}
    trees = {name: yaml.safe_load(text) for name, text in texts.items()}
    known = yaml.safe_load((ROOT / "data/actions.yaml").read_text(encoding="utf-8"))["actions"]
    uses = re.findall(r"uses: (\S+)", "".join(texts.values()))
    pinned = all(re.fullmatch(r"[^@]+@[0-9a-f]{40}", use) for use in uses)
    ours = {f"{name}@{row['commit']}" for name, row in known.items()}
    listed = all("/".join(use.split("@")[0].split("/")[:2]) + "@" + use.split("@")[1] in ours for use in uses)
    tap.check(uses and pinned and listed, f"{title}: every action is one of data/actions.yaml, by its commit", uses)
    least = all(tree["permissions"] == {} and all("permissions" in job and "timeout-minutes" in job for job in tree["jobs"].values())
                for tree in trees.values())
    writes = {(name, right) for name, tree in trees.items() for job in tree["jobs"].values()
              for right, level in (job["permissions"] or {}).items() if level == "write"}
    allowed = {("deploy-staging.yml", "id-token"), ("deploy-production.yml", "id-token"), ("ci.yml", "security-events")}
    tap.check(least and writes <= allowed, f"{title}: rights by job, and no more than needed", writes)
    groups = {name: trees[name]["concurrency"] for name in ("deploy-staging.yml", "deploy-production.yml")}
    tap.check(all(group["cancel-in-progress"] is False for group in groups.values()), f"{title}: no release is cut off", groups)
    tap.check("AWS_SECRET_ACCESS_KEY" not in "".join(texts.values()), f"{title}: no long-lived key")
    jobs = set(trees["ci.yml"]["jobs"])
    wanted = {"backend", "scan", "image"} | ({"frontend"} if (project.dir / "frontend").exists() else set())
    tap.check(wanted <= jobs, f"{title}: the jobs that must pass exist", jobs)


def judges_notice(tap, venv):
    project = Project()
    project.golive()
    path = project.file("ci.yml")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"actions/checkout@\S+ # \S+", "actions/checkout@v7", text), encoding="utf-8")
    tap.check(zizmor(venv, project.top).returncode != 0, "zizmor notices an action by its tag")
    path.write_text(text.replace("runs-on: ubuntu-24.04-arm", "runs-on: ubuntu-4", 1), encoding="utf-8")
    tap.check(actionlint(venv, project.top).returncode != 0, "actionlint notices a runner that does not exist")
    project.close()


def edits_live_on(tap):
    project = Project()
    code, out = project.golive("--check")
    tap.check(code == 16 and "ci.yml" in out, "--check fails while they are not there", out)
    code, out = project.golive("--dry-run")
    tap.check(code == 0 and "would be written" in out and not project.files(), "--dry-run writes nothing", out)
    project.golive()
    path = project.file("ci.yml")
    own = path.read_text(encoding="utf-8") + "\n  mine:\n    runs-on: ubuntu-24.04\n    steps: []\n"
    path.write_text(own, encoding="utf-8")
    code, out = project.golive("--check")
    tap.check(code == 0, "a job of one's own is no difference", out)
    (project.dir / "golive.yaml").write_text(project.settings.replace("rust: cargo-audit", "rust: cargo-deny"), encoding="utf-8")
    code, out = project.golive("--diff")
    tap.check(code == 0 and "+          cargo deny check" in out and "-          cargo audit" in out, "--diff shows what changes", out)
    tap.check(project.golive("--check")[0] == 16, "--check notices that golive.yaml asks for something else")
    code, out = project.golive()
    text = path.read_text(encoding="utf-8")
    tap.check(code == 0 and "cargo deny" in text and text.endswith("steps: []\n"), "it is brought up to date, and one's own job stays", out)
    conflicts(tap, project, path)
    project.close()


def conflicts(tap, project, path):
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- run: npm run lint", "- run: npm run lint -- --quiet"), encoding="utf-8")
    code, out = project.golive()
    kept = "--quiet" in path.read_text(encoding="utf-8")
    tap.check(code == 7 and "the part `frontend` was changed by hand" in out and kept, "a change inside is a conflict and stays", out)
    code, out = project.golive("--check", "--format", "json")
    tap.check(code == 16 and '"frontend"' in out, "--check says so", out)
    code, out = project.golive("--force")
    tap.check(code == 0 and path.read_text(encoding="utf-8") == text, "--force replaces it", out)
    path.write_text("name: something else\n", encoding="utf-8")
    code, out = project.golive()
    tap.check(code == 7 and path.read_text(encoding="utf-8") == "name: something else\n", "a file that golive did not make stays", out)


def refusals(tap):
    project = Project(edit=replaced(("    account_id: \"222222222222\"\n", "")))
    code, out = project.golive()
    tap.check(code == 3 and "environments.stg has no account_id" in out and not project.files(), "a missing account is named", out)
    project.close()


def accounts(tap):
    """Between two accounts golive takes on the role there by itself; within one nothing is said of roles."""
    for title, edit, wanted in (("two accounts", lambda text: text, True),
                                ("one account", replaced(("222222222222", "333333333333"), ("layout: account_per_env", "layout: single")), False)):
        project = Project(edit=edit)
        code, out = project.golive()
        text = project.file("deploy-production.yml").read_text(encoding="utf-8") if code == 0 else ""
        told = "GOLIVE_PROMOTE_ROLE: ${{ vars.GOLIVE_PROMOTE_ROLE }}" in text and "golive up --env stg" in out
        tap.check(code == 0 and told == wanted and "golive promote stg prod\n" in text and "--from-profile" not in text, f"a promotion in {title}", out)
        project.close()


def sentry(tap):
    """The steps that tell Sentry, as a runner's shell runs them, with Sentry there and away."""
    import yaml
    project = Project()
    project.golive()
    stub = project.top / "bin"
    stub.mkdir()
    for name, text in (("npx", 'echo "$*" >> "$TOLD"; [ "$SENTRY" = up ]'), ("golive", "echo '{\"versions\": []}'"), ("jq", "cat > /dev/null; echo abc1234"), ("git", "echo abc1234")):
        (stub / name).write_text(f"#!/bin/sh\n{text}\n")
        (stub / name).chmod(0o755)
    for name in ("deploy-staging.yml", "deploy-production.yml"):
        tree = yaml.safe_load(project.file(name).read_text(encoding="utf-8"))
        step, = (step for job in tree["jobs"].values() for step in job["steps"] if step.get("name") == "Tell Sentry")
        for state in ("up", "down"):
            told = project.top / f"{name}.{state}"
            environment = os.environ | {"PATH": f"{stub}:{os.environ['PATH']}", "TOLD": str(told), "SENTRY": state}
            done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            warned = "::warning title=Sentry::Sentry was not told of abc1234" in done.stdout
            asked = told.read_text().splitlines()
            good = done.returncode == 0 and warned == (state == "down")
            good &= any("deploys new --release abc1234" in line for line in asked) if state == "up" else len(asked) == 1
            tap.check(good, f"{name}: Sentry is {state}", done.returncode, done.stdout, asked)
    project.close()


def main():
    venv = judges()
    tap = Tap()
    sentry(tap)
    judge_variants(tap, venv)
    judges_notice(tap, venv)
    edits_live_on(tap)
    refusals(tap)
    accounts(tap)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
