"""What the end-to-end tests share: a project instance of the example, golive as a process, load, TAP."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
EXAMPLE = ROOT / "examples" / "glanceflow"
# The site is built once; what is tested here happens after the build.
SETTINGS = ["release.bake_seconds=1", "release.canary.seconds=1", "build.frontend=test -d build || npm run build"]


def process_ids():
    return [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit() and int(entry.name) != os.getpid()]


def process_text(pid, part):
    """A file or link of /proc/PID as text; "" when the process has ended or is somebody else's."""
    path = f"/proc/{pid}/{part}"
    try:
        if part == "cwd":
            return os.readlink(path)
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def parent_of(pid):
    for line in process_text(pid, "status").splitlines():
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return 0


class Instance:
    """An instance of the example in a state directory of its own."""

    def __init__(self, golive):
        self.golive = golive
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="golive e2e 日本語 ", dir="/tmp"))
        self.state.chmod(0o755)
        self.settings = list(SETTINGS)

    def command(self, *words, program=None):
        line = [str(program or self.golive), *words, "--state", str(self.state)]
        for setting in self.settings:
            line += ["--set", setting]
        return line

    def run(self, *words, program=None, env=None, check=True, timeout=900):
        done = subprocess.run(self.command(*words, program=program), cwd=EXAMPLE, env={**os.environ, **(env or {})},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"golive {' '.join(words)}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}")
        return done

    def outcome(self, done):
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        outcomes = [event for event in events if event.get("event") == "outcome"]
        return outcomes[-1] if outcomes else {}

    def deploy(self, **options):
        return self.run("deploy", "--format", "json", **options)

    def rollback(self, *target, **options):
        return self.run("rollback", *map(str, target), "--format", "json", **options)

    def status(self):
        return json.loads(self.run("status", "--format", "json").stdout)

    def addresses(self):
        return json.loads(self.run("local", "status", "--format", "json").stdout)["addresses"]

    def processes(self):
        """Processes that belong to this instance: their command line, directory or environment names it."""
        real = os.path.realpath(self.state / "local")
        names = [str(self.state), real]
        found = []
        for pid in process_ids():
            text = "".join(process_text(pid, part) for part in ("cmdline", "cwd", "environ"))
            if any(name in text for name in names):
                found.append(pid)
        return found

    def orphans(self, patience_s=5):
        """Processes of this instance, or of a build of it, that no supervisor of the instance stands above. A program that
        is ending has a moment to do so."""
        until = time.monotonic() + patience_s
        while True:
            found = [f"{pid} {process_text(pid, 'cmdline')}" for pid in self.processes() + self.builds()
                     if not self.is_supervised(pid)]
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.05)

    def builds(self):
        return [pid for pid in process_ids() if process_text(pid, "cwd").startswith((f"{EXAMPLE}/backend", f"{EXAMPLE}/frontend"))]

    @staticmethod
    def is_supervised(pid):
        while pid > 1:
            if process_text(pid, "comm").strip() == "s6-svscan":
                return True
            pid = parent_of(pid)
        return False

    def count(self, sql):
        """The number that a query returns, asked as the application does: with the variables of its process."""
        for pid in self.processes():
            variables = dict(line.split("=", 1) for line in process_text(pid, "environ").split("\0") if "=" in line)
            if "DATABASE_URL" in variables and "RELEASE_VERSION" in variables:
                done = subprocess.run(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql,
                                       variables["DATABASE_URL"]], stdout=subprocess.PIPE, text=True, check=True)
                return int(done.stdout)
        raise AssertionError("no process of the application runs")

    def close(self):
        self.run("local", "down", "--purge", "--yes", check=False)
        shutil.rmtree(self.state, ignore_errors=True)


class Load:
    """golive's own load generator against an instance: keep-alive, new connections, HTTP/2, WebSocket, writes."""

    def __init__(self, instance, rps=150):
        addresses = instance.addresses()
        host, port = addresses["api"].removeprefix("https://").split(":")
        app_host = addresses["app"].removeprefix("https://").split(":")[0]
        resolve = [f"{name}:{port}:127.0.0.1" for name in (host, app_host)]
        token = self.register(addresses, host, port)
        auth = [f"Authorization: Bearer {token}"]
        plan = {
            "ca_file": addresses["ca_file"], "resolve": resolve, "rps": rps, "shed_after_ms": 1000,
            "clients": {"keep_alive": {"share": 70, "connections": 16}, "fresh": {"share": 10, "connections": 8},
                        "h2": {"share": 20, "connections": 2, "streams": 10}},
            "targets": [
                {"name": "list", "method": "GET", "url": addresses["api"] + "/api/statuses?limit=5", "headers": auth, "weight": 3},
                {"name": "page", "method": "GET", "url": addresses["app"] + "/", "weight": 1},
                {"name": "write", "method": "POST", "url": addresses["api"] + "/api/statuses", "weight": 2, "idempotency": True,
                 "ack": True, "body": '{"body":"e2e {n}","mood":"focused"}', "headers": auth + ["Content-Type: application/json"]},
            ],
            "websockets": [{"name": "feed", "count": 6, "url": addresses["api"].replace("https", "wss") + "/ws",
                            "hello": json.dumps({"type": "auth", "token": token}), "expect_ready": "ready"}],
        }
        self.process = subprocess.Popen([str(instance.golive), "load", "--plan", "-"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(plan) + "\n")
        self.process.stdin.flush()

    @staticmethod
    def register(addresses, host, port):
        body = json.dumps({"email": f"e2e-{os.getpid()}-{os.urandom(4).hex()}@example.com",
                           "password": "a long enough password", "display_name": "e2e"})
        done = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--cacert", addresses["ca_file"],
                               "--resolve", f"{host}:{port}:127.0.0.1", "-H", "Content-Type: application/json",
                               "--data", body, f"https://{host}:{port}/auth/register"],
                              stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)["token"]

    def finish(self):
        """Ends the load and returns its final counts."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out.splitlines()[-1])


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, good, title, *details):
        self.count += 1
        self.failed += not good
        print("ok" if good else "not ok", self.count, "-", title, flush=True)
        if not good:
            for detail in details:
                for line in str(detail).splitlines()[-60:]:
                    print("#", line, flush=True)

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0
