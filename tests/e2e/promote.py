#!/usr/bin/env python3
"""A release goes from staging to production on this machine: refused, approved with keys of ssh-keygen, shipped, and a hotfix."""
import json
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from support import Tap  # noqa: E402

GOLIVE = os.environ["GOLIVE"]
SETTINGS = """\
golive: 1
app: {{name: demo, platform: local}}
backend: {{binary: server}}
build: {{backend: 'cp "$SAMPLE_HTTPD" server'}}
release:
  bake_seconds: 1
  canary: {{seconds: 1}}
  smoke: [{{name: ready, url: 'https://{{domain.api}}/readyz', status: 200}}]
people:
  - {{id: sato, email: sato@example.com, key: '{sato}'}}
  - {{id: tanaka, email: tanaka@example.com, key: '{tanaka}'}}
  - {{id: suzuki, email: suzuki@example.com, key: '{suzuki}'}}
environments:
  stg: {{domain: {{api: api.stg.localhost, app: app.stg.localhost}}}}
  prod:
    domain: {{api: api.prod.localhost, app: app.prod.localhost}}
    approval: {{min: 2, approvers: [sato, tanaka, suzuki]}}
"""


class Project:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="golive promote ", dir="/tmp"))
        self.dir.chmod(0o755)
        keys = {name: self.key(name, passphrase) for name, passphrase in (("sato", ""), ("tanaka", ""), ("suzuki", "open sesame"))}
        (self.dir / "backend/migrations").mkdir(parents=True)
        (self.dir / "backend/migrations/1_t.sql").write_text("create table t (id int);\n", encoding="utf-8")
        (self.dir / ".gitignore").write_text(".golive/\nbackend/server\nkeys/\n", encoding="utf-8")
        (self.dir / "golive.yaml").write_text(SETTINGS.format(**keys), encoding="utf-8")
        self.sh("git init -q . && git config user.name s && git config user.email sato@example.com && git add -A && git commit -qm one")

    def key(self, name, passphrase):
        (self.dir / "keys").mkdir(exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", self.dir / "keys" / name], check=True)
        return (self.dir / "keys" / f"{name}.pub").read_text(encoding="utf-8").strip()

    def sh(self, command, env=None):
        return subprocess.run(["sh", "-ec", command], cwd=self.dir, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout

    def golive(self, *words):
        env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        done = subprocess.run([GOLIVE, *words], cwd=self.dir, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300)
        return done.returncode, done.stdout

    def typed(self, answer, *words):
        """golive on a terminal of its own, where somebody types the answer once it asks for the passphrase."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.dir)
            os.execv(GOLIVE, [GOLIVE, *words])
        shown, answered = b"", False
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                part = b""
            if not part:
                break
            shown += part
            if b"Passphrase of" in shown and not answered:
                answered = True
                os.write(terminal, answer.encode() + b"\n")
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode("utf-8", "replace")

    def serving(self, env):
        status = json.loads(self.golive("status", "--env", env, "--format", "json")[1])
        return status["serving"], [version["digest"] for version in status["versions"] if version["weight_pct"] == 100], status

    def close(self):
        for env in ("stg", "prod"):
            self.golive("local", "down", "--env", env, "--purge", "--yes")
        shutil.rmtree(self.dir, ignore_errors=True)


def refusals(tap, project):
    code, out = project.golive("promote", "stg", "prod")
    tap.check(code == 7 and "nothing serves in stg" in out, "what never passed is refused", out)
    code, out = project.golive("deploy", "--env", "prod")
    tap.check(code == 7 and "--hotfix REASON" in out, "the working tree is not shipped past the approvals", out)
    code, out = project.golive("approve", "prod", "--yes")
    tap.check(code == 7 and "nobody asks" in out, "nothing is signed that nobody asks for", out)


def approvals(tap, project):
    code, out = project.golive("promote", "stg", "prod")
    tap.check(code == 7 and "Waiting for approvals: " in out and "has 0 of the 2 approvals" in out and "error:" not in out
              and "Ask tanaka, suzuki to run golive approve prod" in out, "promote asks for approvals, of who can give them", out)
    code, out = project.golive("promote", "stg", "prod", "--format", "json")
    last = json.loads(out.splitlines()[-1])
    tap.check(code == 7 and last["event"] == "outcome" and last["waits_for_approvals"] and '"error"' not in out,
              "a program reads that it waits", out)
    code, out = project.golive("approve", "prod", "--key", "keys/sato", "--yes")
    tap.check(code == 7 and "sato wrote some of what is shipped" in out, "who wrote it does not approve it", out)
    code, out = project.golive("approve", "prod", "--key", "keys/tanaka", "--yes")
    tap.check(code == 0 and "tanaka approved release 1 of stg for prod (1 of 2)" in out, "an unencrypted key signs", out)
    code, out = project.typed("open barley", "approve", "prod", "--key", "keys/suzuki", "--yes")
    tap.check(code == 7 and "the passphrase does not open the key" in out and "barley" not in out, "a wrong passphrase opens nothing", out)
    # An encrypted key by ssh-keygen itself, which asks the program of SSH_ASKPASS.
    project.sh(f"""'{GOLIVE}' approve prod --statement > keys/s.json
        printf '#!/bin/sh\\necho open sesame\\n' > keys/ask && chmod +x keys/ask
        ssh-keygen -Y sign -n golive-approval -f keys/suzuki keys/s.json""",
               {"SSH_ASKPASS": str(project.dir / "keys/ask"), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"})
    code, out = project.golive("approve", "prod", "--signature", "keys/s.json.sig", "--format", "json")
    tap.check(code == 0 and json.loads(out)["approvals"] == 2, "a signature of ssh-keygen -Y sign is taken", out)
    code, out = project.typed("open sesame", "approve", "prod", "--key", "keys/suzuki", "--yes")
    tap.check(code == 0 and "suzuki approved" in out and "(2 of 2)" in out and "sesame" not in out,
              "the right passphrase, which is not shown, signs; one person counts once", out)


def shipping(tap, project):
    code, out = project.golive("promote", "stg", "prod", "--dry-run")
    tap.check(code == 0 and "not built again" in out and "Nothing was changed" in out, "a dry run shows the steps", out)
    code, out = project.golive("promote", "stg", "prod")
    tap.check(code == 0 and "approved by tanaka, suzuki" in out, "the release is shipped", out)
    there, here = project.serving("stg"), project.serving("prod")
    tap.check(there[1] == here[1] and len(here[1]) == 1, "both environments run the same digest", there, here)
    code, out = project.golive("promote", "stg", "prod")
    tap.check(code == 7 and "serves in prod already" in out, "nothing is shipped twice", out)


def hotfixes(tap, project):
    project.sh("echo '-- remark' >> backend/migrations/note.txt; git add -A; git commit -qm two")
    code, out = project.golive("promote", "stg", "prod")
    tap.check(code == 7 and "is not the source of release 1" in out and "git checkout" in out, "another source is refused", out)
    code, out = project.golive("deploy", "--env", "prod", "--hotfix", "login is down")
    tap.check(code == 0, "a hotfix ships", out)
    code, out = project.golive("log", "--hotfixes", "--env", "prod")
    tap.check(code == 0 and 'hotfix="login is down"' in out and len(out.splitlines()) == 1, "it is listed for review", out)
    tap.check("without approval: login is down" in project.golive("status", "--env", "prod")[1], "status says so while it serves")
    code, out = project.golive("log", "verify")
    tap.check(code == 0 and "the chain is whole" in out, "the ledger's chain is whole", out)


def stopping(tap, project):
    """What is stopped serves nothing, whatever the ledger says of the last release; and a deploy that fails then keeps nothing serving."""
    project.golive("local", "down", "--env", "stg")
    out = project.golive("status", "--env", "stg")[1]
    tap.check("stopped; golive local up --env stg starts it again" in out and "Served last: release 1" in out and "Serving:" not in out,
              "a stopped platform serves nothing", out)
    serving, running, _ = project.serving("stg")
    tap.check(serving == 0 and not running, "nor in JSON", serving, running)
    code, out = project.golive("rollback", "99", "--env", "stg", "--format", "json")
    last = json.loads(out.splitlines()[0])
    tap.check(code == 8 and last["event"] == "outcome" and last["serving"] == 0 and "golive status --env stg" in out,
              "nor for what is refused meanwhile", out)


def main():
    tap = Tap()
    project = Project()
    try:
        refusals(tap, project)
        code, out = project.golive("deploy", "--env", "stg")
        tap.check(code == 0, "staging takes the working tree without approvals", out)
        approvals(tap, project)
        shipping(tap, project)
        hotfixes(tap, project)
        stopping(tap, project)
    finally:
        project.close()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
