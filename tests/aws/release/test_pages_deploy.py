#!/usr/bin/env python3
"""golive deploy, rollback, promote, status and logs of a frontend that is a service: whole releases, undone, killed, continued elsewhere; its image run."""
import copy
import http.client
import json
import os
import pathlib
import socket
import subprocess
import tarfile
import tempfile

from pages_stage import PagesShop
from support import ROOT, main, until

KILLABLE = os.environ["GOLIVE_KILLABLE"]
# Where golive is ended: when a step begins, or so many milliseconds inside it.
POINTS = ("step.begin:image+20", "step.begin:place+150", "step.begin:start+400", "step.begin:shift+60", "step.begin:finish")


def test_deploy(aws):
    """two releases of both, pages through CloudFront, assets of both in the bucket, status, logs, and back"""
    with PagesShop(aws) as shop:
        said = shop.golive("deploy")
        assert "pages come from a service" in said and "frontend sha256:" in said, said
        assert shop.shares() == ({1: 100}, {1: 100})
        first = shop.tags(shop.definition_of(1, "frontend"))["golive:digest"]
        assert shop.ask("/about")[0] == 200 and first in shop.ask("/about")[1]
        shop.number("2")
        shop.golive("deploy")
        assert shop.shares() == ({2: 100}, {2: 100})
        assert shop.assets() == ["_app/immutable/start.1.js", "_app/immutable/start.2.js"], "nothing but what has a hash in its name"
        assert [shop.ask(f"/_app/immutable/start.{number}.js")[1].strip() for number in (1, 2)] == [f"export const release = {n}" for n in (1, 2)]
        said = json.loads(shop.golive("status", "--format", "json"))
        assert said["serving"] == 2 and said["frontend_release"] == 2 and said["versions"][0]["weight_pct"] == 100, said
        assert {one["name"] for one in said["platform"]["services"]} == {"glanceflow-prod-backend", "glanceflow-prod-frontend"}, said
        assert "release 2" in shop.golive("status")
        shop.golive("logs", "frontend")
        shop.golive("rollback")
        assert shop.shares() == ({1: 100}, {1: 100}) and first in shop.ask("/")[1]


def test_pages_break(aws):
    """pages that die at their start undo the whole release: exit status 4, the old version of both serves, the cause is said"""
    with PagesShop(aws) as shop:
        shop.golive("deploy")
        aws.control("image", family="glanceflow-prod-frontend", behaviour={"start": "exit", "log": ["Error: Cannot find package 'x'"]})
        shop.number("2")
        said = shop.golive("deploy", status=4)
        assert "the frontend's service" in said and "its process ended" in said and "Cannot find package" in said, said
        until(lambda: [shop.deployments(part)[0]["status"] for part in ("backend", "frontend")], lambda states: states == ["ROLLBACK_SUCCESSFUL"] * 2)
        assert shop.shares() == ({1: 100}, {1: 100})


def test_smoke_before_traffic(aws):
    """pages that answer with errors are found before anybody gets one: exit status 4"""
    with PagesShop(aws) as shop:
        shop.golive("deploy")
        aws.control("image", family="glanceflow-prod-frontend", behaviour={"error_share": 1.0})
        shop.number("2")
        said = shop.golive("deploy", status=4)
        assert "page /" in said and "answers 500" in said, said
        until(shop.shares, lambda shares: shares == ({1: 100}, {1: 100}))


def test_killed(aws):
    """golive is killed at points of a release, and goes on here or in a fresh checkout: one definition and one deployment of each, both serve"""
    with PagesShop(aws) as shop:
        shop.golive("deploy")
        for number, point in enumerate(POINTS, 2):
            shop.number(str(number))
            process = shop.start("deploy", *shop.settings_words(), program=KILLABLE, GOLIVE_KILL=point)
            out, error = process.communicate(timeout=480)
            assert process.returncode == -9, (point, process.returncode, out, error)
            again = shop.start("deploy", *shop.settings_words(), cwd=shop.elsewhere() if number % 2 else None)
            out, error = again.communicate(timeout=480)
            assert again.returncode == 0, (point, out, error)
            assert shop.shares() == ({number: 100}, {number: 100}), (point, shop.shares())
            kept = [[shop.tags(one)["golive:release"] for one in shop.definitions(part)] for part in ("backend", "frontend")]
            assert all(len(one) == len(set(one)) for one in kept), (point, kept)
            assert shop.ask(f"/_app/immutable/start.{number}.js")[0] == 200, point


def test_promote(aws):
    """the backend's image goes on as it passed; pages are built again with the variables of production, under a tag of their own"""
    with PagesShop(aws, env="stg") as staging:
        staging.golive("deploy")
        production = copy.copy(staging)
        production.env = "prod"
        production.tools = []
        production.put_up()
        production.golive("promote", "stg", "prod")
        assert production.shares() == ({1: 100}, {1: 100})
        assert production.image_of(1) == staging.image_of(1)


def without(text, resource):
    """The policy without one resource."""
    policy = json.loads(text)
    for one in policy["Statement"]:
        one["Resource"] = [name for name in one["Resource"] if name != resource] if isinstance(one["Resource"], list) else one["Resource"]
    assert resource not in json.dumps(policy)
    return policy


