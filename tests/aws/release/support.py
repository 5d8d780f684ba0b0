"""The platform of releases on AWS against the emulator: an environment with its stacks, images, and operations one by one."""
import contextlib
import hashlib
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "up")]
from harness import Emulator, run, until  # noqa: E402,F401
from stage import ROOT, Project  # noqa: E402

TOOL = os.environ.get("RELEASE_TOOL", str(ROOT / "build" / "tests" / "aws" / "release" / "release_tool"))
STACKS = ("bootstrap", "service", "data", "frontend")  # with what they need
ARCHITECTURES = {"ARM64": "arm64", "X86_64": "amd64"}
STACK_OF = {"backend": "service", "frontend": "frontend-ssr"}
FAST = {"minute_s": 0.5}


class Failed(Exception):
    """What an operation failed with: .code, .message, .hint."""

    def __init__(self, answer):
        super().__init__(f"{answer['code']}: {answer.get('message')}")
        self.code, self.message, self.hint = answer["code"], answer.get("message") or "", answer.get("hint") or ""


class Tool:
    """release_tool as a process; one operation at a time."""

    def __init__(self, project, edge, env, *settings):
        self.process = subprocess.Popen([TOOL, env, *settings], cwd=project.path, env=project.environment() | edge, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said, self.answers, self.ms = [], queue.Queue(), 0
        for stream, take in ((self.process.stdout, self._answer), (self.process.stderr, self.said.append)):
            threading.Thread(target=self._read, args=(stream, take), daemon=True).start()

    def _read(self, stream, take):
        for line in stream:
            take(line.rstrip("\n"))
        if stream is self.process.stdout:
            self.answers.put(None)

    def _answer(self, line):
        self.answers.put(json.loads(line))

    def begin(self, op, **given):
        self.op = op
        self.process.stdin.write(json.dumps({"op": op, **given}) + "\n")
        self.process.stdin.flush()

    def end(self, seconds=240):
        answer = self.answers.get(timeout=seconds)
        assert answer is not None, "the tool ended: " + "\n".join(self.said)
        self.ms = answer["ms"]
        if os.environ.get("SHOW_TIMES"):
            print("#", answer["ms"], "ms", self.op, flush=True)
        if not answer["ok"]:
            raise Failed(answer)
        return answer.get("result")

    def __call__(self, op, seconds=240, **given):
        self.begin(op, **given)
        return self.end(seconds)

    def says(self, text, seconds=120):
        """Waits until it has said the text."""
        until(lambda: any(text in line for line in self.said), bool, seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(120)
        assert "Sanitizer" not in "\n".join(self.said), "\n".join(self.said)
        return status


class Environment:
    """One environment with its stacks, and releases of made-up images."""

    stacks = STACKS

    def __init__(self, aws, strategy="blue_green", env="prod", **more):
        self.aws, self.env, self.tools = aws, env, []
        self.settings = [f"release.strategy={strategy}", "release.rollback.when=[]" if more.pop("no_alarms", False) else "release.keep=3", "release.bake_minutes=1"]
        self.settings += [f"{key.replace('__', '.')}={value}" for key, value in more.items()]
        self.project = Project(aws.url)
        self.layout = self.project.path / ".golive" / "images"
        self.edge = aws.control("edge", "GET")
        aws.control("settings", **FAST)

    def request(self, target):
        """GET of a probe's target; (status, body)."""
        host, _, rest = target["resolve"].partition(":443:")
        words = ["curl", "-sS", "--connect-to", f"{host}:443:{rest}", "--cacert", target["ca_file"], "-w", "\n%{http_code}", target["base_url"] + "/x"]
        words += ["-H", target["header"]] if target.get("header") else []
        body, _, status = subprocess.run(words, capture_output=True, text=True, check=True).stdout.rpartition("\n")
        return int(status), body

    def __enter__(self):
        self.aws.prepared(self.project.path, self.put_up, self.stacks, self.env, self.settings, (self.project.path / "golive.yaml").read_text(encoding="utf-8"))
        return self

    def put_up(self):
        words = [word for one in self.settings for word in ("--set", one)]
        for stack in self.stacks:
            self.project.up("--stack", stack, *words, env=self.env).must(0)
        self._fill_secrets()

    def _fill_secrets(self):
        store = self.aws.client("secretsmanager")
        for one in store.list_secrets()["SecretList"]:
            if one["Name"].startswith(f"/glanceflow/{self.env}/"):
                store.put_secret_value(SecretId=one["ARN"], SecretString="a value that tests made up")

    def __exit__(self, *error):
        for tool in self.tools:
            if tool.process.poll() is None:
                tool.kill() if error[0] else tool.close()
        self.project.__exit__(*error)

    def tool(self, url=None):
        """The tool; with `url` it reaches AWS there (a proxy)."""
        edge = {"GOLIVE_EDGE_ENDPOINT": f"{self.edge['host']}:{self.edge['port']}", "GOLIVE_EDGE_CA": self.edge["ca_file"]}
        edge |= {"AWS_ENDPOINT_URL": url} if url else {}
        self.tools.append(Tool(self.project, edge, self.env, *self.settings))
        return self.tools[-1]

    # -- releases

    def _blob(self, content):
        data = json.dumps(content).encode()
        digest = hashlib.sha256(data).hexdigest()
        path = self.layout / "blobs" / "sha256" / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return "sha256:" + digest, len(data)

    def artifact(self, number, arch="ARM64", **behaviour):
        """The operands of start for release `number`; its tasks behave as told."""
        config, size = self._blob({"architecture": ARCHITECTURES[arch], "os": "linux", "config": {"Entrypoint": ["/app"]},
                                    "rootfs": {"type": "layers", "diff_ids": []}, "number": number})
        kind = "application/vnd.oci.image.config.v1+json"
        digest, _ = self._blob({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                                "config": {"mediaType": kind, "digest": config, "size": size}, "layers": []})
        if behaviour:
            self.aws.control("image", digest=digest, behaviour=behaviour)
        return {"release": number, "version": f"v{number}", "digest": digest, "layout": str(self.layout), "timeout_ms": 30000}

    def first(self, tool):
        """Release 1 serves."""
        tool("start", **self.artifact(1))
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)

    # -- what AWS has

    @property
    def ecs(self):
        return self.aws.client("ecs")

    @property
    def cluster(self):
        return f"glanceflow-{self.env}-cluster"

    def service(self, part="backend"):
        found = self.ecs.describe_services(cluster=self.cluster, services=[f"glanceflow-{self.env}-{part}"])["services"]
        return next((one for one in found if one["status"] == "ACTIVE"), None)

    def deployments(self, part="backend"):
        """Newest first."""
        listed = self.ecs.list_service_deployments(cluster=self.cluster, service=f"glanceflow-{self.env}-{part}")["serviceDeployments"]
        arns = [one["serviceDeploymentArn"] for one in sorted(listed, key=lambda one: one["createdAt"], reverse=True)]
        found = self.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"] if arns else []
        return sorted(found, key=lambda one: arns.index(one["serviceDeploymentArn"]))

    def definition_of(self, number, part="backend"):
        return next((arn for arn in self.definitions(part) if self.tags(arn).get("golive:release") == str(number)), None)

    def definitions(self, part="backend"):
        return self.ecs.list_task_definitions(familyPrefix=f"glanceflow-{self.env}-{part}", status="ACTIVE")["taskDefinitionArns"]

    def tags(self, arn):
        return {one["key"]: one["value"] for one in self.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])["tags"]}

    def weights(self, part="backend"):
        """Release number to its share by the production rule."""
        stack = f"glanceflow-{self.env}-{STACK_OF[part]}"
        outputs = self.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        rule = next(one["OutputValue"] for one in outputs if one["OutputKey"] == "ProductionRuleArn")
        groups = self.aws.client("elbv2").describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
        shares = {one["TargetGroupArn"]: one["Weight"] for one in groups}
        found = {}
        for current in self.service(part)["currentServiceRevisions"]:
            revision = self.ecs.describe_service_revisions(serviceRevisionArns=[current["arn"]])["serviceRevisions"][0]
            number = int(self.tags(revision["taskDefinition"])["golive:release"])
            found[number] = shares[revision["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"]]
        return found


@contextlib.contextmanager
def failing(code, *words):
    """The operation inside must fail with this code, and say these words in message or hint."""
    try:
        yield
    except Failed as error:
        assert error.code == code, f"{error.code}, not {code}: {error.message}"
        for word in words:
            assert word in error.message + "\n" + error.hint, f"`{word}` is not said: {error.message} / {error.hint}"
    else:
        raise AssertionError(f"it did not fail with {code}")


def share(versions, release):
    return next((one for one in versions if one["release"] == release), {"weight_pct": None, "healthy": None})


def main(tests):
    """Runs the tests of a file, each on a fresh emulator."""
    emulator = Emulator()
    try:
        sys.exit(run(tests, emulator))
    finally:
        emulator.stop()
