"""The conformance suite on this machine."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SETTINGS = """golive: 1
app: {name: conformance}
backend: {start_timeout_s: 5, stop_timeout_s: 5}
local: {postgres_memory_mb: 16}
release: {canary: {percent: 10}}
environments: {local: {}, prod: {}}
env_vars:
  - {name: DATABASE_URL, kind: secret, validate: {url: postgres}}
"""


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="golive-conformance-"))
    directory.chmod(0o711)
    try:
        (directory / "golive.yaml").write_text(SETTINGS, encoding="utf-8")
        environment = os.environ | {"CONFORMANCE_DIR": str(directory), "CONFORMANCE_ENV": "local"}
        return subprocess.run([sys.argv[1]], env=environment, check=False).returncode
    finally:
        shutil.rmtree(directory, ignore_errors=True)


sys.exit(main())
