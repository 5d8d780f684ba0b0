"""Environments whose frontend is a service (frontend.mode ssr): operations one by one, and golive deploy of a project with a build of adapter-node."""
import contextlib
import json
import os
import shutil
import subprocess

from support import Environment
from test_deploy import Shop

SSR = {"frontend__mode": "ssr"}
SITE_BUILD = """#!/bin/sh
release=$(cat version) && rm -rf build && mkdir -p build/client/_app/immutable build/server
echo "export const release = $release" > "build/client/_app/immutable/start.$release.js"
echo "icon $release" > build/client/favicon.png
echo "// server of $release" > build/index.js
"""


class Pages(Environment):
    """Two services. A release's images behave each as told."""

    def __init__(self, aws, strategy="blue_green", **more):
        super().__init__(aws, strategy, **SSR, **more)

    def both(self, number, pages=None, **behaviour):
        """The operands of start for a release of both."""
        made = self.artifact(number + 1000, **(pages or {}))
        return {**self.artifact(number, **behaviour), "pages_digest": made["digest"]}

    def first(self, tool):
        """Release 1 serves."""
        tool("start", **self.both(1))
        tool("shift", release=1, pct=100)
        tool("conclude", release=1)

    def shares(self):
        """(of the backend, of the frontend), each release number to its share."""
        return self.weights(), self.weights("frontend")

    def stages(self):
        """(of the backend's newest deployment, of the frontend's)."""
        return tuple((self.deployments(part) or [{}])[0].get("lifecycleStage") for part in ("backend", "frontend"))

    def states(self):
        return tuple(self.deployments(part)[0]["status"] for part in ("backend", "frontend"))


class PagesShop(Shop):
    """A project with a backend and a frontend of adapter-node; a stand-in for node is packed, for nothing runs it here."""

    def __init__(self, aws, **more):
        super().__init__(aws, build__frontend="./build.sh", **SSR, **more)
        self.keys = {}
        frontend = self.project.path / "frontend"
        frontend.mkdir()
        (frontend / "build.sh").write_text(SITE_BUILD)
        (frontend / "build.sh").chmod(0o755)
        (frontend / "package.json").write_text('{"type": "module", "devDependencies": {"@sveltejs/adapter-node": "^5"}}')
        self.bin = self.project.path / "bin"
        self.bin.mkdir()
        (self.bin / "node").symlink_to(os.environ["STAND_IN_NODE"])
        text = (self.project.path / "golive.yaml").read_text()
        (self.project.path / "golive.yaml").write_text(text.replace(', {path: /login, marker: "<title>"}', "").replace('marker: "<title>"', 'marker: "digest"'))
        self.number("1")

    def __exit__(self, *error):
        shutil.rmtree(self.place_elsewhere(), ignore_errors=True)
        super().__exit__(*error)

    def number(self, text):
        """A new version of both."""
        self.change(text)
        (self.project.path / "frontend" / "version").write_text(text + "\n")

    def start(self, *words, program=None, cwd=None, **environment):
        from stage import GOLIVE
        edge = {"GOLIVE_EDGE_ENDPOINT": f"{self.edge['host']}:{self.edge['port']}", "GOLIVE_EDGE_CA": self.edge["ca_file"],
                "PATH": f"{self.bin}:{os.environ['PATH']}"}
        return subprocess.Popen([program or GOLIVE, words[0], "--env", self.env, *words[1:]], cwd=cwd or self.project.path,
                                env=self.project.environment() | edge | self.keys | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    @contextlib.contextmanager
    def holding(self, policy):
        """golive may do exactly this meanwhile."""
        iam = self.aws.client("iam")
        if not self.keys:
            iam.create_user(UserName="releaser")
            key = iam.create_access_key(UserName="releaser")["AccessKey"]
            self.keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        iam.put_user_policy(UserName="releaser", PolicyName="only", PolicyDocument=json.dumps(policy))
        self.aws.control("enforce", on=True)
        try:
            yield
        finally:
            self.aws.control("enforce", on=False)

    def settings_words(self):
        return [word for one in self.settings for word in ("--set", one)]

    def shares(self):
        return self.weights(), self.weights("frontend")

    def place_elsewhere(self):
        return self.project.path.with_name(self.project.path.name + "-elsewhere")

    def elsewhere(self):
        """A fresh checkout, with nothing that this machine built or noted."""
        place = self.place_elsewhere()
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.project.path, place, symlinks=True, ignore=shutil.ignore_patterns(".golive", "build", "server"))
        return place

    def ask(self, path, preview=False):
        """GET of a page through the distribution; (status, body)."""
        words = ["curl", "-sS", "--connect-to", f"app.example.com:443:{self.edge['host']}:{self.edge['port']}", "--cacert", self.edge["ca_file"],
                 "-w", "\n%{http_code}", "https://app.example.com" + path]
        words += ["-H", "x-golive-preview: 1"] if preview else []
        body, _, status = subprocess.run(words, capture_output=True, text=True, check=True).stdout.rpartition("\n")
        return int(status), body

    def assets(self):
        bucket = next(one["OutputValue"] for one in self.aws.client("cloudformation").describe_stacks(StackName=f"glanceflow-{self.env}-frontend")["Stacks"][0]["Outputs"]
                      if one["OutputKey"] == "SiteBucket")
        listed = self.aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
        return [one["Key"] for one in listed if not one["Key"].startswith("_golive/")]
