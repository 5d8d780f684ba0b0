#!/usr/bin/env python3
"""The container of the migration task for the emulator: pulls the very image of the newest task, unpacks it, and becomes its entrypoint, with
nothing of this machine in sight but the network. What a VPC would do is given as NAME=VALUE: where the database's name leads to.

usage: run_image.py FAMILY WORK_DIR AUTHORITY NAME=VALUE...
"""
import base64
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

USER = 65532


def newest_image(ecs, family):
    """Image of the newest task of the family, by digest."""
    arns = ecs.list_tasks(cluster=os.environ["CLUSTER"], family=family)["taskArns"]
    tasks = ecs.describe_tasks(cluster=os.environ["CLUSTER"], tasks=arns)["tasks"]
    return max(tasks, key=lambda task: task["createdAt"])["containers"][0]["image"]


def unpack(image, password, root):
    """The image's layers, and its config."""
    place = root.parent / "image"
    subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--src-creds", password, f"docker://{image}", f"dir:{place}"], check=True, timeout=120,
                   stdout=subprocess.DEVNULL)
    manifest = json.loads((place / "manifest.json").read_text())
    for layer in manifest["layers"]:
        with tarfile.open(place / layer["digest"].partition(":")[2]) as archive:
            archive.extractall(root)
    return json.loads((place / manifest["config"]["digest"].partition(":")[2]).read_text())["config"]


def mount_proc(root):
    """/proc, which every container has; gone with this process (unshare(2), mount(2))."""
    new_mounts, private, recursive = 0x20000, 1 << 18, 1 << 14
    libc = ctypes.CDLL(None, use_errno=True)
    (root / "proc").mkdir(exist_ok=True)
    for failed in (libc.unshare(new_mounts), libc.mount(b"none", b"/", None, private | recursive, None),
                   libc.mount(b"proc", bytes(root / "proc"), b"proc", 0, None)):
        assert failed == 0, os.strerror(ctypes.get_errno())


def main():
    import boto3
    family, work, authority, *more = sys.argv[1:]
    ecs, ecr = (boto3.client(name, region_name="ap-northeast-1", endpoint_url=os.environ["EMULATOR"], aws_access_key_id=os.environ.get("PULL_KEY", "x"),
                             aws_secret_access_key="x")
                for name in ("ecs", "ecr"))
    token = ecr.get_authorization_token()["authorizationData"][0]
    image = token["proxyEndpoint"].split("//")[1] + "/" + newest_image(ecs, family).partition("/")[2]
    root = pathlib.Path(tempfile.mkdtemp(dir=work)) / "root"
    root.mkdir()
    config = unpack(image, base64.b64decode(token["authorizationToken"]).decode(), root)
    pathlib.Path(work, "rds-ca.pem").write_bytes((root / "app" / "rds-ca.pem").read_bytes())
    (root / "app" / "rds-ca.pem").write_bytes(pathlib.Path(authority).read_bytes())
    assert config["User"] == f"{USER}:{USER}", config
    environment = dict(line.split("=", 1) for line in config["Env"]) | {key: value for key, value in os.environ.items() if key not in KEEP}
    environment |= dict(pair.split("=", 1) for pair in more)
    mount_proc(root)
    os.chroot(root)
    os.chdir(config["WorkingDir"])
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    os.execve(config["Entrypoint"][0], config["Entrypoint"], environment)


KEEP = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "EMULATOR", "CLUSTER", "PULL_KEY")  # of this machine, not of the task

if __name__ == "__main__":
    main()
