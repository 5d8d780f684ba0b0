#!/usr/bin/env python3
"""The container of a backend's task for the emulator: pulls the task's image by its digest, unpacks it, and becomes its entrypoint as the task definition
(stacks/release/task-definition.yaml) has it: an ordinary user, a root that cannot be written, an empty /tmp. Of this machine only the network is in sight.

usage: run_backend.py WORK_DIR IMAGE NAME=ADDRESS...      addresses as the VPC's resolver would give them; PULL_LOGIN has USER:PASSWORD of the registry
"""
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import sys

from run_image import KEEP, USER, mount_proc, unpack

OWN = (*KEEP, "PULL_LOGIN")  # of this program, not of the task
READ_ONLY, REMOUNT, BIND, RECURSIVE = 1, 1 << 5, 1 << 12, 1 << 14  # mount(2)


def unpacked(work, image):
    """(root directory, config) of an image. Who comes first pulls it; the others wait, and share the root, which nobody can write."""
    place = pathlib.Path(work, image.rpartition(":")[2])
    known = place / "config.json"
    with open(f"{place}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            shutil.rmtree(place, ignore_errors=True)
            (place / "root" / "tmp").mkdir(parents=True)
            config = unpack(image, os.environ["PULL_LOGIN"], place / "root")
            (place / "root" / "etc" / "hosts").touch()
            known.write_text(json.dumps(config), encoding="utf-8")
    return place / "root", json.loads(known.read_text(encoding="utf-8"))


def mount(source, target, kind, flags):
    failed = ctypes.CDLL(None, use_errno=True).mount(bytes(source), bytes(target), kind, flags, None)
    assert failed == 0, os.strerror(ctypes.get_errno())


def enclose(root, hosts):
    """What is mounted in a task's root; gone with this process."""
    mount_proc(root)
    mount(pathlib.Path("tmpfs"), root / "tmp", b"tmpfs", 0)
    names = root / "tmp" / "hosts"
    names.write_text("".join(f"{address} {name}\n" for name, _, address in (one.partition("=") for one in hosts)), encoding="utf-8")
    mount(names, root / "etc" / "hosts", None, BIND)
    names.unlink()
    mount(root, root, None, BIND | RECURSIVE)
    mount(root, root, None, BIND | REMOUNT | READ_ONLY)


def main():
    work, image, *hosts = sys.argv[1:]
    root, config = unpacked(work, image)
    assert config["User"] == f"{USER}:{USER}", config
    environment = dict(line.split("=", 1) for line in config.get("Env") or []) | {key: value for key, value in os.environ.items() if key not in OWN}
    enclose(root, hosts)
    os.chroot(root)
    os.chdir(config["WorkingDir"])
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    os.execve(config["Entrypoint"][0], config["Entrypoint"], environment)


if __name__ == "__main__":
    main()