def test_rights(aws):
    """both services are released and gone back to under exactly policies/deploy.json; without its rights on the second one golive names what lacks"""
    text = (ROOT / "policies" / "deploy.json").read_text(encoding="utf-8").replace("APP", "glanceflow").replace("ENV", "prod")
    with PagesShop(aws) as shop:
        shop.golive("deploy")
        with shop.holding(json.loads(text)):
            shop.number("2")
            for words in (("deploy",), ("logs", "frontend"), ("status",), ("rollback",)):
                shop.golive(*words)
        assert shop.shares() == ({1: 100}, {1: 100})
        with shop.holding(without(text, "arn:aws:iam::*:role/glanceflow-prod-ssr-task")):
            shop.number("3")
            assert "iam:PassRole" in shop.golive("deploy", status=4)
        assert shop.shares() == ({1: 100}, {1: 100})


def test_no_node_service(aws):
    """a build that is none of adapter-node: refused with what to do; nothing is changed"""
    with PagesShop(aws) as shop:
        (shop.project.path / "frontend" / "build.sh").write_text("#!/bin/sh\nmkdir -p build && echo x > build/index.html\n")
        said = shop.golive("deploy", status=3)
        assert "is no Node service" in said and "@sveltejs/adapter-node" in said, said
        assert shop.definitions() == [] and shop.definitions("frontend") == []


# ---- the image itself

SERVER = """import {createServer} from 'node:http';
import {word} from 'needed';
createServer((request, answer) => answer.end(word + process.env.NODE_ENV)).listen(process.env.PORT);
"""


def with_package(shop):
    """The frontend loads a package at run time, which its lock file names; and one that only its build needs."""
    place = shop.project.path / "packages"
    frontend = shop.project.path / "frontend"
    for name in ("needed", "unneeded"):
        (place / name).mkdir(parents=True)
        (place / name / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0", "type": "module", "exports": "./index.js"}))
        (place / name / "index.js").write_text(f"export const word = '{name}, ';\n")
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", str(place)], cwd=place / name, check=True, stdout=subprocess.DEVNULL)
    depends = {"dependencies": {"needed": f"file:{place}/needed-1.0.0.tgz"}, "devDependencies": {"unneeded": f"file:{place}/unneeded-1.0.0.tgz"}}
    (frontend / "package.json").write_text(json.dumps({"name": "site", "type": "module", "private": True, **depends}))
    subprocess.run(["npm", "install", "--package-lock-only", "--offline", "--silent"], cwd=frontend, check=True)
    with (frontend / "build.sh").open("a") as script:
        script.write("cat > build/index.js << 'END'\n" + SERVER + "END\n")


def unpacked(layout, digest, root):
    """The image's layers in a directory; its config."""
    blob = lambda name: layout / "blobs" / "sha256" / name.removeprefix("sha256:")
    manifest = json.loads(blob(digest).read_text())
    for layer in manifest["layers"]:
        with tarfile.open(blob(layer["digest"])) as archive:
            archive.extractall(root)
    return json.loads(blob(manifest["config"]["digest"]).read_text())["config"], manifest


def contained(root, config, port):
    """The image's program, with nothing of this machine in sight but the network."""
    def enter():
        os.chroot(root)
        os.chdir(config["WorkingDir"])
        os.setgroups([])
        os.setgid(65532)
        os.setuid(65532)
    environment = dict(one.split("=", 1) for one in config["Env"]) | {"PORT": str(port)}
    return subprocess.Popen(config["Entrypoint"], env=environment, preexec_fn=enter, stdin=subprocess.DEVNULL)


def answer_of(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    except OSError:
        return None


def test_image_runs(aws):
    """the image runs by itself: node, its libraries, the packages that it loads and no others, the build; unchanged layers are the same blobs"""
    if os.geteuid() != 0:
        print("# not run: the image gets a root directory of its own, which needs root")
        return
    with PagesShop(aws) as shop:
        (shop.bin / "node").unlink()
        with_package(shop)
        shop.golive("deploy")
        shop.number("2")
        shop.golive("deploy")
        digests = [shop.tags(shop.definition_of(number, "frontend"))["golive:digest"] for number in (1, 2)]
        with tempfile.TemporaryDirectory() as place:
            root = pathlib.Path(place)
            root.chmod(0o755)
            config, manifest = unpacked(shop.layout, digests[1], root)
            _, before = unpacked(shop.layout, digests[0], root / "before")
            assert [one["digest"] for one in manifest["layers"]][:-1] == [one["digest"] for one in before["layers"]][:-1]
            assert sorted(one.name for one in (root / "app" / "node_modules").iterdir() if one.is_dir()) == ["needed"]
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            process = contained(root, config, port)
            try:
                until(lambda: answer_of(port) or process.poll(), lambda found: found is not None, 60)
                assert answer_of(port) == "needed, production", (answer_of(port), process.poll())
            finally:
                process.kill()
                process.wait()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    main(TESTS)
